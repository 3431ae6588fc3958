"""Timers that belong to no waiting thread: timerfd, setitimer, alarm, timer_create."""

import contextlib
import ctypes
import os
import select
import signal
import threading
import time

from common import MONOTONIC, REALTIME, Timespec, call, libc, run, timed, timespec

ABSOLUTE = os.TFD_TIMER_ABSTIME


class Itimerspec(ctypes.Structure):
    _fields_ = (("interval", Timespec), ("value", Timespec))


class Sigevent(ctypes.Structure):
    _fields_ = (("value", ctypes.c_void_p), ("signal", ctypes.c_int), ("notify", ctypes.c_int),
                ("function", ctypes.c_void_p), ("rest", ctypes.c_char * 40))  # fmt: skip


def expiries(fd):
    return int.from_bytes(os.read(fd, 8), "little")


def timerfd(clock=MONOTONIC):
    return os.timerfd_create(clock)


def waiting_for_signals(count):
    """The virtual instants at which so many of SIGALRM came."""
    came, start = [], time.monotonic_ns()
    signal.signal(signal.SIGALRM, lambda *_: came.append(f"{(time.monotonic_ns() - start) / 1e9:.9g}"))
    while len(came) < count:
        signal.pause()
    return " ".join(came)


def timerfd_once():
    """1 after 1.5
    BlockingIOError after 0"""
    fd = timerfd()
    os.timerfd_settime(fd, initial=1.5)
    print(timed(expiries, fd))
    os.set_blocking(fd, False)
    time.sleep(3)
    print(timed(expiries, fd))


def timerfd_interval():
    """1 after 0.5
    1 after 0.25
    1 after 0.25"""
    fd = timerfd()
    os.timerfd_settime(fd, initial=0.5, interval=0.25)
    for _ in range(3):
        print(timed(expiries, fd))


def timerfd_absolute():
    """1 after 1.5
    1 after 1.5
    1 after 0"""
    for clock, span in ((MONOTONIC, 1.5), (REALTIME, 1.5), (MONOTONIC, -1)):
        fd = timerfd(clock)
        os.timerfd_settime_ns(fd, flags=ABSOLUTE, initial=time.clock_gettime_ns(clock) + round(span * 1e9))
        print(timed(expiries, fd))


def timerfd_disarmed_and_set_again():
    """[] after 2
    [True] after 1.5
    1 after 0
    EINVAL after 0
    1 after 0.5"""
    fd, poll = timerfd(), select.poll()
    poll.register(fd, select.POLLIN)
    os.timerfd_settime(fd, initial=1)
    os.timerfd_settime(fd, initial=0)
    print(timed(poll.poll, 2000))
    os.timerfd_settime(fd, initial=1)
    os.timerfd_settime(fd, initial=1.5)
    print(timed(lambda: [bool(each) for each in poll.poll(2000)]))
    print(timed(expiries, fd))
    os.timerfd_settime(fd, initial=0.5)
    print(timed(call, "timerfd_settime", fd, 0, Itimerspec(Timespec(0, 0), Timespec(0, 10**9)), None))
    print(timed(expiries, fd))


def timerfd_wakes_an_epoll():
    """1 after 1.5
    0 after 2"""
    fd, epoll = timerfd(), select.epoll()
    epoll.register(fd, select.EPOLLIN)
    os.timerfd_settime(fd, initial=1.5)
    print(timed(lambda: len(epoll.poll(9))))
    expiries(fd)
    os.timerfd_settime(fd, initial=1, interval=0.1)
    os.close(fd)
    print(timed(lambda: len(epoll.poll(2))))


def timerfd_after_fork():
    """1 after 1.5
    the child: 0
    1 after 0.5
    [] after 1"""
    fd = timerfd()
    os.timerfd_settime(fd, initial=1.5)
    if os.fork() == 0:
        time.sleep(9)
        os._exit(0)
    print(timed(expiries, fd))
    os.timerfd_settime(fd, initial=1)
    child = os.fork()
    if child == 0:
        os.timerfd_settime(fd, initial=0.5)
        os._exit(0)
    print("the child:", os.waitpid(child, 0)[1])
    print(timed(expiries, fd))
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    print(timed(poll.poll, 1000))


def timerfd_of_a_parent_that_ended():
    """1 after 1.5"""
    fd = timerfd()
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.timerfd_settime(fd, initial=1.5)
        if os.fork() == 0:
            os.write(writer, timed(expiries, fd).encode())
        os._exit(0)
    os.wait()
    print(os.read(reader, 100).decode())


