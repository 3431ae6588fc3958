/* The keeper of a desktop's clock: starts the desktop inside the clock, reaps its orphans, and moves the time.
 *
 *   keeper PROGRAM [ARGUMENT...]
 *
 * It sits outside the clock itself. The host's orders come over a socket, one at a time: settle (wait until every
 * thread sleeps) and advance (then jump from one timer to the next up to a time). Between orders time stands still. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../page.h"
#include "parts.h"

static struct page *page;
static pid_t desktop;

static int64_t real_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* How long to bear with threads that go on running. On a crowded host work takes long because it waits for its turn:
 * the software is busy when it has had the processor for half of the patience, or when there is no end to it. */
struct patience { int64_t begun, worked, length; };
enum { MOST_PATIENCES = 6 };

static struct patience begin_patience(int64_t length) { return (struct patience){real_now(), worked, length}; }

static int no_end(const struct patience *patience)
{
    return real_now() - patience->begun > MOST_PATIENCES * patience->length;
}

static int is_over(const struct patience *patience)
{
    int long_enough = real_now() - patience->begun > patience->length;
    return (long_enough && worked - patience->worked > patience->length / 2) || no_end(patience);
}

/* Wait until all sleep and have told of their timers; 0 when patience ended first. */
static int settle(int64_t patience_length)
{
    struct patience patience = begin_patience(patience_length);
    int64_t nap = 20000;
    for (;;) {
        if (all_asleep()) {
            if (!hear_timers())
                return 1;
            nap = 20000; /* whoever told may have been waiting for our ear */
        }
        if (is_over(&patience))
            return 0;
        hear_timers();
        nanosleep(&(struct timespec){0, nap}, 0);
        nap = nap < 400000 ? nap * 3 / 2 : 400000;
    }
}

/* The wait that ends first; among equals that of the lowest thread, so that the order is always the same. */
static struct slot *next_wait(void)
{
    struct slot *first = 0;
    for (struct slot *slot = page->slots; slot < page->slots + SLOTS; slot++) {
        if (!atomic_load_explicit(&slot->tid, memory_order_relaxed) || !atomic_load(&slot->armed))
            continue;
        if (!first || slot->deadline < first->deadline || (slot->deadline == first->deadline && slot->tid < first->tid))
            first = slot;
    }
    return first;
}

/* A thread that sleeps in a signal handler just before its wait hears the first signal too early, and the next in time.
 * One that is stopped, or deaf to the signal, hears none: it finds it when it goes on. */
static void end_wait(struct slot *slot)
{
    enum { TRIES = 3 };
    uint32_t fired = atomic_fetch_add(&slot->fired, 1) + 1;
    if (syscall(SYS_tgkill, slot->pid, atomic_load(&slot->tid), SIGSYS) < 0) {
        atomic_store(&slot->armed, 0); /* its thread ended while it waited */
        atomic_store(&slot->tid, 0);
    } else if (fired == TRIES)
        atomic_store(&slot->armed, 0);
}

static void move_to(int64_t time)
{
    if (time > atomic_load(&page->now))
        atomic_store(&page->now, time);
    atomic_fetch_add(&page->jumps, 1);
}

/* The desktop's first process and all orphans; the desktop ends with the first. */
static void reap(void)
{
    for (pid_t ended; (ended = waitpid(-1, 0, WNOHANG)) > 0;)
        if (ended == desktop)
            exit(0);
}

/* From now on all waits are virtual, and nobody is in another. The page is the desktop's to write: what it says there
 * holds up nobody for longer than one nap. */
static void end_rest(void)
{
    atomic_store(&page->at_rest, 0);
    int64_t now = real_now(), end = atomic_load(&page->naps_end);
    if (end > now + LONGEST_NAP)
        end = now + LONGEST_NAP;
    for (; now < end; now = real_now())
        nanosleep(&(struct timespec){0, end - now}, 0);
}

