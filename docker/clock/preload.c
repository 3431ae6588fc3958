/* The library that puts a process under the desktop's clock.
 *
 * Reading the time: the vDSO's functions are patched to read the shared page. Waiting with a timeout: the keeper has
 * installed a seccomp filter (filter.c) that turns such system calls into SIGSYS; the handler tells the keeper the
 * deadline, waits *without* a timeout, and is interrupted by another SIGSYS when the virtual deadline has come.
 * The keeper interrupts only when every thread of the desktop sleeps, so no wake-up can fall between the two. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "page.h"

#define SECOND 1000000000LL
#define EXPORT __attribute__((visibility("default")))

static struct page *page;

/* ---- system calls that the filter lets pass ---- */

__asm__(".pushsection .rodata\n"
        ".globl stub_start, stub_end\n.hidden stub_start, stub_end\n"
        "stub_start:\n" /* long stub(number, a, b, c, d, e, f), as in syscall(2) */
        "  mov %rdi, %rax\n  mov %rsi, %rdi\n  mov %rdx, %rsi\n  mov %rcx, %rdx\n"
        "  mov %r8, %r10\n  mov %r9, %r8\n  mov 8(%rsp), %r9\n"
        "  syscall\n"
        "  ret\n"
        "stub_end:\n.popsection\n");
extern const char stub_start[], stub_end[];
typedef long stub_function(long, long, long, long, long, long, long);

#define CALL(number, a, b, c, d, e, f) \
    ((stub_function *)STUB_ADDRESS)(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* ---- reading the time ---- */

/* What a thread knows of itself. The model of storage matters: any other may take a lock in a signal handler. */
struct wait { struct slot *slot; const char *frame; };
static __thread struct {
    uint32_t reads, reads_since;
    struct wait wait; /* the innermost: a signal handler that interrupts a wait may wait itself */
} mine __attribute__((tls_model("initial-exec")));

enum { PATIENT_READS = 3000 };

/* A loop that waits for the time to pass by reading it would wait for ever: from the 3,000th read of one thread at
 * one instant on, each takes a microsecond. */
static int64_t now(void)
{
    uint32_t jumps = atomic_load_explicit(&page->jumps, memory_order_relaxed);
    if (mine.reads_since != jumps)
        mine.reads_since = jumps, mine.reads = 0;
    if (++mine.reads > PATIENT_READS)
        return atomic_fetch_add(&page->now, 1000) + 1000;
    return atomic_load(&page->now);
}

/* Where a clock stood at the start; -1 for those that are not ours, such as processor time. */
static int64_t start_of(clockid_t clock)
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

static long read_clock(clockid_t clock, struct timespec *out)
{
    int64_t start = start_of(clock);
    if (start < 0)
        return CALL(SYS_clock_gettime, clock, out, 0, 0, 0, 0);
    int64_t time = start + now();
    *out = (struct timespec){time / SECOND, time % SECOND};
    return 0;
}

static long read_timeofday(struct timeval *out, void *zone)
{
    int64_t time = WALL_START + now();
    if (out)
        *out = (struct timeval){time / SECOND, time % SECOND / 1000};
    if (zone)
        memset(zone, 0, 8);
    return 0;
}

static long read_time(time_t *out)
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

/* ---- waiting ---- */

static struct slot *take_slot(uint32_t tid, int64_t deadline)
{
    for (uint32_t number = tid, end = tid + SLOTS; number != end; number++) {
        struct slot *slot = &page->slots[number % SLOTS];
        uint32_t nobody = 0;
        if (atomic_compare_exchange_strong(&slot->tid, &nobody, tid)) {
            atomic_store(&slot->armed, 0);
            slot->pid = CALL(SYS_getpid, 0, 0, 0, 0, 0, 0);
            slot->deadline = deadline;
            atomic_store(&slot->fired, 0);
            return slot;
        }
    }
    return 0; /* 2,048 threads wait: this one waits for its event only */
}

/* A child of fork has its parent's memory, not its slots. */
static int is_mine(const struct slot *slot, uint32_t tid) { return slot && atomic_load(&slot->tid) == tid; }

static void give_back(struct slot *slot)
{
    atomic_store(&slot->armed, 0);
    slot->pid = 0; /* or a program that bears it later would take the slot from whoever has it by then */
    atomic_store(&slot->tid, 0);
}

/* Call without a timeout until the virtual deadline: -ETIMEDOUT when that came first. A signal handler may come, wait
 * and even fork between any two lines; while it waits, the wait below it is not armed. */
static long wait_until(int64_t deadline, long number, long a, long b, long c, long d, long e, long f)
{
    uint32_t tid = CALL(SYS_gettid, 0, 0, 0, 0, 0, 0);
    struct wait below = mine.wait;
    if (is_mine(below.slot, tid) && below.frame < (const char *)&below) {
        give_back(below.slot); /* its frame is gone: a handler left it by longjmp */
        below.slot = 0;
    }
    if (is_mine(below.slot, tid))
        atomic_store(&below.slot->armed, 0);
    struct slot *slot = take_slot(tid, deadline);
    mine.wait = (struct wait){slot, (const char *)&below};
    if (slot)
        atomic_store(&slot->armed, 1);
    long result = CALL(number, a, b, c, d, e, f);
    tid = CALL(SYS_gettid, 0, 0, 0, 0, 0, 0);
    int fired = 0;
    if (is_mine(slot, tid)) {
        fired = atomic_load(&slot->fired) > 0;
        atomic_store(&slot->armed, 0);
    }
    mine.wait = below;
    if (is_mine(slot, tid))
        give_back(slot);
    if (is_mine(below.slot, tid))
        atomic_store(&below.slot->armed, 1);
    return result == -EINTR && fired ? -ETIMEDOUT : result;
}

static int64_t as_ns(const struct timespec *time) { return time->tv_sec * SECOND + time->tv_nsec; }
static int well_formed(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}
/* Far timeouts must not overflow; a century of virtual time never comes. */
static int64_t after(int64_t span) { return now() + (span < SECOND * 3600 * 24 * 36500 ? span : SECOND * 3600 * 24 * 36500); }
static int64_t span_of(const struct timespec *time)
{
    return time->tv_sec > 3600LL * 24 * 36500 ? SECOND * 3600 * 24 * 36500 : as_ns(time);
}
static void store_rest(struct timespec *rest, int64_t deadline)
{
    int64_t left = deadline - atomic_load(&page->now);
    if (left < 0)
        left = 0;
    *rest = (struct timespec){left / SECOND, left % SECOND};
}

static long sleep_until(int64_t deadline, struct timespec *rest)
{
    if (deadline <= now())
        return 0;
    long result = wait_until(deadline, SYS_ppoll, 0, 0, 0, 0, 0, 0);
    if (result == -ETIMEDOUT)
        return 0;
    if (rest)
        store_rest(rest, deadline);
    return result;
}

static long do_nanosleep(const struct timespec *span, struct timespec *rest)
{
    if (!well_formed(span))
        return -EINVAL;
    return sleep_until(after(span_of(span)), rest);
}

static long do_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest)
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

