/* The library that puts a process under the desktop's clock; its parts:
 *
 * reading.c  reading the time reads the shared page
 * waits.c    a wait with a timeout tells the keeper its deadline, waits *without* a timeout, and is interrupted by the
 *            keeper when the virtual deadline has come
 * calls.c    the system calls that wait, each in terms of such a wait
 * timers.c   timers that belong to no waiting thread: the keeper holds them
 * signals.c  the signal that carries all of it: the keeper's seccomp filter turns such calls into SIGSYS
 * start.c    getting in
 *
 * The keeper interrupts only when every thread of the desktop sleeps, so no wake-up can fall between the two. */
#pragma once
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "../page.h"

#define SECOND 1000000000LL
#define EXPORT __attribute__((visibility("default")))

extern struct page *page; /* start.c; null outside the clock */

/* ---- system calls that the filter lets pass ---- */

typedef long stub_function(long, long, long, long, long, long, long);
#define CALL(number, a, b, c, d, e, f) \
    ((stub_function *)STUB_ADDRESS)(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* ---- spans and instants, all virtual nanoseconds ---- */

#define CENTURY (SECOND * 3600 * 24 * 36500) /* which never comes: far timeouts must not overflow */

static inline int well_formed(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}
static inline int is_zero(const struct timespec *time) { return !time->tv_sec && !time->tv_nsec; }
static inline int64_t span_of(const struct timespec *time)
{
    return time->tv_sec > CENTURY / SECOND ? CENTURY : time->tv_sec * SECOND + time->tv_nsec;
}

/* reading.c */
int64_t now(void);
int64_t after(int64_t span); /* the instant so much later */
int64_t start_of(clockid_t clock);
long read_clock(clockid_t clock, struct timespec *out);
long read_timeofday(struct timeval *out, void *zone);
long read_time(time_t *out);

/* waits.c */
long wait_until(int64_t deadline, long number, long a, long b, long c, long d, long e, long f);
void forget_waits(void);

/* calls.c and timers.c: what a trapped call does instead; the result is the kernel's, -errno when it fails. */
struct itimerspec;
struct itimerval;
struct pollfd;
struct sigevent;
long do_nanosleep(const struct timespec *span, struct timespec *rest);
long do_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest);
long do_timed_futex(uint32_t *word, int op, uint32_t value, const struct timespec *time, long word2, uint32_t bits);
long do_poll(struct pollfd *fds, unsigned count, int ms);
long do_ppoll(long fds, long count, struct timespec *span, long mask, long size);
long do_select(long number, long count, long in, long out, long error, void *span, long mask);
long do_epoll(long epoll, long events, long count, int ms, long mask);
long do_epoll_pwait2(long epoll, long events, long count, const struct timespec *span, long mask, long size);
long do_sigtimedwait(long set, long info, const struct timespec *span, long size);
long do_semtimedop(long semaphores, long operations, long count, const struct timespec *span);
long do_timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old);
long do_getitimer(int which, struct itimerval *out);
long do_setitimer(int which, const struct itimerval *wanted, struct itimerval *old);
long do_alarm(unsigned seconds);
long do_timer_create(clockid_t clock, struct sigevent *event, int *id);
long do_timer_gettime(int id, struct itimerspec *out);
long do_timer_settime(int id, int flags, const struct itimerspec *wanted, struct itimerspec *old);
long do_timer_delete(int id);
void forget_timers(void);

/* signals.c */
int is_under_filter(void); /* takes SIGSYS for ours, and gives it back if no filter is there */
