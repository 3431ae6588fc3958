/* Does anything on this desktop run, want to run, or wait for the disk?
 *
 * Reading the states one by one cannot tell: a thread that was seen asleep may be woken by one that is looked at later.
 * So a look has three steps. (1) The time that each process has had the processor is read. (2) All threads are asleep.
 * (3) No process has had any more. Then nobody ran between (1) and (3), nobody can have been woken between them but from
 * outside, and at that instant all slept: nothing of their own can wake them but time. Most looks end at (1), which is
 * one call a process. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "parts.h"

struct thread {
    int tid;
    int place; /* descriptor of .../wchan: where in the kernel it sleeps; 0 when it does not */
    int state; /* descriptor of .../stat, whose third field is the state */
    int call; /* descriptor of .../syscall, which makes us wait until a sleeper has really left the processor */
    int ran; /* descriptor of .../schedstat, which begins with the nanoseconds it has had the processor */
    int64_t used; /* what that was when it was asked last */
    int restless; /* has run since all were asleep */
    int ended; /* was seen as a zombie */
};

struct process {
    int pid;
    int restless; /* has run since all were asleep */
    int64_t used; /* nanoseconds on the processor, of all its threads, when it was asked last, or NEVER */
    struct thread *threads;
    int count, room;
};

enum { ENDED = -1, NEVER = -2 };
static struct process *processes;
static int count, room;
int64_t threads_seen, looks, worked;

static void forget_thread(struct process *process, int number)
{
    close(process->threads[number].place);
    close(process->threads[number].state);
    close(process->threads[number].call);
    close(process->threads[number].ran);
    process->threads[number] = process->threads[--process->count];
}

static void forget_process(int number)
{
    while (processes[number].count)
        forget_thread(&processes[number], 0);
    free(processes[number].threads);
    processes[number] = processes[--count];
}

/* A process's clock of processor time, as clock_getcpuclockid(3) makes it; a running thread's time is in it up to now.
 * (While the process has a timer set on that clock, as profilers do, it is in it up to the kernel's last tick only.) */
static int64_t used_by(int pid)
{
    enum { CPUCLOCK_SCHED = 2 };
    struct timespec time;
    if (clock_gettime(~(clockid_t)pid << 3 | CPUCLOCK_SCHED, &time) < 0)
        return ENDED;
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Whether any thread has run since this was asked last. */
static int any_has_run(void)
{
    int any = 0;
    for (int i = count - 1; i >= 0; i--) {
        struct process *process = &processes[i];
        int64_t used = used_by(process->pid);
        if (used == process->used)
            continue;
        any = 1;
        if (used == ENDED) {
            forget_process(i);
            continue;
        }
        if (process->used != NEVER)
            worked += used - process->used;
        process->used = used;
        process->restless = 1;
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

static int open_at(int pid, int tid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int add_thread(struct process *process, int tid)
{
    for (int i = 0; i < process->count; i++)
        if (process->threads[i].tid == tid)
            return 0;
    if (process->count == process->room)
        process->threads = realloc(process->threads, (process->room = 2 * process->room + 8) * sizeof *process->threads);
    struct thread fresh = {.tid = tid, .restless = 1, .place = open_at(process->pid, tid, "wchan"), .state = open_at(process->pid, tid, "stat"),
                           .call = open_at(process->pid, tid, "syscall"), .ran = open_at(process->pid, tid, "schedstat")};
    process->threads[process->count++] = fresh;
    if (fresh.state < 0)
        forget_thread(process, process->count - 1);
    return 1;
}

static int add_threads(struct process *process)
{
    int fresh = 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", process->pid);
    DIR *tasks = opendir(path);
    for (struct dirent *entry; tasks && (entry = readdir(tasks));)
        if (atoi(entry->d_name) > 0)
            fresh |= add_thread(process, atoi(entry->d_name));
    if (tasks)
        closedir(tasks);
    return fresh;
}

static struct process *process_of(int pid)
{
    for (int i = 0; i < count; i++)
        if (processes[i].pid == pid)
            return &processes[i];
    return 0;
}

static void add_process(int pid)
{
    if (process_of(pid))
        return;
    if (count == room)
        processes = realloc(processes, (room = 2 * room + 32) * sizeof *processes);
    processes[count++] = (struct process){.pid = pid, .restless = 1, .used = NEVER};
}

/* Find the processes below this one, which may be listed in any order, and their threads; whether any is new. */
static int discover(void)
{
    static struct { int pid, parent; } *others;
    static int other_room;
    int other_count = 0, fresh = 0;
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
            if (!others[i].pid || (others[i].parent != getpid() && !process_of(others[i].parent)))
                continue;
            add_process(others[i].pid);
            others[i].pid = 0;
            found = 1;
        }
    }
    for (int i = 0; i < count; i++)
        fresh |= add_threads(&processes[i]);
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

static int has_run(struct thread *thread)
{
    char text[32] = {0};
    pread(thread->ran, text, sizeof text - 1, 0);
    int64_t used = strtoll(text, 0, 10);
    thread->restless |= used != thread->used;
    thread->used = used;
    return thread->restless;
}

static int sleeps_somewhere(const struct thread *thread)
{
    char first;
    return pread(thread->place, &first, 1, 0) == 1 && first != '0';
}

static int is_called_running(const struct thread *thread)
{
    char text[8] = {0};
    return pread(thread->call, text, sizeof text - 1, 0) > 0 && !strncmp(text, "running", 7);
}

/* The place where a thread sleeps is told only when it is off the processor and waits for none, and is the cheapest to
 * be had. That it waits for the disk is told by its state only, and it cannot have begun to without having run.
 *
 * Its state is "asleep" from when it means to sleep on: it is still at work for a while, in waitpid even for long. Its
 * system call is told when it has left the processor. Of a process that is not to be dumped only the state may be read. */
static int is_awake(const struct process *process, struct thread *thread, char *state)
{
    int sleeps = sleeps_somewhere(thread);
    if (sleeps && !(process->restless && has_run(thread)))
        return 0;
    *state = state_of(thread->state, 0);
    return *state == 'R' || *state == 'D' || ends_now(thread, *state) || (!sleeps && is_called_running(thread));
}

static int any_awake(void)
{
    int any = 0;
    for (int i = 0; i < count && !any; i++)
        for (int n = processes[i].count - 1; n >= 0 && !any; n--) {
            char state = 'S';
            any = is_awake(&processes[i], &processes[i].threads[n], &state);
            if (state == 'X')
                forget_thread(&processes[i], n);
        }
    return any;
}

static void all_rest(void)
{
    threads_seen = 0;
    for (int i = 0; i < count; i++) {
        threads_seen += processes[i].count;
        for (int n = 0; processes[i].restless && n < processes[i].count; n++)
            processes[i].threads[n].restless = 0;
        processes[i].restless = 0;
    }
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
    if (packets_wait() || any_has_run() || any_awake())
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
    all_rest();
    return 1;
}
