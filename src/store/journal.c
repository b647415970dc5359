#include "store/journal.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_RECORD MiB(16)
#define LARGEST_JOURNAL MiB(256)
#define MOST_RECORDS ((size_t)1 << 20)
#define HASH_LEN (DIGEST_SIZE - 1)
#define BEFORE_FIRST "0000000000000000000000000000000000000000000000000000000000000000"

struct Journal {
        int fd;
        const char *path;
        uint64_t end; /* where the next line goes */
        char last[DIGEST_SIZE];
        bool broken; /* what is on the disk is not known any more */
};

/* "HASH LENGTH " in front of `json`, where HASH covers the hash before and the JSON. */
static void line_head(const char *last, Span json, Arena *scratch, Buf *ret)
{
        Buf chained = buf_in(scratch, HASH_LEN + LARGEST_JOURNAL);
        char hash[DIGEST_SIZE];

        buf_text(&chained, last);
        buf_add(&chained, json);
        BUG_IF(chained.overflowed);
        digest_hex(buf_span(&chained), hash);
        buf_printf(ret, "%s %zu ", hash, json.len);
}

/* --- replay --- */

typedef struct Replaying {
        const char *name;
        size_t line;
        Arena *arena, *scratch;
        char last[DIGEST_SIZE];
        size_t good_bytes; /* of whole lines */
        JournalReplay *ret;
        Error *err;
} Replaying;

static int damaged(Replaying *in, const char *how)
{
        fail(in->err, ERR_CORRUPT, "%s:%zu: %s", in->name, in->line, how);
        return fail_hint(in->err, "the journal was edited or its disk is damaged; it is not used");
}

/* What stands before the JSON, cut apart; JSON is what follows in `line`. */
typedef struct Head {
        Span hash, length, json;
} Head;

static Head cut_head(Span line)
{
        Head head;

        head.hash = span_cut(&line, ' ');
        head.length = span_cut(&line, ' ');
        head.json = line;
        return head;
}

static bool is_hex(Span text)
{
        for (size_t i = 0; i < text.len; i++)
                if (!memchr("0123456789abcdef", text.ptr[i], 16))
                        return false;
        return true;
}

/* Can these bytes be the beginning of a line whose writing was cut short? Then every part that is
 * there is well-formed, and a complete JSON has its hash. */
static bool is_torn(Replaying *in, Span tail)
{
        Head head = cut_head(tail);
        Buf expected = buf_in(in->scratch, 128);
        uint64_t length;

        if (head.hash.len > HASH_LEN || !is_hex(head.hash))
                return false;
        if (head.hash.len == tail.len)
                return true;
        if (head.hash.len != HASH_LEN || (head.length.len == 0 && head.json.ptr))
                return false;
        if (head.length.len && span_to_u64(head.length, &length, NULL) < 0)
                return false;
        if (!head.json.ptr)
                return true;
        if (head.json.len < length)
                return true;
        line_head(in->last, head.json, in->scratch, &expected);
        return head.json.len == length &&
               span_eq(buf_span(&expected), span_first(tail, tail.len - head.json.len));
}

static int parse_record(Replaying *in, Span json, JournalRecord *ret)
{
        size_t room = strlen(in->name) + 32;
        char *name = new_try(in->arena, char, room);
        Error cause = { 0 };

        if (!name)
                return fail(in->err, ERR_LIMIT, "%s:%zu: it does not fit into memory", in->name,
                            in->line);
        snprintf(name, room, "%s:%zu", in->name, in->line);
        if (json_parse_strict(json, name, in->arena, &ret->doc, &cause) < 0)
                return cause.code == ERR_LIMIT ? fail(in->err, ERR_LIMIT, "%s", cause.message)
                                               : damaged(in, cause.message);
        if (ret->doc.root->kind != VALUE_MAP)
                return damaged(in, "the record is not an object");
        return 0;
}

static int replay_line(Replaying *in, Span line)
{
        Head head = cut_head(line);
        Buf expected = buf_in(in->scratch, 128);
        JournalRecord *record;
        int r;

        if (!head.json.ptr)
                return damaged(in, "expected 'SHA256 LENGTH JSON'");
        line_head(in->last, head.json, in->scratch, &expected);
        if (!span_eq(buf_span(&expected), span_first(line, line.len - head.json.len)))
                return damaged(in, "the record does not match its hash");
        record = vec_add(in->arena, &in->ret->records);
        if (!record)
                return fail(in->err, ERR_LIMIT, "%s:%zu: more records than fit", in->name,
                            in->line);
        r = parse_record(in, head.json, record);
        if (r == 0)
                memcpy(in->last, expected.ptr, HASH_LEN);
        return r;
}

static int replay(Span bytes, Replaying *in)
{
        Span rest = bytes;
        int r;

        memcpy(in->last, BEFORE_FIRST, DIGEST_SIZE);
        in->ret->records.ceiling = MOST_RECORDS;
        while (rest.len) {
                ptrdiff_t end = span_find_byte(rest, '\n');
                Mark mark = arena_mark(in->scratch);

                in->line++;
                if (end < 0) {
                        in->ret->torn = is_torn(in, rest);
                        return in->ret->torn ? 0 : damaged(in, "the record has no end");
                }
                r = replay_line(in, span_first(rest, (size_t)end));
                arena_reset(in->scratch, mark);
                if (r < 0)
                        return r;
                rest = span_from(rest, (size_t)end + 1);
                in->good_bytes = bytes.len - rest.len;
        }
        return 0;
}

