#include "harness.h"

#include "analysis/exception_write.h"
#include "base/fs.h"

#include <unistd.h>

#define DAY_2027_01_31 (UINT64_C(1801353600) * NS_PER_S)
#define DAY (UINT64_C(86400) * NS_PER_S)

static const char two[] = "# what we know about\n"
                          "exceptions:\n"
                          "  - metric: latency_p99\n"
                          "    subject: \"GET /api/*\"\n"
                          "    action: suppress\n"
                          "    owner: ana@example.org\n"
                          "    reason: the index is being rebuilt, see issue 41\n"
                          "    expires: 2027-01-31\n"
                          "  - metric: memory_mb\n"
                          "    action: accept\n"
                          "    at: 3F2a91c\n"
                          "    owner: ben@example.org\n"
                          "    reason: the cache was doubled on purpose\n";

TEST(exceptions_are_read_with_their_lines)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ExceptionList list;
        Error err = { 0 };

        assert_ok(exceptions_parse(span_of(two), "e.yaml", arena, &list, &err), err);
        assert_int_equal(list.len, 2);
        assert_string_equal(list.file, "e.yaml");
        assert_int_equal(list.items[0].action, EXCEPTION_SUPPRESS);
        assert_int_equal(list.items[0].metric->id, METRIC_LATENCY_P99);
        assert_span(list.items[0].subject, "GET /api/*");
        assert_span(list.items[0].owner, "ana@example.org");
        assert_span(list.items[0].reason, "the index is being rebuilt, see issue 41");
        assert_int_equal(list.items[0].expires_ns, DAY_2027_01_31 + DAY - 1);
        assert_int_equal(list.items[0].line, 3);
        assert_int_equal(list.items[1].action, EXCEPTION_ACCEPT);
        assert_int_equal(list.items[1].metric->id, METRIC_MEMORY); /* by its budget key */
        assert_span(list.items[1].revision, "3f2a91c");
        assert_int_equal(list.items[1].subject.len, 0);
        assert_int_equal(list.items[1].expires_ns, 0);
        assert_int_equal(list.items[1].line, 9);
}

TEST(exception_holds_to_the_end_of_its_last_day)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ExceptionList list;
        Error err = { 0 };
        Span search = SPAN("GET /api/search");

        assert_ok(exceptions_parse(span_of(two), "e.yaml", arena, &list, &err), err);
        assert_ptr_equal(exception_for(&list, EXCEPTION_SUPPRESS, METRIC_LATENCY_P99, search,
                                       DAY_2027_01_31 + DAY - 1),
                         &list.items[0]);
        assert_null(exception_for(&list, EXCEPTION_SUPPRESS, METRIC_LATENCY_P99, search,
                                  DAY_2027_01_31 + DAY));
        assert_true(exception_expired(&list.items[0], DAY_2027_01_31 + DAY));
        assert_false(exception_expired(&list.items[1], UINT64_MAX));
}

TEST(exception_speaks_only_about_its_metric_action_and_subject)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ExceptionList list;
        Error err = { 0 };

        assert_ok(exceptions_parse(span_of(two), "e.yaml", arena, &list, &err), err);
        assert_null(
                exception_for(&list, EXCEPTION_ACCEPT, METRIC_LATENCY_P99, SPAN("GET /api/x"), 0));
        assert_null(exception_for(&list, EXCEPTION_SUPPRESS, METRIC_LATENCY_P50, SPAN("GET /api/x"),
                                  0));
        assert_null(exception_for(&list, EXCEPTION_SUPPRESS, METRIC_LATENCY_P99,
                                  SPAN("POST /api/x"), 0));
        assert_null(exception_for(&list, EXCEPTION_SUPPRESS, METRIC_LATENCY_P99, (Span){ 0 }, 0));
        assert_non_null(exception_for(&list, EXCEPTION_ACCEPT, METRIC_MEMORY, (Span){ 0 }, 0));
        assert_non_null(exception_for(&list, EXCEPTION_ACCEPT, METRIC_MEMORY, SPAN("any"), 0));
}

TEST(exception_of_the_first_row_wins)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ExceptionList list;
        Error err = { 0 };
        Span text = SPAN("exceptions:\n"
                         "- {metric: time, action: accept, at: aaaaaaa1, owner: o, reason: r}\n"
                         "- {metric: time, action: accept, at: '12345678', owner: o, reason: r}\n"
                         "- {metric: time, action: accept, at: 1234567, owner: o, reason: r}\n");

        assert_ok(exceptions_parse(text, "e", arena, &list, &err), err);
        assert_span(exception_for(&list, EXCEPTION_ACCEPT, METRIC_TIME, SPAN("x"), 0)->revision,
                    "aaaaaaa1");
        assert_span(list.items[1].revision, "12345678");
        assert_span(list.items[2].revision, "1234567"); /* digits alone need no quotes */
}

