#include "instrument/profile/mini_debug.h"

#include "instrument/profile/debug_file.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <unistd.h>

#define MAX_NAME 4096

/* elfutils would look on this machine, and ask servers when the environment names some. */
static int find_nothing(Dwfl_Module *module UNUSED, void **user UNUSED, const char *name UNUSED,
                        Dwarf_Addr base UNUSED, const char *file UNUSED, const char *link UNUSED,
                        GElf_Word crc UNUSED, char **ret_file UNUSED)
{
        return -1;
}

static const Dwfl_Callbacks callbacks = { .find_elf = dwfl_build_id_find_elf,
                                          .find_debuginfo = find_nothing,
                                          .section_address = dwfl_offline_section_address };

static bool is_function(const GElf_Sym *sym)
{
        unsigned type = GELF_ST_TYPE(sym->st_info);

        return (type == STT_FUNC || type == STT_GNU_IFUNC) && sym->st_shndx != SHN_UNDEF;
}

static void take_symbols(Dwfl_Module *module, GElf_Addr bias, Arena *arena, SymbolTable *ret)
{
        int n = dwfl_module_getsymtab(module);

        for (int i = 0; i < n; i++) {
                GElf_Sym sym;
                GElf_Addr address;
                const char *name =
                        dwfl_module_getsym_info(module, i, &sym, &address, NULL, NULL, NULL);
                uint64_t start = address - bias, end;

                if (!name || !name[0] || !is_function(&sym) || address < bias ||
                    __builtin_add_overflow(start, sym.st_size, &end))
                        continue;
                symbol_table_add(
                        ret, arena,
                        &(Symbol){ .start = start,
                                   .end = end,
                                   .name = span_copy(arena, span_first(span_of(name), MAX_NAME)),
                                   .rank = 3 });
        }
}

bool mini_debug_symbols(const ElfImage *image, Arena *arena, SymbolTable *ret)
{
        size_t before = ret->symbols.len;
        Dwfl *dwfl;
        Dwfl_Module *module;
        GElf_Addr bias;
        int fd;

        if (image->fd < 0 || !elf_has_section(image->elf, ".gnu_debugdata"))
                return false;
        fd = fcntl(image->fd, F_DUPFD_CLOEXEC, 0);
        dwfl = fd >= 0 ? dwfl_begin(&callbacks) : NULL;
        if (!dwfl) {
                closep(&fd);
                return false;
        }
        module = dwfl_report_offline(dwfl, "module", "", fd);
        if (!module)
                close(fd);
        dwfl_report_end(dwfl, NULL, NULL);
        if (module && dwfl_module_getelf(module, &bias))
                take_symbols(module, bias, arena, ret);
        dwfl_end(dwfl);
        return ret->symbols.len > before;
}
