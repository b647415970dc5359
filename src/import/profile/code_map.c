#include "import/profile/code_map.h"

#define PAGE_SHIFT 12
#define MOST_ENTRIES ((size_t)1 << 26)

CodeMap code_map(Intake *in)
{
        return (CodeMap){ .in = in,
                          .entries = VEC_INIT(MOST_ENTRIES),
                          .links = VEC_INIT(MOST_ENTRIES),
                          .pages = map_in(in->scratch, MOST_ENTRIES),
                          .starts = map_in(in->scratch, MOST_ENTRIES) };
}

static bool covered(const CodeEntry *old, const CodeEntry *by)
{
        return old->start >= by->start && old->start - by->start < by->size;
}

/* Drops from a page's list what is gone or lies under the new entry, and puts that first. */
static bool put_on_page(CodeMap *map, uint64_t page, uint32_t number)
{
        const CodeEntry *entry = &map->entries.items[number];
        MapSlot *slot = map_add_u64(&map->pages, page);
        uint32_t first, *link;
        CodeOnPage *added;

        if (!slot)
                return false;
        first = (uint32_t)slot->number - 1; /* 0 stands for "none" */
        for (link = &first; *link != INTAKE_NONE;) {
                CodeOnPage *on = &map->links.items[*link];

                if (map->entries.items[on->entry].dead ||
                    covered(&map->entries.items[on->entry], entry))
                        *link = on->next;
                else
                        link = &on->next;
        }
        added = vec_add(map->in->scratch, &map->links);
        if (!added)
                return false;
        *added = (CodeOnPage){ number, first };
        slot->number = map->links.len;
        return true;
}

int code_map_add(CodeMap *map, uint64_t start, uint64_t size, uint32_t number)
{
        CodeEntry *entry;
        MapSlot *slot;

        if (size == 0 || size > CODE_SIZE_MAX || start > UINT64_MAX - size)
                return 0;
        entry = vec_add(map->in->scratch, &map->entries);
        slot = entry ? map_add_u64(&map->starts, start) : NULL;
        if (!slot)
                return intake_full(map->in, "pieces of code");
        if (slot->number)
                map->entries.items[slot->number - 1].dead = true;
        *entry = (CodeEntry){ start, size, number, false };
        slot->number = map->entries.len;
        for (uint64_t page = start >> PAGE_SHIFT; page <= (start + size - 1) >> PAGE_SHIFT; page++)
                if (!put_on_page(map, page, (uint32_t)map->entries.len - 1))
                        return intake_full(map->in, "pieces of code");
        return 0;
}

static CodeEntry *at_start(const CodeMap *map, uint64_t start)
{
        MapSlot *slot = map_find_u64(&map->starts, start);

        return slot && slot->number ? &map->entries.items[slot->number - 1] : NULL;
}

int code_map_move(CodeMap *map, uint64_t from, uint64_t to)
{
        CodeEntry *entry = at_start(map, from);
        CodeEntry moved;

        if (!entry || entry->dead || from == to)
                return 0;
        moved = *entry;
        code_map_remove(map, from);
        return code_map_add(map, to, moved.size, moved.number);
}

void code_map_remove(CodeMap *map, uint64_t start)
{
        MapSlot *slot = map_find_u64(&map->starts, start);

        if (!slot || !slot->number)
                return;
        map->entries.items[slot->number - 1].dead = true;
        slot->number = 0;
}

bool code_map_find(const CodeMap *map, uint64_t address, uint32_t *ret)
{
        const MapSlot *slot = map_find_u64(&map->pages, address >> PAGE_SHIFT);
        uint32_t link = slot ? (uint32_t)slot->number - 1 : INTAKE_NONE;

        for (; link != INTAKE_NONE; link = map->links.items[link].next) {
                const CodeEntry *entry = &map->entries.items[map->links.items[link].entry];

                if (entry->dead || address < entry->start || address - entry->start >= entry->size)
                        continue;
                *ret = entry->number;
                return true;
        }
        return false;
}
