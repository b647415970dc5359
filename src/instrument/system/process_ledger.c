#include "instrument/system/process_ledger.h"

static uint64_t growth(uint64_t before, uint64_t now)
{
        return now > before ? now - before : 0;
}

/* Pays from *gain what is owed; both shrink by what was paid. */
static void pay(uint64_t *gain, uint64_t *owed)
{
        uint64_t paid = MIN(*gain, *owed);

        *gain -= paid;
        *owed -= paid;
}

static ProcessRow *living_ancestor(const ProcessTable *before, const ProcessTable *now,
                                   const ProcessRow *ended)
{
        const ProcessRow *at = ended;

        for (size_t steps = 0; steps < before->rows.len; steps++) {
                ProcessRow *alive;

                at = at->ppid > 0 ? process_table_find(before, at->ppid) : NULL;
                if (!at)
                        return NULL;
                alive = process_table_same(now, at);
                if (alive)
                        return alive;
        }
        return NULL;
}

static void carry_owed(const ProcessTable *before, const ProcessTable *now)
{
        vec_each (const ProcessRow, was, &before->rows) {
                ProcessRow *row = process_table_same(now, was);

                if (row)
                        memcpy(row->owed_before, was->owed, sizeof(row->owed_before));
        }
}

static void owe_ended(const ProcessTable *before, const ProcessTable *now)
{
        vec_each (const ProcessRow, was, &before->rows) {
                ProcessRow *heir;

                if (process_table_same(now, was))
                        continue;
                heir = living_ancestor(before, now, was);
                for (size_t u = 0; heir && u < USE_COUNT_; u++)
                        heir->owed[u] += was->own[u] + was->inherited[u] + was->owed[u];
        }
}

static bool is_disk(size_t use)
{
        return use == USE_DISK_READ || use == USE_DISK_WRITE;
}

static void settle_row(const ProcessRow *was, ProcessRow *row)
{
        static const ProcessRow newborn = { .disk_known = true };
        const ProcessRow *from = was ? was : &newborn;

        for (size_t u = 0; u < USE_COUNT_; u++) {
                uint64_t inherited = growth(from->inherited[u], row->inherited[u]);

                pay(&inherited, &row->owed_before[u]);
                pay(&inherited, &row->owed[u]);
                row->recent[u] = growth(from->own[u], row->own[u]) + inherited;
                if (is_disk(u) && !from->disk_known)
                        row->recent[u] = 0;
        }
}

void ledger_settle(const ProcessTable *before, ProcessTable *now)
{
        carry_owed(before, now);
        owe_ended(before, now);
        vec_each (ProcessRow, row, &now->rows)
                settle_row(process_table_same(before, row), row);
}

void ledger_sum(const ProcessTable *now, Group group, uint64_t uses[static USE_COUNT_])
{
        vec_each (const ProcessRow, row, &now->rows)
                for (size_t u = 0; row->group == group && u < USE_COUNT_; u++)
                        uses[u] += row->recent[u];
}

static bool other_child_ended(const ProcessTable *before, const ProcessTable *now,
                              const ProcessRow *ended)
{
        vec_each (const ProcessRow, was, &before->rows)
                if (was != ended && was->ppid == ended->ppid && !process_table_same(now, was))
                        return true;
        return false;
}

bool ledger_last_stretch(const ProcessTable *before, const ProcessTable *now,
                         const ProcessRow *ended, uint64_t ret_uses[static USE_COUNT_])
{
        const ProcessRow *was = process_table_find(before, ended->ppid);
        const ProcessRow *heir = was ? process_table_same(now, was) : NULL;

        if (!heir || other_child_ended(before, now, ended))
                return false;
        for (size_t u = 0; u < USE_COUNT_; u++) {
                uint64_t counted = ended->own[u] + ended->inherited[u];
                uint64_t inherited = growth(was->inherited[u], heir->inherited[u]);

                ret_uses[u] = growth(counted, inherited);
        }
        return true;
}
