#pragma once
/* Whole outputs compared with the files in golden/, which the test program carries inside.
 *
 *         assert_golden(buf_span(&out), "load.txt");
 *
 * After a deliberate change run the tests with HONE_GOLDEN_DIR=src/present/golden: each output is
 * written there instead of being compared; read the diff before it is committed. */

#include "harness.h"

void assert_golden(Span actual, const char *name);
/* Fails when a line is wider than `width` columns or ends with a blank. */
void assert_fits(Span text, size_t width);
/* Fails unless `text` is well-formed XML: balanced tags, quoted attributes, no stray < or &,
 * no control characters. */
void assert_well_formed(Span text);
