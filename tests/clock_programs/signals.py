"""Signals, cancellation, fork and exec in the midst of a wait; programs that want SIGSYS for themselves."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

from common import FULL_MASK, MONOTONIC, REALTIME, call, interrupt_later, later, libc, run, timed, timespec

ALL = signal.valid_signals()
HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)


def handle(function, number=signal.SIGUSR1, restart=True):
    """Have a signal handled at once, in the midst of a system call, and not when Python comes to it."""
    handler = HANDLER(lambda _: function())
    globals().setdefault("keep", []).append(handler)
    libc.signal(int(number), handler)
    libc.siginterrupt(int(number), not restart)


def poke_later(seconds, number=signal.SIGUSR1):
    later(seconds, signal.pthread_kill, threading.get_ident(), number)


def python_sleeps_on():
    """None after 2"""
    interrupt_later(0.5)
    interrupt_later(1)
    print(timed(time.sleep, 2))


def a_handler_that_sleeps():
    """in it 0 after 5
    EINTR after 5.5
    in it 0 after 0.25
    EINTR after 0.75
    0 after 2"""
    for span in (5, 0.25):
        handle(lambda span=span: print("in it", timed(call, "nanosleep", timespec(span), None)))
        poke_later(0.5)
        print(timed(call, "nanosleep", timespec(2), None))
    print(timed(call, "nanosleep", timespec(2), None))


def a_handler_in_a_handler():
    """inner 0 after 3
    outer EINTR after 3.5
    EINTR after 4"""
    handle(lambda: print("outer", timed(call, "nanosleep", timespec(1), None)), signal.SIGUSR1)
    handle(lambda: print("inner", timed(call, "nanosleep", timespec(3), None)), signal.SIGUSR2)
    poke_later(0.5)
    poke_later(1, signal.SIGUSR2)
    print(timed(call, "nanosleep", timespec(2), None))


def a_handler_that_waits_for_ever():
    """in it 1 after 3
    0 after 3.5"""
    # The kernel would say EINTR; here the sleep has ended in time, while the handler was at work.
    reader, writer = os.pipe()
    handle(lambda: print("in it", timed(lambda: len(os.read(reader, 1)))))
    poke_later(0.5)
    later(3.5, os.write, writer, b"x")
    print(timed(call, "nanosleep", timespec(2), None))


def a_fork_in_a_handler():
    """the child has EINTR and sleeps 0 after 1
    EINTR after 0.5
    0 after 3"""
    children = []
    handle(lambda: children.append(os.fork()))
    poke_later(0.5)
    result = timed(call, "nanosleep", timespec(2), None)
    if children == [0]:
        print("the child has", result.split()[0], "and sleeps", timed(call, "nanosleep", timespec(1), None), flush=True)
        os._exit(0)
    time.sleep(1)
    os.waitpid(children[0], 0)
    print(result)
    print(timed(call, "nanosleep", timespec(3), None))


def cancelled_in(routine, argument):
    """Have a thread of C call a function, and cancel it after half a second."""
    thread, result = ctypes.c_ulong(), ctypes.c_long()
    libc.pthread_create(ctypes.byref(thread), None, routine, ctypes.c_long(argument))
    time.sleep(0.5)
    libc.pthread_cancel(thread)
    libc.pthread_join(thread, ctypes.byref(result))
    return result.value


def a_cancelled_sleep():
    """-1 after 0.5
    None after 0.25"""
    print(timed(cancelled_in, libc.sleep, 100))
    print(timed(time.sleep, 0.25))


def a_cancelled_wait():
    """-1 after 0.5
    None after 0.25"""
    semaphore = ctypes.create_string_buffer(64)
    libc.sem_init(semaphore, 0, 0)

    @ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long)
    def wait(_):
        return libc.sem_timedwait(semaphore, ctypes.byref(timespec(100, REALTIME)))

    print(timed(cancelled_in, wait, 0))
    print(timed(time.sleep, 0.25))


def a_killed_process_leaves_no_wait():
    """-9 after 0.5
    None after 99"""

    def kill():
        child = subprocess.Popen(["sleep", "3"])
        time.sleep(0.5)
        child.kill()
        return child.wait()

    print(timed(kill))
    print(timed(time.sleep, 99))


def a_stopped_process_holds_up_nobody():
    """None after 3
    0 after 0"""
    child = subprocess.Popen(["sleep", "1"])
    time.sleep(0.5)
    child.send_signal(signal.SIGSTOP)
    print(timed(time.sleep, 3))
    child.send_signal(signal.SIGCONT)
    print(timed(child.wait))


def an_exec_in_the_midst():
    """slept 2
    0 after 2.5"""

    def replace():
        child = os.fork()
        if child == 0:
            # The thread that execs is not the one that sleeps: its number passes to the new program, without its wait.
            code = (
                "import time; start = time.monotonic(); time.sleep(2); print('slept', round(time.monotonic() - start))"
            )
            later(0.5, os.execv, sys.executable, [sys.executable, "-I", "-c", code])
            time.sleep(1)
        return os.waitpid(child, 0)[1]

    sys.stdout.flush()
    print(timed(replace))


def an_abandoned_wait_interrupts_no_later_one():
    """1 after 5"""
    # The new program's only thread bears the number of one that was asleep until 1.0.
    code = """
