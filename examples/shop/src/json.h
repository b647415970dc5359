#pragma once
/* JSON text that grows: just enough for the shop's answers. */

#include <stddef.h>
#include <stdint.h>

typedef struct Json {
        char *text; /* malloc'ed, NUL-terminated */
        size_t len, room;
} Json;

void json_raw(Json *j, const char *text);
void json_text(Json *j, const char *text); /* quoted and escaped; NULL writes null */
void json_number(Json *j, int64_t n);
char *json_take(Json *j, size_t *ret_len); /* the caller frees it */
