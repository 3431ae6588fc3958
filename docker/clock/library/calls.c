/* The system calls that wait with a timeout. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include "library.h"

static void store_rest(struct timespec *rest, int64_t deadline)
{
    int64_t left = deadline - atomic_load(&page->now);
    if (left < 0)
        left = 0;
    *rest = (struct timespec){left / SECOND, left % SECOND};
}

/* Whoever looks into a desktop at rest sets its programs to work, while its time stands still. One that then sleeps a
 * moment with a lock in its hands, as threads do that wait for one another, would keep the others, and whoever looks,
 * waiting until the next action. At rest such a sleep takes real time, and none of the desktop's. */
static int nap(int64_t span)
{
    if (span > LONGEST_NAP || !atomic_load(&page->at_rest))
        return 0;
    struct timespec time;
    CALL(SYS_clock_gettime, CLOCK_MONOTONIC, &time, 0, 0, 0, 0);
    int64_t end = time.tv_sec * SECOND + time.tv_nsec + span, known = atomic_load(&page->naps_end);
    while (known < end && !atomic_compare_exchange_weak(&page->naps_end, &known, end))
        ;
    /* Asked again now that the keeper would wait for it: of the two, one has seen the other. */
    if (!atomic_load(&page->at_rest))
        return 0;
    time = (struct timespec){0, span};
    CALL(SYS_nanosleep, &time, 0, 0, 0, 0, 0);
    return 1;
}

static long sleep_until(int64_t deadline, struct timespec *rest)
{
    int64_t span = deadline - now();
    if (span <= 0 || nap(span))
        return 0;
    long result = wait_until(deadline, SYS_ppoll, 0, 0, 0, 0, 0, 0);
    if (result == -ETIMEDOUT)
        return 0;
    if (rest)
        store_rest(rest, deadline);
    return result;
}

long do_nanosleep(const struct timespec *span, struct timespec *rest)
{
    if (!well_formed(span))
        return -EINVAL;
    return sleep_until(after(span_of(span)), rest);
}

long do_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest)
{
    int64_t start = start_of(clock);
    if (start < 0)
        return CALL(SYS_clock_nanosleep, clock, flags, time, rest, 0, 0);
    if (!well_formed(time))
        return -EINVAL;
    if (flags & TIMER_ABSTIME)
        return sleep_until(span_of(time) - start, 0);
    return sleep_until(after(span_of(time)), rest);
}

static const struct timespec AT_ONCE;
/* Unlike a futex without a timeout, one whose timeout never comes is ended by every signal, as the program's is. */
static const struct timespec NEVER = {1LL << 33, 0};

static long do_futex(uint32_t *word, int op, uint32_t value, const struct timespec *time, long word2, uint32_t bits)
{
    int64_t deadline;
    if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
        deadline = after(span_of(time));
    else
        deadline = span_of(time) - (op & FUTEX_CLOCK_REALTIME ? WALL_START : STEADY_START);
    op &= ~FUTEX_CLOCK_REALTIME;
    if (deadline <= now())
        return CALL(SYS_futex, word, op, value, &AT_ONCE, word2, bits);
    return wait_until(deadline, SYS_futex, (long)word, op, value, (long)&NEVER, word2, bits);
}

/* Nothing ends the kernel's wait for a lock of this kind: it is asked for every virtual millisecond instead. */
static long do_priority_lock(uint32_t *word, int op, const struct timespec *time)
{
    int wall = (op & FUTEX_CMD_MASK) == FUTEX_LOCK_PI || op & FUTEX_CLOCK_REALTIME;
    int64_t deadline = span_of(time) - (wall ? WALL_START : STEADY_START);
    for (;;) {
        long result = CALL(SYS_futex, word, FUTEX_TRYLOCK_PI | (op & FUTEX_PRIVATE_FLAG), 0, 0, 0, 0);
        if (result != -EAGAIN)
            return result;
        int64_t left = deadline - now();
        if (left <= 0)
            return -ETIMEDOUT;
        sleep_until(after(left < SECOND / 1000 ? left : SECOND / 1000), 0);
    }
}

long do_timed_futex(uint32_t *word, int op, uint32_t value, const struct timespec *time, long word2, uint32_t bits)
{
    if (!well_formed(time))
        return -EINVAL;
    int command = op & FUTEX_CMD_MASK;
    if (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2)
        return do_priority_lock(word, op, time);
    return do_futex(word, op, value, time, word2, bits);
}