import ctypes, os, select, threading, time
from common import call, later, timed
reader, writer = os.pipe()
def wake():
    ctypes.CDLL(None).sleep(5)
    os.write(writer, b'x')
threading.Thread(target=wake, daemon=True).start()
poll = (ctypes.c_int * 2)(reader, 1)
print(timed(call, 'poll', poll, 1, -1), flush=True)
os._exit(0)
"""
    child = os.fork()
    if child == 0:
        os.environ["PYTHONPATH"] = os.path.dirname(__file__)
        later(0.5, os.execv, sys.executable, [sys.executable, "-c", code])
        time.sleep(1)
    os.waitpid(child, 0)


def forks_and_spawns():
    """fork 7 after 1
    spawn 7 after 1
    run 7 after 1
    TimeoutExpired"""

    def fork():
        child = os.fork()
        if child == 0:
            time.sleep(1)
            os._exit(7)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def spawn():
        child = os.posix_spawn("/bin/sh", ["sh", "-c", "sleep 1; exit 7"], os.environ, setsigmask=ALL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    print("fork", timed(fork))
    print("spawn", timed(spawn))
    print("run", timed(lambda: subprocess.run("sleep 1; exit 7", shell=True).returncode))
    print(timed(lambda: subprocess.run(["sleep", "9"], timeout=0.5)).split()[0])


def an_empty_environment():
    """0 after 1"""
    print(timed(lambda: subprocess.run(["/usr/bin/sleep", "1"], env={}).returncode))


def all_signals_blocked():
    """None after 1
    None after 1
    0 after 1
    0 after 1"""
    signal.pthread_sigmask(signal.SIG_SETMASK, ALL)
    print(timed(time.sleep, 1))
    other = threading.Thread(target=lambda: print(timed(time.sleep, 1)))
    other.start()
    other.join()
    libc.sigprocmask(2, ctypes.byref(FULL_MASK), None)
    print(timed(call, "nanosleep", timespec(1), None))
    print(timed(call, "clock_nanosleep", MONOTONIC, 0, timespec(1), None))


def its_own_handler_of_sigsys():
    """None after 1
    None after 1
    None after 1"""
    signal.signal(signal.SIGSYS, lambda *_: os._exit(1))
    print(timed(time.sleep, 1))
    signal.signal(signal.SIGSYS, signal.SIG_DFL)
    print(timed(time.sleep, 1))
    libc.signal(int(signal.SIGSYS), None)
    libc.sysv_signal(int(signal.SIGSYS), None)
    print(timed(time.sleep, 1))


def a_handler_that_blocks_all_signals():
    """in it 0 after 1
    EINTR after 1.5
    in it 0 after 1
    -1 after 1.5"""

    class Sigaction(ctypes.Structure):
        _fields_ = (("handler", ctypes.c_void_p), ("mask", ctypes.c_uint64 * 16),
                    ("flags", ctypes.c_int), ("restorer", ctypes.c_void_p))  # fmt: skip

    handler = HANDLER(lambda _: print("in it", timed(call, "nanosleep", timespec(1), None)))
    full = (ctypes.c_uint64 * 16)(*[2**64 - 1] * 16)
    wanted, old = Sigaction(ctypes.cast(handler, ctypes.c_void_p), full, 0, None), Sigaction()
    libc.sigaction(int(signal.SIGUSR1), ctypes.byref(wanted), None)
    libc.sigaction(int(signal.SIGUSR1), None, ctypes.byref(old))
    assert (old.handler, old.flags & ~0x4000000) == (wanted.handler, 0), "it is told as it was set"
    poke_later(0.5)
    print(timed(call, "nanosleep", timespec(2), None))
    libc.pthread_sigmask(0, ctypes.byref(ctypes.c_uint64(1 << 9)), None)
    poke_later(0.5)
    mask = (ctypes.c_uint64 * 16)(2**64 - 1 - (1 << 9))
    print(timed(libc.sigsuspend, ctypes.byref(mask)))


def orphans_are_reaped():
    """reaped after 1.25"""

    def double_fork():
        reader, writer = os.pipe()
        if os.fork() == 0:
            if os.fork() == 0:
                os.write(writer, str(os.getpid()).encode())
                time.sleep(1)
            os._exit(0)
        os.wait()
        orphan = int(os.read(reader, 20))
        time.sleep(1.25)
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, 0)
            return "a zombie"
        return "reaped"

    print(timed(double_fork))


def the_shells_tools():
    """124 after 1
    0 after 1
    124 after 1
    2030-01-07"""
    for command in ("timeout 1 sleep 9", "sleep 1", "read -t 1 x <>/dev/zero"):
        shell = "bash" if command.startswith("read") else "sh"
        print(timed(lambda command=command, shell=shell: min(subprocess.run([shell, "-c", command]).returncode, 124)))
    print(subprocess.run(["date", "+%Y-%m-%d"], capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    run(globals())
