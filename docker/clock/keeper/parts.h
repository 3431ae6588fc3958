/* The parts of the keeper. */
#pragma once
#include <stdint.h>

/* filter.c: from here on this process and all its children get SIGSYS for waits with a timeout. 0, or -1 and errno. */
int install_filter(void);

/* threads.c: whether every thread below this process sleeps, and none has run since the look before this one. */
int all_asleep(void);
extern int64_t threads_seen, looks;
extern int64_t worked; /* nanoseconds that threads have had the processor, as far as it was noticed */

/* timers.c: what processes have told about their timers. */
int open_timers(void); /* a socket to poll, or -1 */
int hear_timers(void); /* how many messages came */
int64_t next_timer(void); /* the earliest deadline, or INT64_MAX */
void fire_timer(void); /* the earliest */
