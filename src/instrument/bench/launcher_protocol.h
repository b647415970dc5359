#pragma once
/* What hone and the launcher say to each other over a stream socket: one machine, one build, so
 * structs as they are in memory.
 *
 * hone sends an ExecRequest, followed by its body, with the descriptors of the streams attached to
 * the first byte. The launcher answers each with one ExecReply. While a program runs hone may send
 * a request of kind REQUEST_INTERRUPT, which has no body and no answer of its own; one that comes
 * too late is ignored. The end of the stream is the end of hone: the launcher ends everything.
 *
 * The body: room for the pointers of argv and of the environment, both closed by NULL, then the
 * texts, each closed by NUL: the path, the folder (empty: stay), argv, the environment.
 */

#include "base/macros.h"

#define REQUEST_MAGIC 0x656e6f68u
#define REQUEST_BODY_MAX MiB(8) /* more than execve(2) takes */
#define LAUNCHER_SOCKET 3       /* the descriptor; 0 to 2 are /dev/null */

typedef enum RequestKind { REQUEST_EXEC, REQUEST_INTERRUPT } RequestKind;

typedef struct CounterEvent {
        uint32_t type; /* PERF_TYPE_* */
        uint64_t config;
} CounterEvent;

#define COUNTERS 2
#define COUNTER_ATTR(event, user_only)                                                           \
        {                                                                                        \
                .type = (event)->type, .size = sizeof(struct perf_event_attr),                   \
                .config = (event)->config,                                                       \
                .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,  \
                .disabled = 1, .inherit = 1, .enable_on_exec = 1, .exclude_kernel = (user_only), \
                .exclude_hv = 1,                                                                 \
        }

typedef struct ExecRequest {
        uint32_t magic, kind;
        uint32_t body_bytes;
        uint32_t n_argv, n_env;
        uint32_t streams; /* bit i: a descriptor for stream i is attached; otherwise /dev/null */
        uint32_t counts, counts_user_only; /* is it to be counted? */
        CounterEvent events[COUNTERS];
        uint64_t timeout_ns;
} ExecRequest;

/* What the program to be was at when it failed. */
typedef enum ExecStage {
        EXEC_STAGE_REQUEST,
        EXEC_STAGE_START,
        EXEC_STAGE_COUNT,
        EXEC_STAGE_STREAMS,
        EXEC_STAGE_DIR,
        EXEC_STAGE_EXEC,
} ExecStage;

typedef struct ExecReply {
        uint32_t magic;
        uint32_t stage;
        int32_t failure; /* errno; 0: the program ran, and what follows is filled in */
        int32_t status;  /* as wait(2) has it */
        uint64_t wall_ns, user_ns, system_ns;
        uint64_t peak_rss_bytes, floor_bytes;
        uint64_t minor_faults, major_faults, voluntary_switches, forced_switches;
        uint64_t read_bytes, write_bytes, runqueue_wait_ns;
        uint64_t counts[COUNTERS]; /* 0: not counted, or not all of it */
        uint8_t io_known, timed_out, left_behind;
} ExecReply;
