"""What the programs under the clock share: raw system calls, and virtual time in a readable form.

Each function of a program is a test: its docstring is what it must print. `python3 waits.py NAME` runs one.
"""

import ctypes
import errno
import os
import signal
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "poll": 7, "select": 23, "nanosleep": 35, "futex": 202, "clock_gettime": 228, "timer_create": 222,
    "timer_settime": 223, "timer_gettime": 224, "timer_delete": 226, "semtimedop": 220, "semget": 64, "semctl": 66,
    "clock_nanosleep": 230, "epoll_wait": 232, "pselect6": 270, "ppoll": 271, "epoll_pwait": 281, "epoll_pwait2": 441,
    "rt_sigtimedwait": 128, "timerfd_settime": 286, "gettimeofday": 96, "time": 201,
}  # fmt: skip
FULL_MASK = ctypes.c_uint64(2**64 - 1)
MONOTONIC, REALTIME = time.CLOCK_MONOTONIC, time.CLOCK_REALTIME


class Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))

    def __str__(self):
        return f"{self.seconds + self.nanoseconds / 1e9:.9g}"


def timespec(seconds, clock=None):
    """A span, or that long after the present of a clock."""
    nanoseconds = round(seconds * 1e9) + (time.clock_gettime_ns(clock) if clock is not None else 0)
    return Timespec(nanoseconds // 10**9, nanoseconds % 10**9)


def call(name, *arguments):
    """Make a raw system call; its result, or the name of its error."""
    values = [ctypes.byref(a) if isinstance(a, ctypes.Structure | ctypes.Array | ctypes._SimpleCData)
              else ctypes.c_long(a or 0) for a in arguments]  # fmt: skip
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *values)
    return errno.errorcode[ctypes.get_errno()] if result < 0 else result


def check(result):
    """The result of a function of the C library that answers 0 or an error."""
    return errno.errorcode.get(result, result)


def timed(function, *arguments):
    """What a call gave, and how much virtual time it took, to the nanosecond."""
    start = time.monotonic_ns()
    try:
        result = function(*arguments)
    except Exception as error:
        result = type(error).__name__
    return f"{result} after {(time.monotonic_ns() - start) / 1e9:.9g}"


def later(seconds, function, *arguments):
    """Have another thread do something after so much virtual time."""

    def run():
        time.sleep(seconds)
        function(*arguments)

    threading.Thread(target=run, daemon=True).start()


def write_later(seconds):
    """The end of a pipe that becomes readable after so much virtual time."""
    reader, writer = os.pipe()
    later(seconds, os.write, writer, b"x")
    return reader


def interrupt_later(seconds):
    """Have SIGUSR1, which does nothing, sent to this thread after so much virtual time."""
    signal.signal(signal.SIGUSR1, lambda *_: None)
    later(seconds, signal.pthread_kill, threading.get_ident(), signal.SIGUSR1)


def run(namespace):
    """Run the function whose name is the argument."""
    namespace[sys.argv[1]]()
    sys.stdout.flush()
    os._exit(0)
