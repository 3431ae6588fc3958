/* Reading the time: a thread of the desktop reads the shared page. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "library.h"

/* The model of a thread's own storage matters: any other may take a lock in a signal handler. */
static __thread struct { uint32_t reads, reads_since; } mine __attribute__((tls_model("initial-exec")));

enum { PATIENT_READS = 3000 };

/* A loop that waits for the time to pass by reading it would wait for ever: from the 3,000th read of one thread at
 * one instant on, each takes a microsecond. */
int64_t now(void)
{
    uint32_t jumps = atomic_load_explicit(&page->jumps, memory_order_relaxed);
    if (mine.reads_since != jumps)
        mine.reads_since = jumps, mine.reads = 0;
    if (++mine.reads > PATIENT_READS)
        return atomic_fetch_add(&page->now, 1000) + 1000;
    return atomic_load(&page->now);
}

int64_t after(int64_t span) { return now() + (span < CENTURY ? span : CENTURY); }

/* Where a clock stood at the start; -1 for those that are not ours, such as processor time. */
int64_t start_of(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: case CLOCK_REALTIME_ALARM: case CLOCK_TAI:
        return WALL_START;
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: case CLOCK_BOOTTIME_ALARM:
        return STEADY_START;
    }
    return -1;
}

long read_clock(clockid_t clock, struct timespec *out)
{
    int64_t start = start_of(clock);
    if (start < 0)
        return CALL(SYS_clock_gettime, clock, out, 0, 0, 0, 0);
    int64_t time = start + now();
    *out = (struct timespec){time / SECOND, time % SECOND};
    return 0;
}

long read_timeofday(struct timeval *out, void *zone)
{
    int64_t time = WALL_START + now();
    if (out)
        *out = (struct timeval){time / SECOND, time % SECOND / 1000};
    if (zone)
        memset(zone, 0, 8);
    return 0;
}

long read_time(time_t *out)
{
    time_t seconds = (WALL_START + now()) / SECOND;
    if (out)
        *out = seconds;
    return seconds;
}

/* The public functions too, for kernels that seal the vDSO. */
EXPORT int clock_gettime(clockid_t clock, struct timespec *out)
{
    long result = page ? read_clock(clock, out) : syscall(SYS_clock_gettime, clock, out);
    if (page && result < 0)
        errno = -result, result = -1;
    return result;
}
EXPORT int gettimeofday(struct timeval *out, void *zone)
{
    return page ? read_timeofday(out, zone) : syscall(SYS_gettimeofday, out, zone);
}
EXPORT time_t time(time_t *out) { return page ? read_time(out) : syscall(SYS_time, out); }
