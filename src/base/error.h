#pragma once
/* One error type for the whole program: code + message + hint + what was going on.
 *
 * A function that can fail returns 0 (or a count) on success and a negative code on failure, and
 * takes `Error *err` last. The message is written once, where the cause is known; callers on the
 * way up add what they were doing; main prints it once:
 *
 *         int fd = open(path, O_RDONLY | O_CLOEXEC);
 *         if (fd < 0)
 *                 return fail(err, errno, "cannot open '%s'", path);
 *         ...
 *         if (profile_load(path, &prof, err) < 0)
 *                 return fail_while(err, "loading the baseline");
 *
 *         hone: cannot open 'x': No such file or directory (while loading the baseline)
 *
 * Errors hold their text themselves, so that running out of memory can still be reported; text
 * beyond the room is cut with "...". An Error is plain data: copy it, drop it, nothing to free.
 */

#include "base/macros.h"

/* code, JSON name, exit status; codes below 4096 are errno values (exit status 3) */
#define ERROR_CODES(X)                                                                            \
        X(USAGE, "usage", 2)             /* the command line or a file the user wrote is wrong */ \
        X(INPUT, "input", 2)             /* input data is malformed; the message has the place */ \
        X(NOT_FOUND, "not_found", 2)     /* a run, file or name that does not exist */            \
        X(UNAVAILABLE, "unavailable", 3) /* it cannot be measured here; the message says why */   \
        X(LIMIT, "limit", 3)             /* a ceiling was reached */                              \
        X(CORRUPT, "corrupt", 3)         /* stored data fails its own check */                    \
        X(BUSY, "busy", 3)               /* another hone measures or writes */                    \
        X(TIMEOUT, "timeout", 3)         /* it did not finish in its time */                      \
        X(FAILED, "failed", 3)           /* a program or service we ran did not do its work */    \
        X(INTERRUPTED, "interrupted", 130)

typedef enum ErrorCode {
        ERR_BASE_ = 4096,
#define X(id, name, exit_status) ERR_##id,
        ERROR_CODES(X)
#undef X
                ERR_END_,
} ErrorCode;

typedef struct Error {
        int code; /* 0: none; errno or ERR_* otherwise, always positive */
        char message[512];
        char hint[256];   /* what to do next; may be empty */
        char during[256]; /* "while ...", outermost last; may be empty */
} Error;

/* Writes the message (errno codes get ": strerror" appended); returns -code. `err` may be NULL. The
 * arguments may be texts of *err: fail(err, ERR_INPUT, "line 3: %s", err->message). */
int fail(Error *err, int code, const char *format, ...) PRINTF(3, 4);
/* Adds what was going on to an error that was written before; returns -err->code. */
int fail_while(Error *err, const char *format, ...) PRINTF(2, 3);
/* Sets what to do next; returns -err->code. */
int fail_hint(Error *err, const char *format, ...) PRINTF(2, 3);

void error_clear(Error *err);
/* "message (while a, while b)" and, on a line of its own, the hint; control bytes as \xNN. */
void error_print(const Error *err, FILE *out);
const char *error_code_name(int code);
int error_exit_status(int code);
