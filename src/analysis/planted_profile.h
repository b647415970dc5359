#pragma once
/* For tests: profiles written as text, so that a case reads like the stack it means.
 *
 *         Profile *p = planted_new(arena);
 *         plant(p, 90, "main handle sqlite:sqlite3_step");
 *         plant(p, 10, "main handle@server.c:12 inline:parse kernel:sys_read");
 *
 * A word is a frame, root first. "module:" before it says where it lives: nothing is the target's
 * own executable (PLANTED_EXE); "inline:" is inlined in it; "jit:" was made at run time;
 * "kernel:", "thread:" and "unknown:" are those kinds; any other is /usr/lib/libNAME.so.1.
 * "@file:line" after it is its line.
 */

#include "model/profile.h"

#define PLANTED_EXE "/srv/app/server"

Profile *planted_new(Arena *arena);
void plant(Profile *p, uint64_t weight, const char *stack);