/* Waits that change the signal mask: the keeper's signal must come through all the same. */
static long open_to_us(long mask, uint64_t *copy)
{
    if (!mask)
        return 0;
    *copy = *(uint64_t *)mask & ~(1UL << (SIGSYS - 1));
    return (long)copy;
}

/* Calls that wait for descriptors. When the deadline came first, a look without waiting gives the right answer:
 * nothing, with all sets cleared, or what has come in the meantime. */
long do_poll(struct pollfd *fds, unsigned count, int ms)
{
    long result = wait_until(after(ms * 1000000LL), SYS_poll, (long)fds, count, -1, 0, 0, 0);
    return result == -ETIMEDOUT ? CALL(SYS_poll, fds, count, 0, 0, 0, 0) : result;
}

long do_epoll(long epoll, long events, long count, int ms, long mask)
{
    uint64_t copy;
    mask = open_to_us(mask, &copy);
    long result = wait_until(after(ms * 1000000LL), SYS_epoll_pwait, epoll, events, count, -1, mask, 8);
    return result == -ETIMEDOUT ? CALL(SYS_epoll_pwait, epoll, events, count, 0, mask, 8) : result;
}

long do_epoll_pwait2(long epoll, long events, long count, const struct timespec *span, long mask, long size)
{
    if (!well_formed(span))
        return -EINVAL;
    if (is_zero(span))
        return CALL(SYS_epoll_pwait2, epoll, events, count, span, mask, size);
    uint64_t copy;
    mask = open_to_us(mask, &copy);
    long result = wait_until(after(span_of(span)), SYS_epoll_pwait2, epoll, events, count, 0, mask, size);
    return result == -ETIMEDOUT ? CALL(SYS_epoll_pwait2, epoll, events, count, &AT_ONCE, mask, size) : result;
}

long do_sigtimedwait(long set, long info, const struct timespec *span, long size)
{
    if (!well_formed(span))
        return -EINVAL;
    uint64_t copy;
    set = open_to_us(set, &copy);
    if (!is_zero(span)) {
        long result = wait_until(after(span_of(span)), SYS_rt_sigtimedwait, set, info, 0, size, 0, 0);
        if (result != -ETIMEDOUT)
            return result;
    }
    return CALL(SYS_rt_sigtimedwait, set, info, &AT_ONCE, size, 0, 0);
}

long do_semtimedop(long semaphores, long operations, long count, const struct timespec *span)
{
    if (!well_formed(span))
        return -EINVAL;
    if (is_zero(span))
        return CALL(SYS_semtimedop, semaphores, operations, count, span, 0, 0);
    long result = wait_until(after(span_of(span)), SYS_semtimedop, semaphores, operations, count, 0, 0, 0);
    return result == -ETIMEDOUT ? -EAGAIN : result;
}

long do_ppoll(long fds, long count, struct timespec *span, long mask, long size)
{
    if (!well_formed(span))
        return -EINVAL;
    if (is_zero(span))
        return CALL(SYS_ppoll, fds, count, span, mask, size, 0);
    uint64_t copy;
    mask = open_to_us(mask, &copy);
    int64_t deadline = after(span_of(span));
    long result = wait_until(deadline, SYS_ppoll, fds, count, 0, mask, size, 0);
    if (result == -ETIMEDOUT) {
        struct timespec zero = {0};
        result = CALL(SYS_ppoll, fds, count, &zero, mask, size, 0);
    }
    store_rest(span, deadline); /* as Linux does; the C library hides it */
    return result;
}

long do_select(long number, long count, long in, long out, long error, void *span, long mask)
{
    int micro = number == SYS_select;
    struct timespec asked = *(struct timespec *)span, zero = {0};
    if (micro)
        asked.tv_nsec *= 1000;
    if (!well_formed(&asked) && !(micro && asked.tv_sec >= 0 && asked.tv_nsec >= 0))
        return -EINVAL;
    if (is_zero(&asked))
        return CALL(number, count, in, out, error, span, mask);
    uint64_t copy;
    struct { long set, size; } masked;
    if (!micro && mask) {
        masked = *(typeof(masked) *)mask;
        masked.set = open_to_us(masked.set, &copy);
        mask = (long)&masked;
    }
    int64_t deadline = after(span_of(&asked));
    long result = wait_until(deadline, number, count, in, out, error, 0, mask);
    if (result == -ETIMEDOUT)
        result = CALL(number, count, in, out, error, &zero, mask);
    store_rest(span, deadline);
    if (micro)
        ((struct timeval *)span)->tv_usec /= 1000;
    return result;
}
