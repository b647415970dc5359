#include "import/profile/profile_format.h"

#include "harness.h"

TEST(profile_formats_have_names_and_words_of_their_own)
{
        for (const ProfileFormat *const *f = profile_formats; *f; f++) {
                assert_ptr_equal(profile_format_find(span_of((*f)->name)), *f);
                assert_true((*f)->says[0] && (*f)->files[0]);
                assert_non_null((*f)->detect);
                assert_non_null((*f)->read);
        }
        assert_null(profile_format_find(SPAN("nonsense")));
}

TEST(profile_formats_are_not_sure_of_nothing)
{
        for (const ProfileFormat *const *f = profile_formats; *f; f++) {
                assert_int_equal((*f)->detect(SPAN(""), true), 0);
                assert_int_equal((*f)->detect(SPAN("\n\n\n"), true), 0);
                assert_int_equal((*f)->detect(SPAN("hello world\n"), true), 0);
        }
}

TEST(profile_import_refuses_what_is_in_no_format)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileImportPlan plan = { .name = SPAN("x") };
        ProfileSet set;
        Error err = { 0 };

        assert_fails(profile_import(SPAN("hello world\n"), &plan, arena, &set, &err), err,
                     ERR_INPUT);
        assert_true(span_contains(span_of(err.hint), "--list-formats"));
        assert_fails(profile_import(SPAN(""), &plan, arena, &set, &err), err, ERR_INPUT);
        assert_span(span_of(err.message), "x: it is empty");
        assert_fails(profile_import_file("/nonexistent", &plan, arena, &set, &err), err, 2);
}
