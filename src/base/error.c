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

/* Shows that a full text was cut, not inside of a character. */
static void mark_cut(char *text, size_t size)
{
        char *cut = text + size - 4;

        while (cut > text && ((unsigned char)*cut & 0xC0) == 0x80)
                cut--;
        memcpy(cut, "...", 4);
}

/* Appends to a bounded text; what does not fit is cut and the cut is shown. */
PRINTF(3, 0) static void append(char *text, size_t size, const char *format, va_list args)
{
        size_t used = strlen(text);
        int n = vsnprintf(text + used, size - used, format, args);

        if (n >= 0 && (size_t)n >= size - used)
                mark_cut(text, size);
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
        Error cause = { .code = code }; /* apart: the arguments may be texts of *err */
        va_list args;

        BUG_IF(code <= 0);
        if (!err)
                return -code;
        va_start(args, format);
        append(cause.message, sizeof(cause.message), format, args);
        va_end(args);
        if (code < ERR_BASE_)
                appendf(cause.message, sizeof(cause.message), ": %s", strerror(code));
        *err = cause;
        return -code;
}

int fail_while(Error *err, const char *format, ...)
{
        va_list args;

        if (!err)
                return -ERR_FAILED;
        BUG_IF(err->code == 0); /* returning 0 would turn the failure into a success */
        appendf(err->during, sizeof(err->during), "%swhile ", err->during[0] ? ", " : "");
        va_start(args, format);
        append(err->during, sizeof(err->during), format, args);
        va_end(args);
        return -err->code;
}

int fail_hint(Error *err, const char *format, ...)
{
        char hint[sizeof(err->hint)] = ""; /* apart: the arguments may be texts of *err */
        va_list args;

        if (!err)
                return -ERR_FAILED;
        BUG_IF(err->code == 0);
        va_start(args, format);
        append(hint, sizeof(hint), format, args);
        va_end(args);
        memcpy(err->hint, hint, sizeof(hint));
        return -err->code;
}

void error_clear(Error *err)
{
        if (err)
                *err = (Error){ 0 };
}

/* Messages quote input: its control bytes must not reach a terminal. */
static void print_safely(const char *text, FILE *out)
{
        for (const char *at = text; *at; at++) {
                unsigned char c = (unsigned char)*at;

                if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t')
                        fputc(c, out);
                else
                        fprintf(out, "\\x%02x", (unsigned)c);
        }
}

void error_print(const Error *err, FILE *out)
{
        fputs("hone: ", out);
        print_safely(err->message, out);
        if (err->during[0]) {
                fputs(" (", out);
                print_safely(err->during, out);
                fputc(')', out);
        }
        fputc('\n', out);
        if (!err->hint[0])
                return;
        fputs("  hint: ", out);
        print_safely(err->hint, out);
        fputc('\n', out);
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
