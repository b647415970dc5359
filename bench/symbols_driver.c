/* Names a list of addresses of one file through hone's index of symbols; see bench/symbols.sh.
 *
 * symbols_driver FILE ADDRESSES [CACHE]: addresses are hexadecimal, one a line. Prints what
 * `addr2line -f -i` prints: innermost first, a line with the function and one with file:line for
 * each frame, after a line with the address. On standard error: seconds, bytes of the index, of
 * debug information, and whether it came from the cache. */

#include "base/fs.h"
#include "instrument/profile/symbol_source.h"

#include <fcntl.h>
#include <time.h>

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static Span or_unknown(Span text)
{
        return text.len ? text : SPAN("??");
}

static void print_address(const SymbolIndex *index, uint64_t vaddr)
{
        SourceFrame frames[DEBUG_MAX_INLINES] = { 0 };
        size_t n = symbol_index_find(index, vaddr, frames, COUNT(frames));

        n = MAX(n, (size_t)1); /* a line for what is not known, too */
        printf("0x%016llx\n", (unsigned long long)vaddr);
        while (n-- > 0)
                printf("%.*s\n%.*s:%u\n", SPAN_ARG(or_unknown(frames[n].function)),
                       SPAN_ARG(or_unknown(frames[n].file)), frames[n].line);
}

static int run(char **argv, Arena *arena, Error *err)
{
        int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
        double start = now_s(), loaded;
        SymbolsPlan plan = { 0 };
        SymbolsReport report;
        SymbolCache *cache = NULL;
        SymbolIndex index;
        ElfImage *image;
        Span text, line;
        uint64_t vaddr;
        int r = elf_image_open(fd, argv[1], arena, &image, err);

        if (r == 0 && argv[3]) {
                r = symbol_cache_open(argv[3], SYMBOL_CACHE_BYTES, arena, &cache, err);
                plan.cache = cache;
        }
        if (r == 0)
                r = symbols_load(&plan, image, span_of(argv[1]), arena, &index, &report, err);
        loaded = now_s();
        if (r == 0)
                r = file_read(argv[2], MiB(64), arena, &text, err);
        if (r < 0)
                return r;
        while (span_next_line(&text, &line))
                if (span_to_hex(line, &vaddr, NULL) == 0)
                        print_address(&index, vaddr);
        fflush(stdout);
        fprintf(stderr, "%.6f %.6f %zu %llu %s\n", loaded - start, now_s() - loaded,
                index.bytes.len, (unsigned long long)index.header->debug_bytes,
                report.from_cache ? "cached" : "built");
        return 0;
}

int main(int argc, char **argv)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(8));
        Error err = { 0 };

        if (argc < 3)
                return 2;
        if (run(argv, arena, &err) < 0) {
                error_print(&err, stderr);
                return 3;
        }
        return 0;
}
