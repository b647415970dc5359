#pragma once
/* What is measured: a URL, a process tree or a command. */

#include "base/span.h"

#define TARGET_KINDS(X) X(URL, "url") X(PROCESS, "process") X(COMMAND, "command") X(HOST, "host")

typedef enum TargetKind {
#define X(id, name) TARGET_##id,
        TARGET_KINDS(X)
#undef X
} TargetKind;

typedef struct Target {
        TargetKind kind;
        Span text;               /* as the user wrote it */
        int pid;                 /* the process that serves the URL or was named; 0: none known */
        Span name;               /* its executable's name */
        const char *const *argv; /* TARGET_COMMAND, NULL-terminated */
} Target;

const char *target_kind_name(TargetKind kind);