static long do_timed_futex(uint32_t *word, int op, uint32_t value, const struct timespec *time, long word2, uint32_t bits)
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
static long do_poll(struct pollfd *fds, unsigned count, int ms)
{
    long result = wait_until(after(ms * 1000000LL), SYS_poll, (long)fds, count, -1, 0, 0, 0);
    return result == -ETIMEDOUT ? CALL(SYS_poll, fds, count, 0, 0, 0, 0) : result;
}

static long do_epoll(long epoll, long events, long count, int ms, long mask)
{
    uint64_t copy;
    mask = open_to_us(mask, &copy);
    long result = wait_until(after(ms * 1000000LL), SYS_epoll_pwait, epoll, events, count, -1, mask, 8);
    return result == -ETIMEDOUT ? CALL(SYS_epoll_pwait, epoll, events, count, 0, mask, 8) : result;
}

static int is_zero(const struct timespec *time) { return !time->tv_sec && !time->tv_nsec; }

static long do_epoll_pwait2(long epoll, long events, long count, const struct timespec *span, long mask, long size)
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

static long do_sigtimedwait(long set, long info, const struct timespec *span, long size)
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

static long do_semtimedop(long semaphores, long operations, long count, const struct timespec *span)
{
    if (!well_formed(span))
        return -EINVAL;
    if (is_zero(span))
        return CALL(SYS_semtimedop, semaphores, operations, count, span, 0, 0);
    long result = wait_until(after(span_of(span)), SYS_semtimedop, semaphores, operations, count, 0, 0, 0);
    return result == -ETIMEDOUT ? -EAGAIN : result;
}

static long do_ppoll(long fds, long count, struct timespec *span, long mask, long size)
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

