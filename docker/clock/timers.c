/* Timers that belong to no waiting thread: timerfds, interval timers and those of timer_create. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "page.h"
#include "parts.h"

struct timer {
    struct timer_message what;
    int descriptor; /* the process's own timerfd, or -1 */
};
static struct timer *timers;
static int count, room, incoming = -1;

int open_timers(void)
{
    struct sockaddr_un address = {AF_UNIX, CLOCK_TIMERS};
    incoming = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return bind(incoming, (void *)&address, sizeof address) < 0 ? -1 : incoming;
}

static void forget(int number)
{
    if (timers[number].descriptor >= 0)
        close(timers[number].descriptor);
    timers[number] = timers[--count];
}

static void take(struct timer_message message, int descriptor)
{
    for (int i = 0; i < count; i++)
        if (timers[i].what.pid == message.pid && timers[i].what.key == message.key && timers[i].what.kind == message.kind) {
            forget(i);
            break;
        }
    if (!message.deadline) {
        if (descriptor >= 0)
            close(descriptor);
        return;
    }
    if (count == room)
        timers = realloc(timers, (room = 2 * room + 16) * sizeof *timers);
    timers[count++] = (struct timer){message, descriptor};
}

int hear_timers(void)
{
    int heard = 0;
    for (;; heard++) {
        struct timer_message message;
        struct iovec body = {&message, sizeof message};
        union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } rider;
        struct msghdr letter = {0, 0, &body, 1, &rider, sizeof rider, 0};
        if (recvmsg(incoming, &letter, MSG_CMSG_CLOEXEC) != sizeof message)
            return heard;
        int descriptor = -1;
        if (letter.msg_controllen && rider.head.cmsg_type == SCM_RIGHTS)
            memcpy(&descriptor, CMSG_DATA(&rider.head), sizeof descriptor);
        take(message, descriptor);
    }
}

static int earliest(void)
{
    int first = -1;
    for (int i = 0; i < count; i++)
        if (first < 0 || timers[i].what.deadline < timers[first].what.deadline)
            first = i;
    return first;
}

int64_t next_timer(void)
{
    int first = earliest();
    return first < 0 ? INT64_MAX : timers[first].what.deadline;
}

static void fire_descriptor(int descriptor)
{
    /* The kernel's timer goes off a nanosecond after its start. Whoever waits for it has been woken when it is
     * readable, or when somebody has read it. */
    struct itimerspec at_once = {.it_value.tv_nsec = 1};
    struct pollfd ready = {descriptor, POLLIN, 0};
    if (timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &at_once, 0) == 0)
        poll(&ready, 1, 2);
}

static int send_signal(const struct timer_message *what)
{
    if (what->kind == TIMER_SIGNAL)
        return kill(what->pid, what->signal);
    siginfo_t info = {.si_signo = what->signal, .si_code = SI_TIMER};
    info.si_timerid = what->key;
    info.si_value.sival_ptr = (void *)what->value;
    if (what->tid)
        return syscall(SYS_rt_tgsigqueueinfo, what->pid, what->tid, what->signal, &info);
    return syscall(SYS_rt_sigqueueinfo, what->pid, what->signal, &info);
}

void fire_timer(void)
{
    int first = earliest();
    struct timer *timer = &timers[first];
    int gone = kill(timer->what.pid, 0) < 0 && errno == ESRCH;
    if (!gone && timer->what.kind == TIMER_DESCRIPTOR)
        fire_descriptor(timer->descriptor);
    else if (!gone)
        gone = send_signal(&timer->what) < 0;
    if (gone || !timer->what.interval)
        forget(first);
    else
        timer->what.deadline += timer->what.interval;
}
