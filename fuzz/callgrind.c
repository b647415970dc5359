/* What callgrind left behind, whole or not: the input is both the beginning and the end of a file,
 * or is cut in two at a line "---". */
#include "instrument/bench/callgrind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Span head = { (const char *)data, size }, tail = head;
        ptrdiff_t cut = span_find(head, SPAN("\n---\n"));
        uint64_t n = 0;
        Error err = { 0 };

        if (cut >= 0) {
                tail = span_from(head, (size_t)cut + 5);
                head = span_first(head, (size_t)cut + 1);
        }
        if (callgrind_parse(head, tail, &n, &err) < 0)
                BUG_IF(err.code != ERR_CORRUPT || !err.message[0]);
        return 0;
}