static long do_select(long number, long count, long in, long out, long error, void *span, long mask)
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

/* ---- timers that belong to no waiting thread: the keeper holds them ---- */

static void tell_keeper(struct timer_message message, int descriptor)
{
    message.pid = CALL(SYS_getpid, 0, 0, 0, 0, 0, 0);
    struct sockaddr_un address = {AF_UNIX, CLOCK_TIMERS};
    struct iovec body = {&message, sizeof message};
    union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } rider = {0};
    struct msghdr letter = {&address, sizeof address, &body, 1, 0, 0, 0};
    if (descriptor >= 0) {
        letter.msg_control = &rider;
        letter.msg_controllen = sizeof rider;
        rider.head = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&rider.head), &descriptor, sizeof descriptor);
    }
    long socket = CALL(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0, 0);
    while (socket >= 0 && CALL(SYS_sendmsg, socket, &letter, MSG_NOSIGNAL, 0, 0, 0) == -EINTR)
        ;
    CALL(SYS_close, socket, 0, 0, 0, 0, 0);
}

/* An absolute time is of the wall clock or of the steady one; the call does not say, but they lie far apart. */
static int64_t deadline_of(const struct timespec *time, int absolute)
{
    if (is_zero(time))
        return 0;
    int64_t deadline = absolute ? span_of(time) - (span_of(time) > WALL_START / 2 ? WALL_START : STEADY_START) : after(span_of(time));
    return deadline > 0 ? deadline : 1;
}

static long do_timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old)
{
    static const struct itimerspec disarmed;
    if (!well_formed(&wanted->it_value) || !well_formed(&wanted->it_interval) || flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
        return -EINVAL;
    /* The kernel's own timer is disarmed, which also forgets expiries nobody has read, and checks the descriptor. */
    long result = CALL(SYS_timerfd_settime, fd, 0, &disarmed, old, 0, 0);
    if (result < 0)
        return result;
    struct timer_message message = {.kind = TIMER_DESCRIPTOR, .key = fd, .interval = span_of(&wanted->it_interval),
                                    .deadline = deadline_of(&wanted->it_value, flags & TFD_TIMER_ABSTIME)};
    tell_keeper(message, fd);
    return 0;
}

/* A process's own timers, of setitimer and of timer_create; the kernel's are never armed. The numbers that the kernel
 * gives grow, so they are looked for. A child of fork has none, whatever its memory says. */
struct own_timer {
    _Atomic int pid; /* 0: free */
    int id;
    struct sigevent event;
    int64_t deadline, interval;
};
enum { ITIMER_KEY = -1, OWN_TIMERS = 256 };
static struct own_timer alarm_timer, own_timers[OWN_TIMERS];

static struct own_timer *claim_timer(struct own_timer *timer, int id)
{
    int me = CALL(SYS_getpid, 0, 0, 0, 0, 0, 0), holder = atomic_load(&timer->pid);
    if (holder == me || !atomic_compare_exchange_strong(&timer->pid, &holder, me))
        return 0;
    timer->deadline = timer->interval = 0;
    timer->id = id;
    return timer;
}

static struct own_timer *find_timer(int id)
{
    int me = CALL(SYS_getpid, 0, 0, 0, 0, 0, 0);
    for (struct own_timer *timer = own_timers; timer < own_timers + OWN_TIMERS; timer++)
        if (atomic_load(&timer->pid) == me && timer->id == id)
            return timer;
    return 0;
}

static struct itimerspec rest_of(const struct own_timer *timer)
{
    int64_t left = timer->deadline ? timer->deadline - atomic_load(&page->now) : 0;
    if (timer->deadline && left <= 0)
        left = timer->interval ? timer->interval - -left % timer->interval : 0;
    return (struct itimerspec){.it_value = {left / SECOND, left % SECOND},
                               .it_interval = {timer->interval / SECOND, timer->interval % SECOND}};
}

static void arm(struct own_timer *timer, struct timer_message message)
{
    timer->deadline = message.deadline;
    timer->interval = message.interval;
    tell_keeper(message, -1);
}

static void as_micro(struct itimerval *out, struct itimerspec time)
{
    *out = (struct itimerval){.it_value = {time.it_value.tv_sec, time.it_value.tv_nsec / 1000},
                              .it_interval = {time.it_interval.tv_sec, time.it_interval.tv_nsec / 1000}};
}

static long do_getitimer(int which, struct itimerval *out)
{
    if (which != ITIMER_REAL)
        return CALL(SYS_getitimer, which, out, 0, 0, 0, 0);
    claim_timer(&alarm_timer, ITIMER_KEY);
    as_micro(out, rest_of(&alarm_timer));
    return 0;
}

static long do_setitimer(int which, const struct itimerval *wanted, struct itimerval *old)
{
    if (which != ITIMER_REAL)
        return CALL(SYS_setitimer, which, wanted, old, 0, 0, 0);
    struct itimerval disarmed = {0}, value = wanted ? *wanted : disarmed;
    struct timespec first = {value.it_value.tv_sec, value.it_value.tv_usec * 1000};
    struct timespec interval = {value.it_interval.tv_sec, value.it_interval.tv_usec * 1000};
    if (!well_formed(&first) || !well_formed(&interval))
        return -EINVAL;
    if (old)
        do_getitimer(which, old);
    claim_timer(&alarm_timer, ITIMER_KEY);
    arm(&alarm_timer, (struct timer_message){.kind = TIMER_SIGNAL, .key = ITIMER_KEY, .signal = SIGALRM,
                                             .deadline = deadline_of(&first, 0), .interval = span_of(&interval)});
    return 0;
}

static long do_alarm(unsigned seconds)
{
    struct itimerval wanted = {.it_value.tv_sec = seconds}, old;
    do_setitimer(ITIMER_REAL, &wanted, &old);
    if (!old.it_value.tv_sec)
        return old.it_value.tv_usec > 0;
    return old.it_value.tv_sec + (old.it_value.tv_usec >= 500000);
}

static long do_timer_create(clockid_t clock, struct sigevent *event, int *id)
{
    long result = CALL(SYS_timer_create, clock, event, id, 0, 0, 0);
    if (result < 0 || start_of(clock) < 0)
        return result;
    for (struct own_timer *timer = own_timers; timer < own_timers + OWN_TIMERS; timer++)
        if (claim_timer(timer, -1)) {
            struct sigevent usual = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM, .sigev_value.sival_int = *id};
            timer->event = event ? *event : usual;
            timer->id = *id;
            return 0;
        }
    CALL(SYS_timer_delete, *id, 0, 0, 0, 0, 0);
    return -EAGAIN;
}

