#pragma once
/* Names as people wrote them: C++ (Itanium ABI), Rust (legacy and v0), through libiberty.
 *
 * Short names: templates with their arguments, but without parameters, return types and hashes.
 * Suffixes that compilers add to pieces of one function (".cold", ".isra.0", "@@GLIBC_2.14") are
 * cut, so that the pieces count as the function. A name that is not mangled comes back as it is; so
 * does one whose demangled form is longer than 4 KiB (a "name bomb"). What is longer than 1 KiB is
 * cut and ends in "...".
 */

#include "base/span.h"

bool is_mangled(Span name);
/* In the arena when it changed, else a view into `name`. */
Span demangle(Arena *arena, Span name);
