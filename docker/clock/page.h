/* What the three parties to a desktop's clock share: the library in every process, the keeper that moves the
 * time, and the host, which reads `now`. All times are nanoseconds; "virtual" means since the start. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

#define CLOCK_FOLDER "/run/deskgym/share/clock"
#define CLOCK_PAGE CLOCK_FOLDER "/page"
#define CLOCK_TIMERS CLOCK_FOLDER "/timers"
#define CLOCK_ORDERS CLOCK_FOLDER "/orders"

/* Monday, 7 January 2030, 09:00 UTC: later than any file of the image, so that nothing comes from the future. */
#define WALL_START (1894006800LL * 1000000000)
/* What CLOCK_MONOTONIC shows at the start; some programs take 0 for "never". */
#define STEADY_START (1000LL * 1000000000)

/* One system call instruction that the filter lets pass, at the same place in every process, so that the filter,
 * which outlives exec, need not be changed. Below 2 MiB, where neither programs nor random mappings lie. */
#define STUB_ADDRESS 0x80000UL

enum { SLOTS = 2048, LONGEST_NAP = 20000000 };

/* A thread in a wait with a deadline. */
struct slot {
    _Atomic uint32_t tid; /* 0: free */
    uint32_t pid;
    _Atomic uint32_t fired; /* how often by the keeper; the wait then ends as timed out */
    _Atomic uint32_t armed; /* set last, when the rest is filled in; not set while a signal handler waits above it */
    int64_t deadline;
};

struct page {
    _Atomic int64_t now;
    _Atomic uint32_t jumps; /* how often the keeper has moved `now` */
    _Atomic uint32_t sealed; /* processes whose vDSO could not be patched */
    _Atomic uint32_t at_rest; /* whether the desktop is only looked at; see `nap` in calls.c */
    _Atomic int64_t naps_end; /* on the kernel's CLOCK_MONOTONIC */
    struct slot slots[SLOTS];
};

/* What a process tells the keeper about a timer that belongs to no waiting thread; a timerfd rides along. Timers of
 * timer_create (queued signals) end when the process calls exec, those of setitimer do not. */
enum timer_kind { TIMER_DESCRIPTOR = 1, TIMER_SIGNAL, TIMER_QUEUED_SIGNAL, TIMER_NOTHING, TIMER_NEW_PROGRAM };
struct timer_message {
    uint32_t kind;
    int32_t pid, tid; /* tid 0: a signal for the whole process */
    int32_t key; /* descriptor, or number of the timer */
    int32_t signal;
    int64_t value; /* sigev_value */
    int64_t deadline; /* 0: disarmed */
    int64_t interval; /* 0: once */
};

/* An order of the host, and the answer. After ORDER_REST, which advances too, the desktop is only looked at until the
 * next order. */
enum order_kind { ORDER_SETTLE = 1, ORDER_ADVANCE, ORDER_REST };
struct order {
    int64_t kind;
    int64_t target; /* virtual; not for ORDER_SETTLE */
    int64_t patience; /* real time after which threads that have worked for half of it are "busy" */
};
struct answer {
    int64_t now;
    int64_t busy; /* 1: threads still ran when patience ended */
    int64_t jumps; /* timers fired for this order */
    int64_t scans; /* looks at all threads for this order */
    int64_t threads;
};