static long do_timer_gettime(int id, struct itimerspec *out)
{
    struct own_timer *timer = find_timer(id);
    if (!timer)
        return CALL(SYS_timer_gettime, id, out, 0, 0, 0, 0);
    *out = rest_of(timer);
    return 0;
}

static long do_timer_settime(int id, int flags, const struct itimerspec *wanted, struct itimerspec *old)
{
    struct own_timer *timer = find_timer(id);
    if (!timer)
        return CALL(SYS_timer_settime, id, flags, wanted, old, 0, 0);
    if (!well_formed(&wanted->it_value) || !well_formed(&wanted->it_interval))
        return -EINVAL;
    if (old)
        *old = rest_of(timer);
    struct sigevent *event = &timer->event;
    arm(timer, (struct timer_message){
        .kind = event->sigev_notify == SIGEV_NONE ? TIMER_NOTHING : TIMER_QUEUED_SIGNAL, .key = id,
        .signal = event->sigev_signo, .value = (long)event->sigev_value.sival_ptr,
        .tid = event->sigev_notify == SIGEV_THREAD_ID ? event->_sigev_un._tid : 0,
        .deadline = deadline_of(&wanted->it_value, flags & TIMER_ABSTIME), .interval = span_of(&wanted->it_interval)});
    return 0;
}

static long do_timer_delete(int id)
{
    struct own_timer *timer = find_timer(id);
    if (timer) {
        tell_keeper((struct timer_message){.kind = TIMER_QUEUED_SIGNAL, .key = id}, -1);
        timer->id = -1;
        atomic_store(&timer->pid, 0);
    }
    return CALL(SYS_timer_delete, id, 0, 0, 0, 0, 0);
}

/* ---- the handler ---- */

static volatile int under_filter;

