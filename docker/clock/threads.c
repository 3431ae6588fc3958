/* Does anything on this desktop run, want to run, or wait for the disk?
 *
 * Reading the states one by one cannot tell: a thread that was seen asleep may be woken by one that is looked at later.
 * So a look has three steps. (1) Every thread that has run of late has left the processor. (2) All states are asleep.
 * (3) None has been given the processor since before (1). Then nobody ran between (1) and (3), nobody can have been
 * woken between them but from outside, and at that instant all slept: nothing of their own can wake them but time. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parts.h"

struct thread {
    int pid, tid;
    int state; /* descriptor of .../stat, whose third field is the state */
    int ran; /* descriptor of .../schedstat: time on the processor, time in the queue, turns */
    int call; /* descriptor of .../syscall, which makes us wait until a sleeper has really left the processor */
    char last[64]; /* what it read the last time */
    int restless; /* has run since all were asleep */
    int ended; /* was seen as a zombie */
};

static struct thread *threads;
static int count, room;
int64_t threads_seen, looks, worked;

static int *ours, our_count, our_room; /* processes below this one, found by the look that goes on */

static void forget(int number)
{
    close(threads[number].state);
    close(threads[number].ran);
    close(threads[number].call);
    threads[number] = threads[--count];
}

/* Whether it has run since it was asked last. */
static int has_run(struct thread *thread)
{
    char text[sizeof thread->last] = {0};
    if (pread(thread->ran, text, sizeof text - 1, 0) <= 0)
        return -1; /* it has ended */
    if (!memcmp(text, thread->last, sizeof text))
        return 0;
    if (*thread->last)
        worked += strtoll(text, 0, 10) - strtoll(thread->last, 0, 10);
    memcpy(thread->last, text, sizeof text);
    thread->restless = 1;
    return 1;
}

static int any_has_run(void)
{
    int any = 0;
    for (int i = count - 1; i >= 0; i--) {
        int ran = has_run(&threads[i]);
        if (ran)
            any = 1;
        if (ran < 0)
            forget(i);
    }
    return any;
}

/* The letter of a thread's state and its parent's number. */
static char state_of(int fd, int *parent)
{
    char text[512];
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    if (size <= 0)
        return 'X';
    text[size] = 0;
    char *end = strrchr(text, ')'); /* the name before it may hold anything */
    if (!end)
        return 'X';
    if (parent)
        *parent = atoi(end + 4);
    return end[2];
}

static int is_ours(int pid)
{
    for (int i = 0; i < our_count; i++)
        if (ours[i] == pid)
            return 1;
    return 0;
}

static int open_at(int pid, int tid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int add_thread(int pid, int tid)
{
    for (int i = 0; i < count; i++)
        if (threads[i].tid == tid && threads[i].pid == pid)
            return 0;
    if (count == room)
        threads = realloc(threads, (room = 2 * room + 64) * sizeof *threads);
    struct thread fresh = {.pid = pid, .tid = tid, .state = open_at(pid, tid, "stat"), .ran = open_at(pid, tid, "schedstat"), .call = open_at(pid, tid, "syscall"), .restless = 1};
    threads[count++] = fresh;
    if (fresh.state < 0 || fresh.ran < 0)
        forget(count - 1);
    return 1;
}

/* Find processes below this one (they may have come in any order) and their threads; whether any is new. */
static int discover(void)
{
    static struct { int pid, parent; } *others;
    static int other_room;
    int other_count = 0, fresh = 0;
    our_count = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all));) {
        int pid = atoi(entry->d_name), parent = 0;
        if (pid <= 0 || pid == getpid())
            continue;
        if (other_count == other_room)
            others = realloc(others, (other_room = 2 * other_room + 256) * sizeof *others);
        int fd = open_at(pid, pid, "stat");
        if (fd < 0)
            continue;
        state_of(fd, &parent);
        close(fd);
        others[other_count].pid = pid;
        others[other_count++].parent = parent;
    }
    if (all)
        closedir(all);
    for (int found = 1; found;) {
        found = 0;
        for (int i = 0; i < other_count; i++) {
            if (!others[i].pid || (others[i].parent != getpid() && !is_ours(others[i].parent)))
                continue;
            if (our_count == our_room)
                ours = realloc(ours, (our_room = 2 * our_room + 64) * sizeof *ours);
            ours[our_count++] = others[i].pid;
            others[i].pid = 0;
            found = 1;
        }
    }
    for (int i = 0; i < our_count; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/task", ours[i]);
        DIR *tasks = opendir(path);
        for (struct dirent *entry; tasks && (entry = readdir(tasks));)
            if (atoi(entry->d_name) > 0)
                fresh |= add_thread(ours[i], atoi(entry->d_name));
        if (tasks)
            closedir(tasks);
    }
    return fresh;
}

