#include "base/digest.h"
#include "store/journal.h"
#include "store/store_example.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "harness.h"

static const char *const records[] = {
        "{\"step\":\"measure\",\"n\":1}",
        "{}",
        "{\"text\":\"line one\\nline two \xc3\xa9\",\"list\":[1,2,3]}",
        "{\"step\":\"done\"}",
};

static Span contents(Arena *arena, const char *path)
{
        Span bytes;
        Error err = { 0 };

        assert_ok(file_read(path, MiB(1), arena, &bytes, &err), err);
        return bytes;
}

static void overwrite(const char *path, Span bytes)
{
        AUTO(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        Error err = { 0 };

        assert_true(fd >= 0);
        assert_ok(fd_write_all(fd, bytes, &err), err);
}

/* A journal with all records above; returns its bytes. */
static Span make_journal(Arena *arena, const char *path)
{
        Journal *journal = NULL;
        JournalReplay replay;
        Error err = { 0 };

        assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
        assert_int_equal(replay.records.len, 0);
        for (size_t i = 0; i < COUNT(records); i++)
                assert_ok(journal_append(journal, span_of(records[i]), &err), err);
        journal_close(journal);
        return contents(arena, path);
}

TEST(journal_gives_back_its_records_and_goes_on)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Journal *journal = NULL;
        JournalReplay replay;
        Error err = { 0 };

        make_journal(arena, path);
        for (size_t n = COUNT(records); n < 8; n++) {
                assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
                assert_false(replay.torn);
                assert_int_equal(replay.records.len, n);
                assert_span(value_get(replay.records.items[0].doc.root, "step")->text, "measure");
                assert_ok(journal_append(journal, SPAN("{\"more\":1}"), &err), err);
                journal = journal_close(journal);
        }
        assert_null(journal_close(NULL));
}

TEST(journal_lines_are_what_the_format_says)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span bytes = make_journal(arena, path), line;
        char chained[64 + 100], hash[65];

        assert_true(span_next_line(&bytes, &line));
        snprintf(chained, sizeof(chained), "%064d%s", 0, records[0]);
        digest_hex(span_of(chained), hash);
        assert_span(line, arena_printf(arena, "%s %zu %s", hash, strlen(records[0]), records[0]));
        assert_true(span_next_line(&bytes, &line));
        snprintf(chained, sizeof(chained), "%s%s", hash, records[1]);
        digest_hex(span_of(chained), hash);
        assert_span(line, arena_printf(arena, "%s 2 {}", hash));
}

TEST(journal_torn_at_every_byte_of_its_last_line_loses_only_that)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span bytes = make_journal(arena, path);
        size_t last = bytes.len - 1;

        while (last && bytes.ptr[last - 1] != '\n')
                last--;
        for (size_t len = last; len <= bytes.len; len++) {
                Mark mark = arena_mark(arena);
                size_t kept = COUNT(records) - (len < bytes.len);
                Journal *journal = NULL;
                JournalReplay replay;
                Error err = { 0 };

                overwrite(path, span_first(bytes, len));
                assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
                assert_int_equal(replay.records.len, kept);
                assert_int_equal(replay.torn, len > last && len < bytes.len);
                assert_ok(journal_append(journal, SPAN("{\"after\":1}"), &err), err);
                journal_close(journal);
                assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
                assert_int_equal(replay.records.len, kept + 1);
                assert_false(replay.torn);
                journal_close(journal);
                arena_reset(arena, mark);
        }
}

static size_t line_at(Span bytes, size_t at)
{
        size_t line = 1;

        for (size_t i = 0; i < at; i++)
                line += bytes.ptr[i] == '\n';
        return line;
}

TEST(journal_with_any_byte_edited_is_refused_with_its_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span bytes = make_journal(arena, path);
        char *copy = span_text(arena, bytes);

        for (size_t at = 0; at < bytes.len; at++) {
                static const char edits[] = "0 \nzA{\t";

                for (size_t i = 0; i < sizeof(edits); i++) { /* the NUL, too */
                        Mark mark = arena_mark(arena);
                        char place[32];
                        JournalReplay replay;
                        Error err = { 0 };

                        if (copy[at] == edits[i])
                                continue;
                        copy[at] = edits[i];
                        assert_fails(
                                journal_read((Span){ copy, bytes.len }, "j", arena, &replay, &err),
                                err, ERR_CORRUPT);
                        snprintf(place, sizeof(place), "j:%zu: ", line_at(bytes, at));
                        if (!span_starts(span_of(err.message), place))
                                fail_msg("byte %zu: %s", at, err.message);
                        copy[at] = bytes.ptr[at];
                        arena_reset(arena, mark);
                }
        }
}

TEST(journal_that_is_edited_is_refused_and_not_touched)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span bytes = make_journal(arena, path);
        char *copy = span_text(arena, bytes);
        Journal *journal = NULL;
        JournalReplay replay;
        Error err = { 0 };

        copy[70] ^= 1;
        overwrite(path, (Span){ copy, bytes.len });
        for (int i = 0; i < 2; i++) /* twice: the lock was given back */
                assert_fails(journal_open(path, arena, &journal, &replay, &err), err, ERR_CORRUPT);
        assert_null(journal);
        assert_true(span_eq(contents(arena, path), (Span){ copy, bytes.len }));
}

