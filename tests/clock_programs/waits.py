"""Every system call that waits: with a timeout, with an event before it, with a signal in its midst."""

import ctypes
import hashlib
import os
import select
import struct
import threading
import time

from common import (
    FULL_MASK,
    MONOTONIC,
    REALTIME,
    Timespec,
    call,
    check,
    interrupt_later,
    later,
    libc,
    run,
    timed,
    timespec,
    write_later,
)

PRIVATE, CLOCK_REALTIME_FLAG = 128, 256
WAIT, WAKE, WAIT_BITSET, LOCK_PI, LOCK_PI2 = 0 | PRIVATE, 1 | PRIVATE, 9 | PRIVATE, 6 | PRIVATE, 13 | PRIVATE


class PollFd(ctypes.Structure):
    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))


def pollable(fd):
    return PollFd(fd, select.POLLIN, 0)


def fd_set(*fds):
    words = (ctypes.c_uint64 * 16)()
    for fd in fds:
        words[fd // 64] |= 1 << fd % 64
    return words


def epoll_of(fd):
    epoll = select.epoll()
    epoll.register(fd, select.EPOLLIN)
    globals()["keep"] = epoll
    return epoll.fileno()


def masked(mask):
    """The sixth argument of pselect6."""
    return (ctypes.c_uint64 * 2)(ctypes.addressof(mask), 8)


def timeval(seconds):
    return Timespec(int(seconds), round(seconds % 1 * 1e6))


EVENTS = ctypes.create_string_buffer(64)


def waits(fd, seconds, mask=None):
    """All calls that wait for a descriptor, as functions."""
    poll, words, span, micro = pollable(fd), fd_set(fd), timespec(seconds), timeval(seconds)
    epoll, ms = epoll_of(fd), round(seconds * 1000)
    return {
        "poll": lambda: call("poll", poll, 1, ms),
        "ppoll": lambda: call("ppoll", poll, 1, span, mask, 8),
        "select": lambda: call("select", fd + 1, words, None, None, micro),
        "pselect6": lambda: call("pselect6", fd + 1, words, None, None, timespec(seconds), mask and masked(mask)),
        "epoll_wait": lambda: call("epoll_wait", epoll, EVENTS, 4, ms),
        "epoll_pwait": lambda: call("epoll_pwait", epoll, EVENTS, 4, ms, mask, 8),
        "epoll_pwait2": lambda: call("epoll_pwait2", epoll, EVENTS, 4, timespec(seconds), mask, 8),
    }


def sleeps():
    """0 after 1.5
    0 after 1e-09
    0 after 0
    EINVAL after 0"""
    for span in (timespec(1.5), timespec(1e-9), timespec(0), Timespec(0, 10**9)):
        print(timed(call, "nanosleep", span, None))


def clock_sleeps():
    """relative 0 after 1.25
    absolute 0 after 0.75
    past 0 after 0
    relative 0 after 1.25
    absolute 0 after 0.75
    past 0 after 0"""
    for clock in (MONOTONIC, REALTIME):
        print("relative", timed(call, "clock_nanosleep", clock, 0, timespec(1.25), None))
        print("absolute", timed(call, "clock_nanosleep", clock, 1, timespec(0.75, clock), None))
        print("past", timed(call, "clock_nanosleep", clock, 1, timespec(-5, clock), None))


def an_interrupted_sleep_tells_the_rest():
    """EINTR after 0.5 rest 1.5"""
    rest = Timespec()
    interrupt_later(0.5)
    print(timed(call, "nanosleep", timespec(2), rest), "rest", rest)


def descriptor_timeouts():
    """poll 0 after 1.5
    ppoll 0 after 1.5
    select 0 after 1.5
    pselect6 0 after 1.5
    epoll_wait 0 after 1.5
    epoll_pwait 0 after 1.5
    epoll_pwait2 0 after 1.5"""
    for name, wait in waits(os.pipe()[0], 1.5).items():
        print(name, timed(wait))


def descriptor_events():
    """poll 1 after 0.25
    ppoll 1 after 0.25
    select 1 after 0.25
    pselect6 1 after 0.25
    epoll_wait 1 after 0.25
    epoll_pwait 1 after 0.25
    epoll_pwait2 1 after 0.25"""
    for name in ORDER:
        print(name, timed(waits(write_later(0.25), 1.5)[name]))


ORDER = ("poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2")


def descriptor_looks():
    """poll 0 after 0
    ppoll 0 after 0
    select 0 after 0
    pselect6 0 after 0
    epoll_wait 0 after 0
    epoll_pwait 0 after 0
    epoll_pwait2 0 after 0"""
    for name, wait in waits(os.pipe()[0], 0).items():
        print(name, timed(wait))


def descriptor_interruptions():
    """poll EINTR after 0.5
    ppoll EINTR after 0.5
    select EINTR after 0.5
    pselect6 EINTR after 0.5
    epoll_wait EINTR after 0.5
    epoll_pwait EINTR after 0.5
    epoll_pwait2 EINTR after 0.5"""
    for name, wait in waits(os.pipe()[0], 1.5).items():
        interrupt_later(0.5)
        print(name, timed(wait))


def a_mask_of_all_signals_delays_nothing():
    """ppoll 0 after 1.5
    pselect6 0 after 1.5
    epoll_pwait 0 after 1.5
    epoll_pwait2 0 after 1.5"""
    calls = waits(os.pipe()[0], 1.5, FULL_MASK)
    for name in ("ppoll", "pselect6", "epoll_pwait", "epoll_pwait2"):
        print(name, timed(calls[name]))


def without_a_timeout():
    """1 after 0.5
    1 after 0.5
    1 after 0.5"""
    fd = write_later(0.5)
    print(timed(call, "poll", pollable(fd), 1, -1))
    fd = write_later(0.5)
    print(timed(call, "select", fd + 1, fd_set(fd), None, None, None))
    fd = write_later(0.5)
    print(timed(call, "epoll_wait", epoll_of(fd), EVENTS, 4, -1))


def sets_are_cleared_and_the_rest_is_told():
    """0 after 1.5 set 0 rest 0
    1 after 0.5 set 1 rest 1
    0 after 1.5 set 0 rest 0
    1 after 0.5 rest 1"""
    for fd in (lambda: os.pipe()[0], lambda: write_later(0.5)):
        fd = fd()
        words, span = fd_set(fd), timespec(1.5)
        print(timed(call, "pselect6", fd + 1, words, None, None, span, None), "set", int(any(words)), "rest", span)
    fd, span = os.pipe()[0], timeval(1.5)
    words = fd_set(fd)
    print(timed(call, "select", fd + 1, words, None, None, span), "set", int(any(words)), "rest", span)
    span = timespec(1.5)
    print(timed(call, "ppoll", pollable(write_later(0.5)), 1, span, None, 8), "rest", span)


def python_selects():
    """[] after 1
    [] after 1
    [] after 1
    ([], [], []) after 1"""
    reader = os.pipe()[0]
    poll, epoll = select.poll(), select.epoll()
    poll.register(reader)
    epoll.register(reader)
    print(timed(poll.poll, 1000))
    print(timed(epoll.poll, 1))
    print(timed(epoll.poll, 1, 5))
    print(timed(select.select, [reader], [], [], 1))


def futex_timeouts():
    """relative ETIMEDOUT after 1.5
    steady ETIMEDOUT after 1.5
    wall ETIMEDOUT after 1.5
    past ETIMEDOUT after 0
    changed EAGAIN after 0
    invalid EINVAL after 0"""
    word = ctypes.c_uint32(7)
    print("relative", timed(call, "futex", word, WAIT, 7, timespec(1.5), None, 0))
    print("steady", timed(call, "futex", word, WAIT_BITSET, 7, timespec(1.5, MONOTONIC), None, -1))
    wall = WAIT_BITSET | CLOCK_REALTIME_FLAG
    print("wall", timed(call, "futex", word, wall, 7, timespec(1.5, REALTIME), None, -1))
    print("past", timed(call, "futex", word, WAIT_BITSET, 7, timespec(-1, MONOTONIC), None, -1))
    print("changed", timed(call, "futex", word, WAIT, 8, timespec(1.5), None, 0))
    print("invalid", timed(call, "futex", word, WAIT, 7, Timespec(0, -1), None, 0))


def futex_wakes():
    """0 after 0.5
    0 after 0.5
    EINTR after 0.5
    0 after 0.5"""
    word = ctypes.c_uint32(7)
    later(0.5, call, "futex", word, WAKE, 1)
    print(timed(call, "futex", word, WAIT, 7, timespec(1.5), None, 0))
    later(0.5, call, "futex", word, WAKE, 1)
    print(timed(call, "futex", word, WAIT_BITSET, 7, timespec(1.5, MONOTONIC), None, -1))
    interrupt_later(0.5)
    print(timed(call, "futex", word, WAIT, 7, timespec(1.5), None, 0))
    later(0.5, call, "futex", word, WAKE, 1)
    print(timed(call, "futex", word, WAIT, 7, None, None, 0))


def a_deadline_that_has_passed_waits_for_nobody():
    """ETIMEDOUT, and the other still runs"""
    word = ctypes.c_uint32(7)
    other = threading.Thread(target=hashlib.pbkdf2_hmac, args=("sha256", b"", b"", 500_000))
    other.start()
    result = call("futex", word, WAIT_BITSET, 7, timespec(-1, MONOTONIC), None, -1)
    print(f"{result}, and the other", "still runs" if other.is_alive() else "has ended")


def priority_locks():
    """ETIMEDOUT after 1.5
    ETIMEDOUT after 1.5
    0 after 0.501"""
    word = ctypes.c_uint32(0)

    def hold(seconds):
        def holder():
            call("futex", word, LOCK_PI, 0, None)
            held.set()
            time.sleep(seconds)
            call("futex", word, 7 | PRIVATE, 0, None)

        held = threading.Event()
        threading.Thread(target=holder).start()
        held.wait()

    hold(4)
    print(timed(call, "futex", word, LOCK_PI, 0, timespec(1.5, REALTIME)))
    print(timed(call, "futex", word, LOCK_PI2, 0, timespec(1.5, MONOTONIC)))
    time.sleep(0.5)
    print(timed(call, "futex", word, LOCK_PI2, 0, timespec(1.5, MONOTONIC)))


def pthread_waits():
    """ETIMEDOUT after 1.5
    ETIMEDOUT after 1.5
    -1 after 1.5
    0 after 0.5
    ETIMEDOUT after 1"""
    mutex, condition, semaphore = (ctypes.create_string_buffer(64) for _ in range(3))
    libc.pthread_mutex_init(mutex, None)
    libc.pthread_cond_init(condition, None)
    libc.sem_init(semaphore, 0, 0)
    libc.pthread_mutex_lock(mutex)
    at = ctypes.byref(timespec(1.5, REALTIME))
    print(timed(lambda: check(libc.pthread_cond_timedwait(condition, mutex, at))))
    at = ctypes.byref(timespec(1.5, MONOTONIC))
    print(timed(lambda: check(libc.pthread_cond_clockwait(condition, mutex, MONOTONIC, at))))
    at = ctypes.byref(timespec(1.5, REALTIME))
    print(timed(lambda: check(libc.sem_timedwait(semaphore, at))))
    later(0.5, libc.pthread_cond_signal, condition)
    at = ctypes.byref(timespec(1.5, REALTIME))
    print(timed(lambda: check(libc.pthread_cond_timedwait(condition, mutex, at))))
    at = ctypes.byref(timespec(1, REALTIME))
    other = threading.Thread(target=lambda: print(timed(lambda: check(libc.pthread_mutex_timedlock(mutex, at)))))
    other.start()
    other.join()


def signal_waits():
    """EAGAIN after 1.5
    10 after 0.5
    EAGAIN after 0"""
    libc.pthread_sigmask(0, ctypes.byref(ctypes.c_uint64(1 << 9)), None)
    print(timed(call, "rt_sigtimedwait", FULL_MASK, None, timespec(1.5), 8))
    later(0.5, os.kill, os.getpid(), 10)
    print(timed(call, "rt_sigtimedwait", FULL_MASK, None, timespec(1.5), 8))
    print(timed(call, "rt_sigtimedwait", FULL_MASK, None, timespec(0), 8))


def semaphore_waits():
    """EAGAIN after 1.5
    EINTR after 0.5"""
    semaphores = call("semget", 0, 1, 0o600)
    take = ctypes.create_string_buffer(struct.pack("HhH", 0, -1, 0))
    print(timed(call, "semtimedop", semaphores, take, 1, timespec(1.5)))
    interrupt_later(0.5)
    print(timed(call, "semtimedop", semaphores, take, 1, timespec(1.5)))
    call("semctl", semaphores, 0, 0)


if __name__ == "__main__":
    run(globals())
