#pragma once
/* An append-only file of records that survives kill -9 and cannot be edited unseen.
 *
 * One line per record: "SHA256 LENGTH JSON\n", where the hash covers the previous line's hash and
 * this JSON. Appending writes the line and syncs before it returns. Opening replays the records;
 * a torn last line (no newline, or short) is cut off, anything else that does not add up is
 * ERR_CORRUPT with the line's number and the journal is refused. A journal has one opener at a
 * time: a second one gets ERR_BUSY. Opening makes the file, not its folder.
 *
 * HASH = SHA-256 in lower-case hexadecimal of (hash of the line before, or 64 zeros) JSON.
 * What a chain of hashes cannot see is whole records missing at the end.
 */

#include "base/value.h"
#include "base/vec.h"

typedef struct Journal Journal;

typedef struct JournalRecord {
        Document doc; /* one JSON object */
} JournalRecord;

typedef struct JournalReplay {
        VEC(JournalRecord) records;
        bool torn; /* a cut last line was dropped */
} JournalReplay;

int journal_open(const char *path, Arena *arena, Journal **ret, JournalReplay *ret_replay,
                 Error *err);
/* One JSON object in one line. When it fails the journal is as it was before. */
int journal_append(Journal *journal, Span json, Error *err);
Journal *journal_close(Journal *journal); /* accepts NULL, returns NULL */

/* Replays bytes of a journal without opening it: for readers while another hone writes. */
int journal_read(Span bytes, const char *name, Arena *arena, JournalReplay *ret, Error *err);