TEST(journal_without_a_line_in_the_middle_or_in_another_order_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span rest = make_journal(arena, path), lines[COUNT(records)];
        JournalReplay replay;
        Error err = { 0 };
        Span swapped;

        for (size_t i = 0; i < COUNT(lines); i++)
                assert_true(span_next_line(&rest, &lines[i]));
        swapped = span_of(
                arena_printf(arena, "%.*s\n%.*s\n", SPAN_ARG(lines[0]), SPAN_ARG(lines[2])));
        assert_fails(journal_read(swapped, "j", arena, &replay, &err), err, ERR_CORRUPT);
        assert_string_equal(err.message, "j:2: the record does not match its hash");
        swapped = span_of(
                arena_printf(arena, "%.*s\n%.*s\n", SPAN_ARG(lines[0]), SPAN_ARG(lines[0])));
        assert_fails(journal_read(swapped, "j", arena, &replay, &err), err, ERR_CORRUPT);
}

TEST(journal_has_one_opener_at_a_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Journal *journal = NULL, *second = NULL;
        JournalReplay replay;
        Error err = { 0 };

        assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
        assert_fails(journal_open(path, arena, &second, &replay, &err), err, ERR_BUSY);
        assert_true(span_contains(span_of(err.message), path));
        journal = journal_close(journal);
        assert_ok(journal_open(path, arena, &second, &replay, &err), err);
        journal_close(second);
}

TEST(journal_takes_only_objects_in_one_line)
{
        static const char *const bad[] = {
                "", "[1]", "1", "{\"a\":1,}", "{\"a\":\n1}", "{} {}", "{\"a\":1,\"a\":2}"
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Journal *journal = NULL;
        JournalReplay replay;
        Error err = { 0 };

        assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
        for (size_t i = 0; i < COUNT(bad); i++)
                assert_fails(journal_append(journal, span_of(bad[i]), &err), err, ERR_INPUT);
        assert_int_equal(contents(arena, path).len, 0);
        assert_ok(journal_append(journal, SPAN("{}"), &err), err);
        journal_close(journal);
}

TEST(journal_where_there_is_no_folder_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *folder = example_folder(arena);
        Journal *journal = NULL;
        JournalReplay replay;
        Error err = { 0 };

        assert_fails(journal_open(path_join(arena, folder, "no/journal"), arena, &journal, &replay,
                                  &err),
                     err, ENOENT);
        assert_fails(journal_open(folder, arena, &journal, &replay, &err), err, EISDIR);
        assert_fails(journal_open("/dev/null", arena, &journal, &replay, &err), err, ERR_INPUT);
}

/* A file may not grow past `limit`: writing stops in the middle of a line, then the kernel kills
 * (SIGXFSZ) or, when that is ignored, write() fails with EFBIG. */
static void limit_files(size_t limit)
{
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ limit, limit }), 0);
}

static pid_t append_in_child(const char *path, size_t limit)
{
        pid_t pid = fork();

        if (pid == 0) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Journal *journal = NULL;
                JournalReplay replay;

                signal(SIGXFSZ, SIG_DFL);
                setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
                limit_files(limit);
                if (journal_open(path, arena, &journal, &replay, NULL) < 0)
                        _exit(1);
                _exit(journal_append(journal, SPAN("{\"new\":\"record\"}"), NULL) < 0 ? 2 : 0);
        }
        assert_true(pid > 0);
        return pid;
}

TEST(kill_at_every_byte_of_an_append_keeps_all_records_before)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span bytes = make_journal(arena, path);
        size_t line = 64 + 1 + 2 + 1 + strlen("{\"new\":\"record\"}") + 1, killed = 0;

        for (size_t n = 0; n <= line; n++) {
                Mark mark = arena_mark(arena);
                Journal *journal = NULL;
                JournalReplay replay;
                Error err = { 0 };
                int status;
                pid_t pid;

                overwrite(path, bytes);
                pid = append_in_child(path, bytes.len + n);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ;
                assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
                assert_int_equal(replay.records.len, COUNT(records) + (n == line));
                assert_int_equal(replay.torn, n > 0 && n < line);
                journal_close(journal);
                arena_reset(arena, mark);
        }
        assert_int_equal(killed, line);
}

static int append_to_a_full_disk(const char *path, size_t limit)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Journal *journal = NULL;
        JournalReplay replay;
        Error err = { 0 };

        signal(SIGXFSZ, SIG_IGN);
        if (journal_open(path, arena, &journal, &replay, &err) < 0)
                return 1;
        if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){ limit, RLIM_INFINITY }) < 0)
                return 2;
        if (journal_append(journal, SPAN("{\"new\":\"record\"}"), &err) != -EFBIG)
                return 3;
        if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY }) < 0)
                return 4;
        return journal_append(journal, SPAN("{\"second\":\"try\"}"), &err) < 0 ? 5 : 0;
}

TEST(journal_that_could_not_grow_is_as_before_and_goes_on)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "journal");
        Span bytes = make_journal(arena, path);

        for (size_t n = 0; n < 60; n += 20) {
                Journal *journal = NULL;
                JournalReplay replay;
                Error err = { 0 };
                int status;
                pid_t pid;

                overwrite(path, bytes);
                pid = fork();
                if (pid == 0)
                        _exit(append_to_a_full_disk(path, bytes.len + n));
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
                assert_ok(journal_open(path, arena, &journal, &replay, &err), err);
                assert_int_equal(replay.records.len, COUNT(records) + 1);
                assert_false(replay.torn);
                journal_close(journal);
        }
}
