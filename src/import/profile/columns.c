#include "import/profile/columns.h"

#define MOST_FIELDS 64

static int add_number(Intake *in, JsonPull *pull, Column *column)
{
        int64_t *slot = vec_add(in->scratch, &column->items);

        if (!slot)
                return intake_full(in, "numbers in a table");
        if (pull_kind(pull) == '0') {
                *slot = pull_scaled(pull, column->decimals);
        } else {
                *slot = pull_kind(pull) == 't' ? 1 : COLUMN_NULL;
                pull_skip(pull);
        }
        return pull->failed;
}

int column_read(Intake *in, const JsonPull *all, Span raw, unsigned decimals, Column *ret)
{
        Column column = { .items = VEC_INIT(COLUMN_ITEMS), .decimals = decimals };
        JsonPull pull = pull_at(all, raw);
        int r = 0;

        if (raw.ptr && pull_open(&pull, '['))
                while (r == 0 && pull_item(&pull))
                        r = add_number(in, &pull, &column);
        if (r == 0 && pull.failed)
                r = pull.failed;
        if (r == 0)
                *ret = column;
        return r;
}

int64_t column_at(const Column *column, size_t i)
{
        return i < column->items.len ? column->items.items[i] : COLUMN_NULL;
}

int text_column_read(Intake *in, const JsonPull *all, Span raw, TextColumn *ret)
{
        TextColumn column = { .items = VEC_INIT(COLUMN_ITEMS) };
        JsonPull pull = pull_at(all, raw);
        Span *slot;

        if (raw.ptr && pull_open(&pull, '['))
                while (pull_item(&pull)) {
                        slot = vec_add(in->scratch, &column.items);
                        if (!slot)
                                return intake_full(in, "strings");
                        if (!pull_null(&pull))
                                *slot = pull_text(&pull);
                }
        if (pull.failed)
                return pull.failed;
        *ret = column;
        return 0;
}

Span text_column_at(const TextColumn *column, int64_t i)
{
        return i >= 0 && (size_t)i < column->items.len ? column->items.items[i] : SPAN("");
}

/* --- rows --- */

/* Which field stands at which place of a row; MOST_FIELDS: none that is wanted. */
typedef struct Layout {
        size_t field_at[MOST_FIELDS];
} Layout;

static void read_schema(JsonPull *pull, const RowField *fields, size_t n, Layout *layout)
{
        Span key;

        for (size_t i = 0; i < MOST_FIELDS; i++)
                layout->field_at[i] = MOST_FIELDS;
        if (!pull_open(pull, '{'))
                return;
        while (pull_key(pull, &key)) {
                uint64_t at = pull_u64(pull);

                for (size_t i = 0; i < n; i++)
                        if (span_is(key, fields[i].name) && at < MOST_FIELDS)
                                layout->field_at[at] = i;
        }
}

static int read_row(Intake *in, JsonPull *pull, const RowField *fields, size_t n,
                    const Layout *layout)
{
        size_t at = 0, rows = 0;
        int r = 0;

        for (size_t i = 0; i < n; i++) { /* short rows leave nulls */
                int64_t *slot = vec_add(in->scratch, &fields[i].ret->items);

                if (!slot)
                        return intake_full(in, "rows of a table");
                *slot = COLUMN_NULL;
                rows = fields[i].ret->items.len;
        }
        if (!pull_open(pull, '['))
                return pull->failed;
        for (; r == 0 && pull_item(pull); at++) {
                size_t field = at < MOST_FIELDS ? layout->field_at[at] : MOST_FIELDS;

                if (field == MOST_FIELDS) {
                        pull_skip(pull);
                        continue;
                }
                fields[field].ret->items.len = rows - 1;
                r = add_number(in, pull, fields[field].ret);
        }
        return r ? r : pull->failed;
}

int rows_read(Intake *in, const JsonPull *all, Span table, const RowField *fields, size_t n)
{
        Span schema = { 0 }, data = { 0 };
        const PullField members[] = { { "schema", &schema }, { "data", &data } };
        JsonPull pull = pull_at(all, table), inner;
        Layout layout;
        int r = 0;

        for (size_t i = 0; i < n; i++)
                fields[i].ret->items.ceiling = COLUMN_ITEMS;
        pull_fields(&pull, members, COUNT(members));
        if (!pull.failed && (!schema.ptr || !data.ptr))
                pull_fail_at(&pull, table.ptr, "a table needs 'schema' and 'data'");
        if (pull.failed)
                return pull.failed;
        inner = pull_at(all, schema);
        read_schema(&inner, fields, n, &layout);
        if (inner.failed)
                return inner.failed;
        pull = pull_at(all, data);
        if (pull_open(&pull, '['))
                while (r == 0 && pull_item(&pull))
                        r = read_row(in, &pull, fields, n, &layout);
        return r ? r : pull.failed;
}
