/* Categories of functions, from advice/categories.yaml. */

#include "analysis/advice.h"
#include "analysis/pattern.h"
#include "base/yaml.h"

typedef struct CategoryRow {
        Span name;
        GlobList functions, modules;
} CategoryRow;

struct CategoryTable {
        CategoryRow *rows;
        size_t len;
};

typedef struct RowFields {
        Span category;
        const Value *functions, *modules;
} RowFields;

static const Field row_fields[] = {
        { "category", FIELD_TEXT, offsetof(RowFields, category), true, "its name in reports" },
        { "functions", FIELD_VALUE, offsetof(RowFields, functions), false, "names with *" },
        { "modules", FIELD_VALUE, offsetof(RowFields, modules), false, "files with *" },
};

static int read_row(const Document *doc, const Value *at, Arena *arena, CategoryRow *ret,
                    Error *err)
{
        RowFields f = { 0 };
        int r = value_read_fields(doc, at, row_fields, COUNT(row_fields), &f, err);

        ret->name = f.category;
        if (r == 0 && f.functions)
                r = glob_list_read(doc, f.functions, arena, &ret->functions, err);
        if (r == 0 && f.modules)
                r = glob_list_read(doc, f.modules, arena, &ret->modules, err);
        return r;
}

int category_table(Arena *arena, CategoryTable **ret, Error *err)
{
        CategoryTable *table = new (arena, CategoryTable, 1);
        Document doc;
        int r = yaml_parse(advice_file("categories.yaml"), "categories.yaml", arena, &doc, err);

        if (r == 0)
                r = value_expect(&doc, doc.root, VALUE_LIST, err);
        if (r < 0)
                return r;
        table->rows = new (arena, CategoryRow, doc.root->count); /* embedded: no hostile size */
        value_each (at, doc.root) {
                r = read_row(&doc, at, arena, &table->rows[table->len++], err);
                if (r < 0)
                        return r;
        }
        *ret = table;
        return 0;
}

Span category_of(const CategoryTable *table, Span function, Span module)
{
        for (size_t i = 0; i < table->len; i++)
                if (glob_list_match(&table->rows[i].functions, function) ||
                    glob_list_match(&table->rows[i].modules, module))
                        return table->rows[i].name;
        return SPAN("Computation");
}
