/* Waiting until a virtual deadline: in a slot of the shared page, where the keeper finds it. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>

#include "library.h"

/* The wait a thread is in; a signal handler that interrupts one may wait itself. The model of storage matters: any
 * other may take a lock in a signal handler. */
struct wait { struct slot *slot; const char *frame; };
static __thread struct wait innermost __attribute__((tls_model("initial-exec")));

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
long wait_until(int64_t deadline, long number, long a, long b, long c, long d, long e, long f)
{
    uint32_t tid = CALL(SYS_gettid, 0, 0, 0, 0, 0, 0);
    struct wait below = innermost;
    if (is_mine(below.slot, tid) && below.frame < (const char *)&below) {
        give_back(below.slot); /* its frame is gone: a handler left it by longjmp */
        below.slot = 0;
    }
    if (is_mine(below.slot, tid))
        atomic_store(&below.slot->armed, 0);
    struct slot *slot = take_slot(tid, deadline);
    innermost = (struct wait){slot, (const char *)&below};
    if (slot)
        atomic_store(&slot->armed, 1);
    long result = CALL(number, a, b, c, d, e, f);
    tid = CALL(SYS_gettid, 0, 0, 0, 0, 0, 0);
    int fired = 0;
    if (is_mine(slot, tid)) {
        fired = atomic_load(&slot->fired) > 0;
        atomic_store(&slot->armed, 0);
    }
    innermost = below;
    if (is_mine(slot, tid))
        give_back(slot);
    if (is_mine(below.slot, tid))
        atomic_store(&below.slot->armed, 1);
    return result == -EINTR && fired ? -ETIMEDOUT : result;
}

/* What the program that called exec has left behind under this number. */
void forget_waits(void)
{
    uint32_t me = CALL(SYS_getpid, 0, 0, 0, 0, 0, 0);
    for (struct slot *slot = page->slots; slot < page->slots + SLOTS; slot++)
        if (atomic_load(&slot->tid) && slot->pid == me)
            give_back(slot);
}