static long answer(int number, long a, long b, long c, long d, long e, long f)
{
    switch (number) {
    case SYS_clock_gettime: return read_clock(a, (void *)b);
    case SYS_gettimeofday: return read_timeofday((void *)a, (void *)b);
    case SYS_time: return read_time((void *)a);
    case SYS_nanosleep: return do_nanosleep((void *)a, (void *)b);
    case SYS_clock_nanosleep: return do_clock_nanosleep(a, b, (void *)c, (void *)d);
    case SYS_futex: return do_timed_futex((void *)a, b, c, (void *)d, e, f);
    case SYS_poll: return do_poll((void *)a, b, c);
    case SYS_ppoll: return do_ppoll(a, b, (void *)c, d, e);
    case SYS_select: case SYS_pselect6: return do_select(number, a, b, c, d, (void *)e, f);
    case SYS_epoll_wait: return do_epoll(a, b, c, d, 0);
    case SYS_epoll_pwait: return do_epoll(a, b, c, d, e);
    case SYS_epoll_pwait2: return do_epoll_pwait2(a, b, c, (void *)d, e, f);
    case SYS_rt_sigtimedwait: return do_sigtimedwait(a, b, (void *)c, d);
    case SYS_semtimedop: return do_semtimedop(a, b, c, (void *)d);
    case SYS_timerfd_settime: return do_timerfd_settime(a, b, (void *)c, (void *)d);
    case SYS_getitimer: return do_getitimer(a, (void *)b);
    case SYS_setitimer: return do_setitimer(a, (void *)b, (void *)c);
    case SYS_alarm: return do_alarm(a);
    case SYS_timer_create: return do_timer_create(a, (void *)b, (void *)c);
    case SYS_timer_gettime: return do_timer_gettime(a, (void *)b);
    case SYS_timer_settime: return do_timer_settime(a, b, (void *)c, (void *)d);
    case SYS_timer_delete: return do_timer_delete(a);
    }
    return CALL(number, a, b, c, d, e, f);
}

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    under_filter = 1;
    if (info->si_code != 1 /* SYS_SECCOMP */)
        return; /* the keeper: whatever this thread waits in has been interrupted, and that is all */
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (page)
        r[REG_RAX] = answer(info->si_syscall, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]);
}

/* ---- SIGSYS is ours: nobody blocks it or takes it away ---- */

extern int __sigaction(int, const struct sigaction *, struct sigaction *);

EXPORT int sigaction(int signal, const struct sigaction *wanted, struct sigaction *old)
{
    if (signal == SIGSYS && page) {
        if (old)
            memset(old, 0, sizeof *old);
        return 0;
    }
    struct sigaction mine;
    if (wanted) {
        mine = *wanted;
        sigdelset(&mine.sa_mask, SIGSYS);
    }
    return __sigaction(signal, wanted ? &mine : 0, old);
}

static sighandler_t set_handler(int signal, sighandler_t handler, int flags)
{
    struct sigaction wanted = {.sa_handler = handler, .sa_flags = flags}, old;
    if (!(flags & SA_NODEFER))
        sigaddset(&wanted.sa_mask, signal);
    return sigaction(signal, &wanted, &old) < 0 ? SIG_ERR : old.sa_handler;
}
EXPORT sighandler_t signal(int number, sighandler_t handler) { return set_handler(number, handler, SA_RESTART); }
EXPORT sighandler_t sysv_signal(int number, sighandler_t handler)
{
    return set_handler(number, handler, SA_RESETHAND | SA_NODEFER);
}
EXPORT sighandler_t __sysv_signal(int number, sighandler_t handler) { return sysv_signal(number, handler); }

EXPORT int pthread_sigmask(int how, const sigset_t *wanted, sigset_t *old)
{
    sigset_t mine;
    if (wanted) {
        mine = *wanted;
        if (how != SIG_UNBLOCK) {
            sigdelset(&mine, SIGSYS);
            mine.__val[0] &= ~(3UL << 31); /* signals 32 and 33 are the C library's own, as it sees to itself */
        }
    }
    if (page)
        return (int)-CALL(SYS_rt_sigprocmask, how, wanted ? &mine : 0, old, _NSIG / 8, 0, 0);
    return syscall(SYS_rt_sigprocmask, how, wanted ? &mine : 0, old, _NSIG / 8) < 0 ? errno : 0;
}
EXPORT int sigprocmask(int how, const sigset_t *wanted, sigset_t *old)
{
    int error = pthread_sigmask(how, wanted, old);
    if (error)
        errno = error;
    return error ? -1 : 0;
}

/* A handler that it lets run has the same signals blocked, and may wait. */
extern int __sigsuspend(const sigset_t *);
EXPORT int sigsuspend(const sigset_t *wanted)
{
    sigset_t mine = *wanted;
    sigdelset(&mine, SIGSYS);
    return __sigsuspend(&mine);
}

