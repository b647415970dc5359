#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(Json *j, const char *bytes, size_t n)
{
        if (j->len + n + 1 > j->room) {
                j->room = (j->len + n + 1) * 2;
                j->text = realloc(j->text, j->room);
                if (!j->text)
                        abort();
        }
        memcpy(j->text + j->len, bytes, n);
        j->len += n;
        j->text[j->len] = '\0';
}

void json_raw(Json *j, const char *text)
{
        append(j, text, strlen(text));
}

static void escape(Json *j, unsigned char c)
{
        char code[8];

        snprintf(code, sizeof(code), "\\u%04x", c);
        append(j, code, 6);
}

void json_text(Json *j, const char *text)
{
        const char *plain = text;

        if (!text) {
                json_raw(j, "null");
                return;
        }
        append(j, "\"", 1);
        for (; *text; text++) {
                unsigned char c = (unsigned char)*text;

                if (c >= 0x20 && c != '"' && c != '\\')
                        continue;
                append(j, plain, (size_t)(text - plain));
                escape(j, c);
                plain = text + 1;
        }
        append(j, plain, (size_t)(text - plain));
        append(j, "\"", 1);
}

void json_number(Json *j, int64_t n)
{
        char digits[32];

        append(j, digits, (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)n));
}

char *json_take(Json *j, size_t *ret_len)
{
        char *text = j->text;

        *ret_len = j->len;
        *j = (Json){ 0 };
        return text;
}