TEST(exception_subject_patterns)
{
        static const struct {
                const char *pattern, *subject;
                bool match;
        } rows[] = {
                { "a*c", "abc", true },    { "a*c", "ac", true },     { "a*c", "acb", false },
                { "*", "anything", true }, { "*", "", true },         { "a", "a", true },
                { "a", "ab", false },      { "*a*b", "xaxxb", true }, { "*a*b", "xaxxbc", false },
                { "a**b", "a-b", true },   { "*aab", "aaab", true },  { "[a]", "a", false },
                { "?", "a", false },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(rows); i++) {
                const char *text = arena_printf(arena,
                                                "exceptions:\n- {metric: time, subject: \"%s\", "
                                                "action: accept, at: abcdef0, owner: o, "
                                                "reason: r}\n",
                                                rows[i].pattern);
                ExceptionList list;

                assert_ok(exceptions_parse(span_of(text), "e", arena, &list, &err), err);
                if (exception_covers(&list.items[0], METRIC_TIME, span_of(rows[i].subject)) !=
                    rows[i].match)
                        fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].subject);
        }
}

#define ITEM(rest) "exceptions:\n  - metric: time\n" rest

TEST(exceptions_without_what_they_need_are_refused)
{
        static const struct {
                const char *text, *message;
        } rows[] = {
                { "", "expected a map" },
                { "- a\n", "expected a map" },
                { "exception: []\n", "unknown key 'exception'" },
                { "exceptions: 3\n", "'exceptions' must be a list" },
                { "exceptions: [3]\n", "expected a map" },
                { ITEM("    action: accept\n    at: abcdef0\n    reason: r\n"), "'owner'" },
                { ITEM("    action: accept\n    at: abcdef0\n    owner: o\n"), "'reason'" },
                { ITEM("    action: accept\n    at: abcdef0\n    owner: ' '\n    reason: r\n"),
                  "'owner' is empty" },
                { ITEM("    action: accept\n    owner: o\n    reason: r\n"), "needs 'at'" },
                { ITEM("    action: suppress\n    owner: o\n    reason: r\n"), "needs 'expires'" },
                { ITEM("    action: suppress\n    at: abcdef0\n    expires: 2027-01-01\n"
                       "    owner: o\n    reason: r\n"),
                  "'at' belongs to what is accepted" },
                { ITEM("    action: ignore\n    owner: o\n    reason: r\n"), "no action" },
                { ITEM("    action: accept\n    at: abcde\n    owner: o\n    reason: r\n"),
                  "7 to 64" },
                { ITEM("    action: accept\n    at: main-branch\n    owner: o\n    reason: r\n"),
                  "no hash" },
                { ITEM("    action: accept\n    at: [1]\n    owner: o\n    reason: r\n"),
                  "'at' must be text" },
                { ITEM("    action: suppress\n    expires: soon\n    owner: o\n    reason: r\n"),
                  "not a date" },
                { ITEM("    action: suppress\n    expires: 2027-02-29\n    owner: o\n"
                       "    reason: r\n"),
                  "not a date" },
                { "exceptions:\n- metric: latency_p9\n  action: accept\n  at: abcdef0\n"
                  "  owner: o\n  reason: r\n",
                  "'latency_p9' is no metric" },
                { ITEM("    action: accept\n    at: abcdef0\n    owner: o\n    reason: \"r\n"),
                  "e.yaml:" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));

        for (size_t i = 0; i < COUNT(rows); i++) {
                ExceptionList list = { .len = 77 };
                Error err = { 0 };

                assert_fails(exceptions_parse(span_of(rows[i].text), "e.yaml", arena, &list, &err),
                             err, ERR_INPUT);
                if (!span_contains(span_of(err.message), rows[i].message))
                        fail_msg("'%s' lacks '%s'", err.message, rows[i].message);
                assert_true(span_starts(span_of(err.message), "e.yaml:"));
                assert_int_equal(list.len, 77);
        }
}

TEST(exception_of_an_unknown_metric_suggests_the_nearest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ExceptionList list;
        Error err = { 0 };

        assert_fails(exceptions_parse(SPAN("exceptions:\n- {metric: latncy_p99, action: accept, "
                                           "at: abcdef0, owner: o, reason: r}\n"),
                                      "e", arena, &list, &err),
                     err, ERR_INPUT);
        assert_string_equal(err.hint, "did you mean 'latency_p99'?");
}

