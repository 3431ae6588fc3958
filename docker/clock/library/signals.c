/* SIGSYS: a call that the filter has trapped, or the keeper's word that a wait is over. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "library.h"

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

extern int __sigaction(int, const struct sigaction *, struct sigaction *);

int is_under_filter(void)
{
    /* SA_RESTART: our waits end all the same, and a signal that comes late ends no other call that can go on.
     * SA_NODEFER: a handler of the program's may wait too. */
    struct sigaction ours = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART}, usual;
    __sigaction(SIGSYS, &ours, &usual);
    sigset_t one = {{1UL << (SIGSYS - 1)}};
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &one, 0, _NSIG / 8);
    syscall(SYS_time, 0); /* which the filter traps */
    if (!under_filter)
        __sigaction(SIGSYS, &usual, 0);
    return under_filter;
}

/* ---- SIGSYS is ours: nobody blocks it or takes it away ---- */

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
