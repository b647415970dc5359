#include "base/error.h"

#include <stdarg.h>
#include <string.h>

typedef struct CodeRow {
        const char *name;
        int exit_status;
} CodeRow;

static const CodeRow code_rows[] = {
#define X(id, name, exit_status) { name, exit_status },
        ERROR_CODES(X)
#undef X
};

/* Appends to a bounded text; what does not fit is cut and the cut is shown. */
PRINTF(3, 0) static void append(char *text, size_t size, const char *format, va_list args)
{
        size_t used = strlen(text);
        int n = vsnprintf(text + used, size - used, format, args);

        if (n >= 0 && (size_t)n >= size - used)
                memcpy(text + size - 4, "...", 4);
}

PRINTF(3, 4) static void appendf(char *text, size_t size, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        append(text, size, format, args);
        va_end(args);
}

int fail(Error *err, int code, const char *format, ...)
{
        va_list args;

        BUG_IF(code <= 0);
        if (!err)
                return -code;
        error_clear(err);
        err->code = code;
        va_start(args, format);
        append(err->message, sizeof(err->message), format, args);
        va_end(args);
        if (code < ERR_BASE_)
                appendf(err->message, sizeof(err->message), ": %s", strerror(code));
        return -code;
}

int fail_while(Error *err, const char *format, ...)
{
        va_list args;

        if (!err)
                return -ERR_FAILED;
        appendf(err->during, sizeof(err->during), "%swhile ", err->during[0] ? ", " : "");
        va_start(args, format);
        append(err->during, sizeof(err->during), format, args);
        va_end(args);
        return -err->code;
}

int fail_hint(Error *err, const char *format, ...)
{
        va_list args;

        if (!err)
                return -ERR_FAILED;
        err->hint[0] = '\0';
        va_start(args, format);
        append(err->hint, sizeof(err->hint), format, args);
        va_end(args);
        return -err->code;
}

void error_clear(Error *err)
{
        if (err)
                *err = (Error){ 0 };
}

void error_print(const Error *err, FILE *out)
{
        fprintf(out, "hone: %s", err->message);
        if (err->during[0])
                fprintf(out, " (%s)", err->during);
        fputc('\n', out);
        if (err->hint[0])
                fprintf(out, "  hint: %s\n", err->hint);
}

static const CodeRow *code_row(int code)
{
        return code > ERR_BASE_ && code < ERR_END_ ? &code_rows[code - ERR_BASE_ - 1] : NULL;
}

const char *error_code_name(int code)
{
        const CodeRow *row = code_row(code);

        return row ? row->name : "system";
}

int error_exit_status(int code)
{
        const CodeRow *row = code_row(code);

        return row ? row->exit_status : 3;
}
