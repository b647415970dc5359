#pragma once
/* Text from outside inside HTML, SVG and their attributes. */

#include "base/buf.h"
#include "base/embedded.h"

/* & < > " ' become references; control characters become visible (they are not allowed in XML). */
void markup_escape(Buf *out, Span text);

/* Files of this folder carried inside the program: page.css, flame.js, flame.css, chart.css. */
extern const EmbeddedFile present_files[];
Span present_file(const char *name);