/* A process becomes a zombie an instant before it wakes its parent, while it holds the kernel's list of tasks. When
 * waitid has had that list too, the parent is awake; the look that follows sees it. */
static int ends_now(struct thread *thread, char state)
{
    if (thread->ended || (state != 'Z' && state != 'X'))
        return 0;
    siginfo_t info;
    waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    return thread->ended = 1;
}

/* A thread is shown asleep from when it means to sleep on: it is still at work for a while, in waitpid even for long,
 * and its time on the processor is counted when it leaves it. What may not be read (of a process that is not to be
 * dumped) is taken for asleep. */
static int any_on_processor(void)
{
    for (int i = 0; i < count; i++) {
        char text[8] = {0};
        if (threads[i].restless && pread(threads[i].call, text, sizeof text - 1, 0) > 0 && !strncmp(text, "running", 7))
            return 1;
    }
    return 0;
}

static int any_awake(void)
{
    for (int i = 0; i < count; i++) {
        char state = state_of(threads[i].state, 0);
        if (state == 'R' || state == 'D' || ends_now(&threads[i], state))
            return 1;
    }
    return 0;
}

/* The number last given to a thread in this namespace: while it stays, there is none that we do not know. */
static int last_number(void)
{
    static int load = -1;
    char text[128];
    if (load < 0)
        load = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    ssize_t size = pread(load, text, sizeof text - 1, 0);
    if (size <= 0)
        return -1;
    text[size] = 0;
    char *last = strrchr(text, ' ');
    return last ? atoi(last) : -1;
}

/* Packets between the desktop's own programs are carried by the kernel, on a crowded host some time after both have
 * fallen asleep: they wait in queues, one for each processor, whose lengths stand in the twelfth field of a line. */
static int packets_wait(void)
{
    static int queues = -1;
    static char text[1 << 16];
    if (queues < 0)
        queues = open("/proc/net/softnet_stat", O_RDONLY | O_CLOEXEC);
    ssize_t size = pread(queues, text, sizeof text - 1, 0);
    if (size <= 0)
        return 0;
    text[size] = 0;
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        unsigned waiting = 0;
        if (sscanf(line, "%*x %*x %*x %*x %*x %*x %*x %*x %*x %*x %*x %x", &waiting) == 1 && waiting)
            return 1;
        if (!strchr(line, '\n'))
            break;
    }
    return 0;
}

int all_asleep(void)
{
    static int known = -1; /* the last number when all were known */
    looks++;
    if (packets_wait())
        return 0;
    if (any_has_run() || any_on_processor() || any_awake())
        return 0;
    int last = last_number();
    if (last < 0 || last != known) {
        /* Whoever is new may have woken one that was just seen asleep, and be gone: this look cannot tell. */
        if (!discover() && !any_has_run())
            known = last;
        return 0;
    }
    if (any_has_run())
        return 0;
    for (int i = 0; i < count; i++)
        threads[i].restless = 0;
    threads_seen = count;
    return 1;
}