/* ---- the kernel's own timers ---- */

/* Without this flag TCP may hold a small packet back for the 40 real milliseconds that an acknowledgement takes: a
 * wait of the kernel's, in which every thread sleeps. Accepted sockets inherit it. */
EXPORT int socket(int domain, int type, int protocol)
{
    int fd = syscall(SYS_socket, domain, type, protocol), on = 1;
    if (fd >= 0 && page && (domain == AF_INET || domain == AF_INET6) && (type & 0xf) == SOCK_STREAM)
        syscall(SYS_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* ---- starting ---- */

static void jump_to(char *from, void *to)
{
    static const char code[] = {0x48, (char)0xb8, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xe0}; /* mov $to,%rax; jmp *%rax */
    memcpy(from, code, sizeof code);
    memcpy(from + 2, &to, sizeof to);
}

static void patch_vdso(void)
{
    char *base = (char *)getauxval(AT_SYSINFO_EHDR);
    if (!base)
        return;
    Elf64_Ehdr *header = (void *)base;
    Elf64_Phdr *segments = (void *)(base + header->e_phoff);
    char *shift = base;
    Elf64_Dyn *dynamic = 0;
    unsigned long size = 0;
    for (int i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD) {
            shift = base + segments[i].p_offset - segments[i].p_vaddr;
            size = (segments[i].p_offset + segments[i].p_memsz + 4095) & ~4095UL;
        } else if (segments[i].p_type == PT_DYNAMIC)
            dynamic = (void *)(base + segments[i].p_offset);
    }
    Elf64_Sym *symbols = 0;
    const char *names = 0;
    for (Elf64_Dyn *entry = dynamic; entry && entry->d_tag; entry++) {
        if (entry->d_tag == DT_SYMTAB)
            symbols = (void *)(shift + entry->d_un.d_ptr);
        else if (entry->d_tag == DT_STRTAB)
            names = shift + entry->d_un.d_ptr;
    }
    /* The tables of names follow the symbols, in every vDSO there is: that tells where the symbols end. */
    if (!symbols || !names || CALL(SYS_mprotect, base, size, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0) < 0) {
        atomic_fetch_add(&page->sealed, 1);
        return;
    }
    for (Elf64_Sym *symbol = symbols; (const char *)symbol < names; symbol++) {
        const char *name = names + symbol->st_name;
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC)
            continue;
        if (!strcmp(name, "__vdso_clock_gettime"))
            jump_to(shift + symbol->st_value, (void *)read_clock);
        else if (!strcmp(name, "__vdso_gettimeofday"))
            jump_to(shift + symbol->st_value, (void *)read_timeofday);
        else if (!strcmp(name, "__vdso_time"))
            jump_to(shift + symbol->st_value, (void *)read_time);
    }
    CALL(SYS_mprotect, base, size, PROT_READ | PROT_EXEC, 0, 0, 0);
}

/* What the program that called exec has left behind under this number. */
static void forget_past(void)
{
    uint32_t me = CALL(SYS_getpid, 0, 0, 0, 0, 0, 0);
    for (struct slot *slot = page->slots; slot < page->slots + SLOTS; slot++)
        if (atomic_load(&slot->tid) && slot->pid == me)
            give_back(slot);
    tell_keeper((struct timer_message){.kind = TIMER_NEW_PROGRAM}, -1);
}

__attribute__((constructor)) static void start(void)
{
    int fd = open(CLOCK_PAGE, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    /* SA_RESTART: our waits end all the same, and a signal that comes late ends no other call that can go on.
     * SA_NODEFER: a handler of the program's may wait too. */
    struct sigaction ours = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART}, usual;
    __sigaction(SIGSYS, &ours, &usual);
    sigset_t one = {{1UL << (SIGSYS - 1)}};
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &one, 0, _NSIG / 8);
    syscall(SYS_time, 0);
    if (!under_filter) { /* the keeper, or whatever the host runs in here: real time is theirs */
        __sigaction(SIGSYS, &usual, 0);
        close(fd);
        return;
    }
    struct page *found = mmap(0, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    void *stub = mmap((void *)STUB_ADDRESS, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (found == MAP_FAILED || stub != (void *)STUB_ADDRESS)
        return;
    memcpy(stub, stub_start, stub_end - stub_start);
    mprotect(stub, 4096, PROT_READ | PROT_EXEC);
    page = found;
    patch_vdso();
    forget_past();
}
