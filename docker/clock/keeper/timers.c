/* Timers that belong to no waiting thread: timerfds, interval timers and those of timer_create. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "../page.h"
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

/* Whether a message is about a timer we know: a timerfd may have been set under another number, or by a child. */
static int is_same(const struct timer *timer, const struct timer_message *message, int descriptor)
{
    enum { F_SAME = 1027 }; /* F_DUPFD_QUERY, from Linux 6.10 on */
    if (timer->what.kind != message->kind)
        return 0;
    if (descriptor >= 0 && timer->descriptor >= 0 && fcntl(descriptor, F_SAME, timer->descriptor) == 1)
        return 1;
    return timer->what.pid == message->pid && timer->what.key == message->key;
}

static void take(struct timer_message message, int descriptor)
{
    for (int i = count - 1; i >= 0; i--) {
        int past = message.kind == TIMER_NEW_PROGRAM && timers[i].what.kind == TIMER_QUEUED_SIGNAL && timers[i].what.pid == message.pid;
        if (past || is_same(&timers[i], &message, descriptor))
            forget(i);
    }
    if (!message.deadline || message.kind == TIMER_NOTHING) {
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

/* Among equals the order must not depend on who told first. */
static int is_before(const struct timer_message *a, const struct timer_message *b)
{
    if (a->deadline != b->deadline)
        return a->deadline < b->deadline;
    return a->pid != b->pid ? a->pid < b->pid : a->key < b->key;
}

static int earliest(void)
{
    int first = -1;
    for (int i = 0; i < count; i++)
        if (first < 0 || is_before(&timers[i].what, &timers[first].what))
            first = i;
    return first;
}

int64_t next_timer(void)
{
    int first = earliest();
    return first < 0 ? INT64_MAX : timers[first].what.deadline;
}

static int is_readable(int descriptor, int ms)
{
    struct pollfd ready = {descriptor, POLLIN, 0};
    return poll(&ready, 1, ms) > 0;
}

/* Whether anybody still has the timerfd. Ours keeps it alive, and with it what the owner's epoll knows of it: it must
 * never fire once the owner has closed it. When the owner has ended, a child may wait for it, and then reads it. */
static int is_wanted(const struct timer *timer)
{
    char path[64], name[64];
    if (kill(timer->what.pid, 0) < 0)
        return !timer->what.interval || !is_readable(timer->descriptor, 0);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", timer->what.pid, timer->what.key);
    ssize_t length = readlink(path, name, sizeof name - 1);
    if (length < 0)
        return errno != ENOENT;
    name[length] = 0;
    return !strcmp(name, "anon_inode:[timerfd]");
}

static int fire_descriptor(const struct timer *timer)
{
    /* The kernel's timer goes off a nanosecond after its start. Whoever waits for it has been woken when it is
     * readable, or when somebody has read it. */
    struct itimerspec at_once = {.it_value.tv_nsec = 1};
    if (!is_wanted(timer) || timerfd_settime(timer->descriptor, TFD_TIMER_ABSTIME, &at_once, 0) < 0)
        return -1;
    is_readable(timer->descriptor, 1);
    return 0;
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
    int gone = timer->what.kind == TIMER_DESCRIPTOR ? fire_descriptor(timer) < 0 : send_signal(&timer->what) < 0 && errno != EAGAIN;
    if (gone || !timer->what.interval)
        forget(first);
    else
        timer->what.deadline += timer->what.interval;
}