TEST(exceptions_of_an_empty_list_are_none)
{
        static const char *const texts[] = { "exceptions: []\n", "exceptions:\n" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(texts); i++) {
                ExceptionList list;

                assert_ok(exceptions_parse(span_of(texts[i]), "e", arena, &list, &err), err);
                assert_int_equal(list.len, 0);
                assert_null(exception_for(&list, EXCEPTION_ACCEPT, METRIC_TIME, SPAN("x"), 0));
        }
}

TEST(exceptions_are_found_beside_the_project_or_under_github)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        char dir[] = "/tmp/hone-exception-XXXXXX";
        ExceptionList list;
        Error err = { 0 };

        assert_non_null(mkdtemp(dir));
        assert_ok(exceptions_load(dir, arena, &list, &err), err);
        assert_null(list.file);
        assert_int_equal(list.len, 0);
        assert_ok(dir_make(path_join(arena, dir, ".github"), &err), err);
        assert_ok(file_write(path_join(arena, dir, ".github/performance-exceptions.yaml"),
                             SPAN("exceptions: []\n"), &err),
                  err);
        assert_ok(exceptions_load(dir, arena, &list, &err), err);
        assert_non_null(list.file);
        assert_ok(file_write(path_join(arena, dir, "performance-exceptions.yaml"), span_of(two),
                             &err),
                  err);
        assert_ok(exceptions_load(dir, arena, &list, &err), err);
        assert_int_equal(list.len, 2);
        assert_ok(
                file_write(path_join(arena, dir, "performance-exceptions.yaml"), SPAN("exc"), &err),
                err);
        assert_fails(exceptions_load(dir, arena, &list, &err), err, ERR_INPUT);
        assert_ok(tree_remove(dir, &err), err);
}

static const ExceptionDraft draft = { .subject = { "GET \"x\": #1", 11 },
                                      .owner = { "ana@example.org", 15 },
                                      .reason = { "on purpose: see 41 # yes", 24 },
                                      .revision = { "1234567", 7 } };

static Span extend(Arena *arena, Span text)
{
        ExceptionDraft item = draft;
        Error err = { 0 };
        Span more;

        item.metric = metric_def(METRIC_TIME);
        assert_ok(exceptions_extend(text, "e.yaml", &item, arena, &more, &err), err);
        return more;
}

static const char without_end[] = "exceptions:\n"
                                  "- metric: ops\n"
                                  "  action: accept\n"
                                  "  at: abcdef0\n"
                                  "  owner: o\n"
                                  "  reason: r # no line end";
static const char far_right[] = "exceptions:\n"
                                "      - {metric: ops, action: accept, at: abcdef0, owner: o, "
                                "reason: r}\n";

TEST(exceptions_are_added_behind_what_people_wrote)
{
        static const char *const texts[] = {
                "", "exceptions:\n", two, without_end, far_right,
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (size_t i = 0; i < COUNT(texts); i++) {
                ExceptionList before = { 0 }, after;
                Span text = span_of(texts[i]), more = extend(arena, text);
                const Exception *last;
                Error err = { 0 };

                if (text.len)
                        assert_ok(exceptions_parse(text, "e", arena, &before, &err), err);
                assert_ok(exceptions_parse(more, "e", arena, &after, &err), err);
                assert_int_equal(after.len, before.len + 1);
                assert_true(span_eq(span_first(more, text.len), text));
                last = &after.items[after.len - 1];
                assert_true(span_eq(last->subject, draft.subject));
                assert_true(span_eq(last->reason, draft.reason));
                assert_span(last->revision, "1234567");
        }
}

TEST(exceptions_can_be_added_twice)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = extend(arena, extend(arena, extend(arena, SPAN(""))));
        ExceptionList list;
        Error err = { 0 };

        assert_ok(exceptions_parse(text, "e", arena, &list, &err), err);
        assert_int_equal(list.len, 3);
}

static const char in_flow[] = "exceptions: [{metric: time, action: accept, at: abcdef0, owner: o, "
                              "reason: r}]\n";
static const char ended[] = "exceptions:\n"
                            "- {metric: time, action: accept, at: abcdef0, owner: o, reason: r}\n"
                            "...\n";

TEST(exceptions_are_not_added_where_they_would_be_lost)
{
        static const char *const texts[] = {
                "exceptions: []\n", in_flow, ended, "{exceptions: }\n", "exceptions: 3\n",
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        ExceptionDraft item = draft;

        item.metric = metric_def(METRIC_TIME);
        for (size_t i = 0; i < COUNT(texts); i++) {
                Error err = { 0 };
                Span more = SPAN("untouched");

                assert_fails(
                        exceptions_extend(span_of(texts[i]), "e.yaml", &item, arena, &more, &err),
                        err, ERR_INPUT);
                assert_span(more, "untouched");
        }
}
