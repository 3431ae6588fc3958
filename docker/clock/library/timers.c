/* Timers that belong to no waiting thread: timerfds, interval timers and those of timer_create. The keeper holds them. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>

#include "library.h"

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

long do_timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old)
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

long do_getitimer(int which, struct itimerval *out)
{
    if (which != ITIMER_REAL)
        return CALL(SYS_getitimer, which, out, 0, 0, 0, 0);
    claim_timer(&alarm_timer, ITIMER_KEY);
    as_micro(out, rest_of(&alarm_timer));
    return 0;
}

long do_setitimer(int which, const struct itimerval *wanted, struct itimerval *old)
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

long do_alarm(unsigned seconds)
{
    struct itimerval wanted = {.it_value.tv_sec = seconds}, old;
    do_setitimer(ITIMER_REAL, &wanted, &old);
    if (!old.it_value.tv_sec)
        return old.it_value.tv_usec > 0;
    return old.it_value.tv_sec + (old.it_value.tv_usec >= 500000);
}

long do_timer_create(clockid_t clock, struct sigevent *event, int *id)
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

long do_timer_gettime(int id, struct itimerspec *out)
{
    struct own_timer *timer = find_timer(id);
    if (!timer)
        return CALL(SYS_timer_gettime, id, out, 0, 0, 0, 0);
    *out = rest_of(timer);
    return 0;
}

long do_timer_settime(int id, int flags, const struct itimerspec *wanted, struct itimerspec *old)
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

long do_timer_delete(int id)
{
    struct own_timer *timer = find_timer(id);
    if (timer) {
        tell_keeper((struct timer_message){.kind = TIMER_QUEUED_SIGNAL, .key = id}, -1);
        timer->id = -1;
        atomic_store(&timer->pid, 0);
    }
    return CALL(SYS_timer_delete, id, 0, 0, 0, 0, 0);
}

/* Timers of timer_create end when a process calls exec; the keeper sees to it. */
void forget_timers(void) { tell_keeper((struct timer_message){.kind = TIMER_NEW_PROGRAM}, -1); }