def itimers():
    """0.5 0.75 1
    (0.25, 0.25)
    (0.15, 0.25)
    (0.0, 0.0)"""
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.25)
    print(waiting_for_signals(3))
    print(signal.getitimer(signal.ITIMER_REAL))
    time.sleep(0.1)
    print(signal.setitimer(signal.ITIMER_REAL, 0))
    time.sleep(2)
    print(signal.getitimer(signal.ITIMER_REAL))


def alarms():
    """0
    2
    1
    2"""
    print(signal.alarm(2))
    print(signal.alarm(1))
    print(waiting_for_signals(1))
    signal.alarm(2)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    start = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):
        time.sleep(100)
    print(f"{time.monotonic() - start:g}")


def an_alarm_survives_exec_and_a_timer_does_not():
    """slept
    -14"""
    for prepare in ("timer", "alarm"):
        child = os.fork()
        if child == 0:
            if prepare == "timer":
                timer = make_timer(REALTIME, signal.SIGALRM)
                call("timer_settime", timer, 0, Itimerspec(Timespec(0, 0), timespec(1)), None)
            else:
                signal.alarm(1)
            os.execl("/bin/sh", "sh", "-c", "sleep 2; echo slept")
        status = os.waitpid(child, 0)[1]
    print(os.waitstatus_to_exitcode(status))


def make_timer(clock, number, notify=0, tid=0, value=0):
    timer = ctypes.c_int()
    event = Sigevent(value, number, notify, tid, b"")
    assert call("timer_create", clock, event, timer) == 0
    return timer.value


def timers_with_signals():
    """0.5 0.75 1
    rest 0.25 every 0.25
    0
    [] after 2"""
    timer, rest = make_timer(MONOTONIC, signal.SIGALRM), Itimerspec()
    call("timer_settime", timer, 0, Itimerspec(timespec(0.25), timespec(0.5)), None)
    print(waiting_for_signals(3))
    call("timer_gettime", timer, rest)
    print("rest", rest.value, "every", rest.interval)
    print(call("timer_settime", timer, ABSOLUTE, Itimerspec(timespec(0), timespec(1, MONOTONIC)), None))
    call("timer_delete", timer)
    print(timed(select.select, [], [], [], 2).replace("([], [], [])", "[]"))


def many_timers_one_after_another():
    """0.01 0.01"""
    for _ in range(1000):
        call("timer_delete", make_timer(MONOTONIC, signal.SIGALRM))
    for clock in (MONOTONIC, REALTIME):
        timer = make_timer(clock, signal.SIGALRM)
        call("timer_settime", timer, ABSOLUTE, Itimerspec(timespec(0), timespec(0.01, clock)), None)
        print(waiting_for_signals(1), end=" " if clock == MONOTONIC else "\n")


def a_timer_for_one_thread():
    """14 of value 1234 after 1.5"""
    libc.pthread_sigmask(0, ctypes.byref(ctypes.c_uint64(1 << 13)), None)

    def wait():
        timer = make_timer(MONOTONIC, signal.SIGALRM, 4, threading.get_native_id(), 1234)
        call("timer_settime", timer, 0, Itimerspec(timespec(0), timespec(1.5)), None)
        info = ctypes.create_string_buffer(128)
        number = call("rt_sigtimedwait", ctypes.c_uint64(1 << 13), info, timespec(9), 8)
        return f"{number} of value {int.from_bytes(info[24:32], 'little')}"

    other = threading.Thread(target=lambda: print(timed(wait)))
    other.start()
    other.join()


def a_timer_that_starts_threads():
    """7 0.5
    7 0.75
    7 1"""
    start, came = time.monotonic_ns(), threading.Semaphore(0)

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p)
    def notify(value):
        print(value, f"{(time.monotonic_ns() - start) / 1e9:.9g}")
        came.release()

    timer = ctypes.c_void_p()
    event = Sigevent(7, 0, 2, ctypes.cast(notify, ctypes.c_void_p), b"")
    assert libc.timer_create(MONOTONIC, ctypes.byref(event), ctypes.byref(timer)) == 0
    libc.timer_settime(timer, 0, ctypes.byref(Itimerspec(timespec(0.25), timespec(0.5))), None)
    for _ in range(3):
        came.acquire()
    libc.timer_delete(timer)


if __name__ == "__main__":
    run(globals())
