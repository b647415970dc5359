#pragma once
/* Behind fingerprint_take(): the same over any /proc and /sys, for tests.
 *
 * The machine id is the start of the SHA-256 of what must be equal for numbers to be comparable:
 * CPU model, count of CPUs, memory, kernel release, virtualization. Memory counts to about 6 %,
 * since the kernel keeps a little more or less of it from boot to boot. Nothing that is measured
 * (frequency, bogomips) goes in.
 */

#include "instrument/system/system.h"

typedef struct FingerprintSetup {
        const char *proc_root, *sys_root;
        const char *dir; /* of the repository; NULL: the working directory */
} FingerprintSetup;

int fingerprint_take_in(const FingerprintSetup *setup, Arena *arena, Fingerprint *ret, Error *err);
/* The output of `git status --porcelain=v2 --branch`: revision (empty: none) and changes. */
void git_status_parse(Span text, Span *ret_revision, bool *ret_dirty);
