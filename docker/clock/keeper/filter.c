/* The seccomp filter: which system calls become SIGSYS. Only waits with a finite timeout do; the others cost nothing. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "../page.h"
#include "parts.h"

enum { MOST = 256 };
static struct sock_filter code[MOST];
static unsigned short length;

static void add(struct sock_filter instruction) { code[length++] = instruction; }
static void load(unsigned offset) { add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }
static void load_number(void) { load(offsetof(struct seccomp_data, nr)); }
static void load_argument(int n, int high) { load(offsetof(struct seccomp_data, args[n]) + 4 * high); }
static void give(unsigned verdict) { add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict)); }
static void skip(unsigned test, unsigned value, int if_true, int if_false)
{
    add((struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value, if_true, if_false));
}

/* Each of these begins and ends with the number of the system call in the accumulator. */
static void trap(unsigned number)
{
    skip(BPF_JEQ, number, 0, 1);
    give(SECCOMP_RET_TRAP);
}

static void trap_if_pointer(unsigned number, int argument)
{
    skip(BPF_JEQ, number, 0, 6);
    load_argument(argument, 0);
    skip(BPF_JEQ, 0, 0, 2);
    load_argument(argument, 1);
    skip(BPF_JEQ, 0, 1, 0);
    give(SECCOMP_RET_TRAP);
    give(SECCOMP_RET_ALLOW);
}

static void trap_if_positive(unsigned number, int argument)
{
    skip(BPF_JEQ, number, 0, 5);
    load_argument(argument, 0);
    skip(BPF_JEQ, 0, 2, 0);
    skip(BPF_JSET, 0x80000000, 1, 0);
    give(SECCOMP_RET_TRAP);
    give(SECCOMP_RET_ALLOW);
}

static void trap_timed_futex(void)
{
    skip(BPF_JEQ, SYS_futex, 0, 13);
    load_argument(1, 0);
    add((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FUTEX_CMD_MASK));
    skip(BPF_JEQ, FUTEX_WAIT, 4, 0);
    skip(BPF_JEQ, FUTEX_WAIT_BITSET, 3, 0);
    skip(BPF_JEQ, FUTEX_LOCK_PI, 2, 0);
    skip(BPF_JEQ, FUTEX_LOCK_PI2, 1, 0);
    give(SECCOMP_RET_ALLOW);
    load_argument(3, 0);
    skip(BPF_JEQ, 0, 0, 2);
    load_argument(3, 1);
    skip(BPF_JEQ, 0, 1, 0);
    give(SECCOMP_RET_TRAP);
    give(SECCOMP_RET_ALLOW);
}

/* Clocks of processor time are the kernel's. */
static void trap_clock_gettime(void)
{
    skip(BPF_JEQ, SYS_clock_gettime, 0, 6);
    load_argument(0, 0);
    skip(BPF_JGT, CLOCK_TAI, 3, 0);
    skip(BPF_JEQ, CLOCK_PROCESS_CPUTIME_ID, 2, 0);
    skip(BPF_JEQ, CLOCK_THREAD_CPUTIME_ID, 1, 0);
    give(SECCOMP_RET_TRAP);
    give(SECCOMP_RET_ALLOW);
}

int install_filter(void)
{
    load(offsetof(struct seccomp_data, arch));
    skip(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
    give(SECCOMP_RET_ALLOW);
    load(offsetof(struct seccomp_data, instruction_pointer) + 4);
    skip(BPF_JEQ, 0, 0, 4);
    load(offsetof(struct seccomp_data, instruction_pointer));
    skip(BPF_JGE, STUB_ADDRESS, 0, 2);
    skip(BPF_JGE, STUB_ADDRESS + 4096, 1, 0);
    give(SECCOMP_RET_ALLOW);
    load_number();
    trap_timed_futex();
    trap_if_positive(SYS_poll, 2);
    trap_if_positive(SYS_epoll_wait, 3);
    trap_if_positive(SYS_epoll_pwait, 3);
    trap_if_pointer(SYS_epoll_pwait2, 3);
    trap_if_pointer(SYS_ppoll, 2);
    trap_if_pointer(SYS_select, 4);
    trap_if_pointer(SYS_pselect6, 4);
    trap_if_pointer(SYS_rt_sigtimedwait, 2);
    trap_if_pointer(SYS_semtimedop, 3);
    trap_clock_gettime();
    static const unsigned always[] = {SYS_gettimeofday, SYS_time, SYS_nanosleep, SYS_clock_nanosleep, SYS_timerfd_settime,
                                      SYS_getitimer, SYS_setitimer, SYS_alarm, SYS_timer_create, SYS_timer_gettime,
                                      SYS_timer_settime, SYS_timer_delete};
    for (unsigned i = 0; i < sizeof always / sizeof *always; i++)
        trap(always[i]);
    give(SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
