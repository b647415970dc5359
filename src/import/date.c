/* Dates as tools write them: a day with its time, as base/date.h reads them. */

#include "base/date.h"

#include "import/import.h"

bool import_date(Span text, uint64_t *ret_wall_ns)
{
        uint64_t day_ns;

        return date_parse(span_trim(text), &day_ns, NULL) < 0 && /* a day alone is no moment */
               moment_parse(text, ret_wall_ns, NULL) == 0;
}