static struct answer obey(const struct order *order)
{
    struct answer answer = {0};
    end_rest();
    struct patience whole = begin_patience(order->patience); /* there is no end to timers of a microsecond either */
    looks = 0;
    for (;; answer.jumps++) {
        reap();
        answer.busy = !settle(order->patience) || no_end(&whole);
        if (answer.busy || order->kind == ORDER_SETTLE)
            break;
        struct slot *wait = next_wait();
        int64_t wait_end = wait ? wait->deadline : INT64_MAX, timer_end = next_timer();
        int64_t next = wait_end < timer_end ? wait_end : timer_end;
        if (next > order->target) {
            move_to(order->target);
            break;
        }
        move_to(next);
        if (wait_end <= timer_end)
            end_wait(wait);
        else
            fire_timer();
    }
    atomic_store(&page->at_rest, order->kind == ORDER_REST);
    answer.now = atomic_load(&page->now);
    answer.scans = looks;
    answer.threads = threads_seen;
    return answer;
}

static pid_t start(char **argv)
{
    pid_t child = fork();
    if (child)
        return child;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    if (install_filter() < 0)
        perror("keeper: the kernel refuses the filter");
    else
        execv(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

static int open_orders(void)
{
    struct sockaddr_un address = {AF_UNIX, CLOCK_ORDERS};
    int orders = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (bind(orders, (void *)&address, sizeof address) < 0 || listen(orders, 4) < 0)
        return -1;
    return orders;
}

static int open_page(void)
{
    mkdir(CLOCK_FOLDER, 0700);
    int fd = open(CLOCK_PAGE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *page) < 0)
        return -1;
    page = mmap(0, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? -1 : 0;
}

/* The machine has one processor, the one it woke up on: of its threads one runs at a time, and few of the races within
   the software are left open. */
static void have_one_processor(void)
{
    cpu_set_t mine;
    CPU_ZERO(&mine);
    CPU_SET(sched_getcpu(), &mine);
    sched_setaffinity(0, sizeof mine, &mine);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fprintf(stderr, "usage: keeper PROGRAM [ARGUMENT...]\n"), 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_TIMERSLACK, 1);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, 0);
    enum { ENDED, TIMERS, DOOR, HOST };
    struct pollfd ears[] = {[ENDED] = {-1, POLLIN, 0}, [TIMERS] = {-1, POLLIN, 0}, [DOOR] = {-1, POLLIN, 0}, [HOST] = {-1, POLLIN, 0}};
    if (open_page() < 0 || (ears[ENDED].fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK)) < 0 ||
        (ears[TIMERS].fd = open_timers()) < 0 || (ears[DOOR].fd = open_orders()) < 0)
        return perror("keeper: " CLOCK_FOLDER), 1;
    have_one_processor();
    desktop = start(argv + 1);
    setrlimit(RLIMIT_NOFILE, &files); /* four descriptors a thread; the desktop keeps the usual limit */
    for (;;) {
        poll(ears, 4, -1);
        if (ears[ENDED].revents) {
            struct signalfd_siginfo info;
            while (read(ears[ENDED].fd, &info, sizeof info) > 0)
                ;
            reap();
        }
        if (ears[TIMERS].revents)
            hear_timers();
        if (ears[DOOR].revents) {
            if (ears[HOST].fd >= 0)
                close(ears[HOST].fd);
            ears[HOST].fd = accept4(ears[DOOR].fd, 0, 0, SOCK_CLOEXEC);
        }
        struct order order;
        if (ears[HOST].fd >= 0 && ears[HOST].revents) {
            if (recv(ears[HOST].fd, &order, sizeof order, 0) == sizeof order) {
                struct answer answer = obey(&order);
                send(ears[HOST].fd, &answer, sizeof answer, MSG_NOSIGNAL);
            } else {
                close(ears[HOST].fd);
                ears[HOST].fd = -1;
            }
        }
    }
}
