"""What the clock shows, by whatever way it is read, and that a loop which waits by reading it ends."""

import ctypes
import datetime
import os
import time

from common import REALTIME, Timespec, call, libc, run


def the_date():
    """2030-01-07
    2030-01-07
    True
    True"""
    print(datetime.datetime.now().date())
    print(time.strftime("%Y-%m-%d", time.localtime()))
    print(time.time_ns() - time.monotonic_ns() == (1894006800 - 1000) * 10**9)
    newest = max(
        os.stat(path).st_mtime for path in ("/usr/bin/python3", "/etc", "/usr/lib", __file__, os.environ["HOME"])
    )
    print(newest < time.time())


def all_ways_show_the_same():
    """[0, 0, 0, 0, 0, 0]
    [0, 0, 0]"""
    wall, steady = time.time_ns(), time.monotonic_ns()
    raw, micro = Timespec(), Timespec()
    call("clock_gettime", REALTIME, raw)
    call("gettimeofday", micro, None)
    ways = [raw.seconds * 10**9 + raw.nanoseconds, time.clock_gettime_ns(5)]
    libc.clock_gettime(REALTIME, ctypes.byref(raw))
    ways += [raw.seconds * 10**9 + raw.nanoseconds, time.clock_gettime_ns(11)]
    print([way - wall for way in ways] + [micro.seconds - wall // 10**9, call("time", None) - wall // 10**9])
    print([time.clock_gettime_ns(clock) - steady for clock in (4, 6, 7)])


def processor_time_is_the_kernels():
    """True True True"""
    start = time.process_time(), time.thread_time(), time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
    sum(range(200_000))
    time.sleep(1)
    now = time.process_time(), time.thread_time(), time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
    print(*(0 < after - before < 1 for before, after in zip(start, now, strict=True)))


def a_busy_loop_ends():
    """0.02
    0.02"""
    for clock in (time.monotonic_ns, time.time_ns):
        until = clock() + 20_000_000
        while clock() < until:
            pass
        print(f"{(clock() - until + 20_000_000) / 1e9:.2g}")


if __name__ == "__main__":
    run(globals())