int journal_read(Span bytes, const char *name, Arena *arena, JournalReplay *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(4 * LARGEST_JOURNAL);
        JournalReplay records = { 0 };
        Replaying in = {
                .name = name, .arena = arena, .scratch = scratch, .ret = &records, .err = err
        };
        int r = replay(bytes, &in);

        if (r == 0)
                *ret = records;
        return r;
}

/* --- the file --- */

static int lock_file(const char *path, int *ret_fd, Error *err)
{
        AUTO(closep) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fail(err, errno, "cannot open the journal '%s'", path);
        if (!S_ISREG(st.st_mode))
                return fail(err, ERR_INPUT, "the journal '%s' is not a file", path);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno != EWOULDBLOCK)
                        return fail(err, errno, "cannot lock the journal '%s'", path);
                fail(err, ERR_BUSY, "the journal '%s' is in use by another hone", path);
                return fail_hint(err, "wait for it to end, or stop it");
        }
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* The name of a new file has to reach the disk, too. */
static int sync_folder(const char *path, Arena *arena, Error *err)
{
        const char *slash = strrchr(path, '/');
        const char *dir = !slash          ? "."
                          : slash == path ? "/"
                                          : arena_text(arena, path, (size_t)(slash - path));
        AUTO(closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || fsync(fd) < 0)
                return fail(err, errno, "cannot write the folder '%s'", dir);
        return 0;
}

static int cut_torn(Journal *journal, size_t good_bytes, Error *err)
{
        if (ftruncate(journal->fd, (off_t)good_bytes) < 0 || fdatasync(journal->fd) < 0)
                return fail(err, errno, "cannot cut the torn end of the journal '%s'",
                            journal->path);
        return 0;
}

static int load(Journal *journal, Arena *arena, JournalReplay *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(4 * LARGEST_JOURNAL);
        Replaying in = {
                .name = journal->path, .arena = arena, .scratch = scratch, .ret = ret, .err = err
        };
        Span bytes;
        int r = file_read(journal->path, LARGEST_JOURNAL, arena, &bytes, err);

        if (r == 0 && bytes.len == 0)
                r = sync_folder(journal->path, scratch, err);
        if (r == 0)
                r = replay(bytes, &in);
        if (r == 0 && ret->torn)
                r = cut_torn(journal, in.good_bytes, err);
        if (r < 0)
                return r;
        journal->end = in.good_bytes;
        memcpy(journal->last, in.last, sizeof(in.last));
        return 0;
}

int journal_open(const char *path, Arena *arena, Journal **ret, JournalReplay *ret_replay,
                 Error *err)
{
        Journal *journal = new (arena, Journal, 1);
        JournalReplay records = { 0 };
        int r;

        journal->path = arena_printf(arena, "%s", path);
        r = lock_file(path, &journal->fd, err);
        if (r < 0)
                return r;
        r = load(journal, arena, &records, err);
        if (r < 0) {
                journal_close(journal);
                return r;
        }
        *ret_replay = records;
        *ret = journal;
        return 0;
}

Journal *journal_close(Journal *journal)
{
        if (journal)
                closep(&journal->fd);
        return NULL;
}

static int check_record(Span json, Arena *scratch, Error *err)
{
        Document doc;
        int r;

        if (json.len > LARGEST_RECORD)
                return fail(err, ERR_LIMIT, "a record of %zu bytes is more than %zu", json.len,
                            LARGEST_RECORD);
        if (span_find_byte(json, '\n') >= 0)
                return fail(err, ERR_INPUT, "a record has to be one line");
        r = json_parse_strict(json, "record", scratch, &doc, err);
        return r < 0 ? r : value_expect(&doc, doc.root, VALUE_MAP, err);
}

static int write_line(const Journal *journal, Span line)
{
        size_t done = 0;

        while (done < line.len) {
                ssize_t n = pwrite(journal->fd, line.ptr + done, line.len - done,
                                   (off_t)(journal->end + done));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                done += (size_t)n;
        }
        return fdatasync(journal->fd) < 0 ? -errno : 0;
}

/* What was written of a line that failed is taken back. When that fails, too, nobody can say what
 * the disk holds: the journal is closed to writing, and opening it again finds out. */
static int append_line(Journal *journal, Span line, Error *err)
{
        int r = write_line(journal, line);

        if (r == 0)
                return 0;
        journal->broken =
                ftruncate(journal->fd, (off_t)journal->end) < 0 || fdatasync(journal->fd) < 0;
        return fail(err, -r, "cannot write to the journal '%s'", journal->path);
}

int journal_append(Journal *journal, Span json, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(64 * LARGEST_RECORD);
        Buf line = buf_in(scratch, LARGEST_RECORD + 128);
        int r = check_record(json, scratch, err);

        if (r < 0)
                return r;
        if (journal->broken)
                return fail(err, ERR_FAILED, "the journal '%s' failed before; open it again",
                            journal->path);
        if (journal->end + json.len + 128 > LARGEST_JOURNAL)
                return fail(err, ERR_LIMIT, "the journal '%s' is full (%zu bytes)", journal->path,
                            LARGEST_JOURNAL);
        line_head(journal->last, json, scratch, &line);
        buf_add(&line, json);
        buf_byte(&line, '\n');
        r = append_line(journal, buf_span(&line), err);
        if (r < 0)
                return r;
        journal->end += line.len;
        memcpy(journal->last, line.ptr, HASH_LEN);
        return 0;
}
