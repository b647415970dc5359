#pragma once
/* What the files of the launcher's own program share; see launcher_main.c. Nothing here may call
 * the C library. */

#include "instrument/bench/launcher_protocol.h"

#include <signal.h>

typedef struct Session {
        int signals;     /* signalfd: a child ended, or hone did */
        long hone;       /* its process */
        bool counts_io;  /* the kernel has CONFIG_TASK_IO_ACCOUNTING */
        uint64_t floor;  /* our own peak in bytes */
        char *buffer;    /* of the request's body */
        size_t room;     /* of the buffer */
        size_t measured; /* the largest body our own peak was measured with */
} Session;

typedef struct Order {
        ExecRequest request;
        int streams[3]; /* -1: /dev/null */
        const char *path, *dir;
        char **argv, **env;
} Order;

/* launcher_order.c: reads one request; ends the launcher when hone has gone. */
typedef enum OrderKind { ORDER_EXEC, ORDER_INTERRUPT, ORDER_BROKEN } OrderKind;
OrderKind order_read(Session *session, Order *ret, int *ret_failure);
void order_close(Order *order);

/* launcher_run.c */
void order_run(Session *session, const Order *order, ExecReply *reply);

/* launcher_proc.c */
#define PROC_PATH_SIZE 40
bool proc_counts_io(void);
uint64_t proc_runqueue_wait_ns(int pid); /* 0: not known */
uint64_t proc_own_peak_bytes(void);      /* 0: not known */
/* Sends a signal to each child of ours; how many there are. */
int proc_signal_children(int signal_number);

/* launcher_count.c */
typedef struct Counts {
        int fds[COUNTERS]; /* -1: not counted */
} Counts;
#define COUNTS_NONE ((Counts){ .fds = { -1, -1 } })
long counts_open(const ExecRequest *request, int pid, Counts *ret);
void counts_read(const Counts *counts, uint64_t ret[static COUNTERS]);
void counts_close(Counts *counts);

uint64_t launcher_now_ns(void);
NORETURN void launcher_exit(int status);
