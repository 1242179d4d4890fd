/* What a session is asked for allocates nothing, whatever the family. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/counted_allocations.h"
#include "tests/unit/family_results.h"

static size_t allocations_of(const struct minnow_contents *contents, uint32_t threads) {
    static struct small_results results;
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    struct minnow_model *model = NULL;
    struct minnow_session *session = NULL;
    struct minnow_error error = {0};
    must(minnow_model_open_contents(contents, NULL, &model, &error), &error);
    must(minnow_session_create(model, &options, &session, &error), &error);
    size_t before = allocations;
    collect_results(session, contents, 1, &results);
    collect_results(session, contents, SMALL_TEXTS, &results);
    size_t made = allocations - before;
    minnow_session_close(session);
    minnow_model_close(model);
    return made;
}

static void sessions_allocate_nothing(void **unused) {
    (void)unused;
    for (int family = 0; family < SMALL_FAMILIES; family++)
        for (int type = MINNOW_WEIGHT_F32; type <= MINNOW_WEIGHT_S4; type++) {
            size_t before = allocations;
            struct small_model *model = small_family_make((enum small_family)family, (enum minnow_weight_type)type);
            assert_true(!COUNTING || allocations > before); /* the counter counts */
            for (uint32_t threads = 1; threads <= 2; threads++) {
                size_t made = allocations_of(&model->contents, threads);
                if (made)
                    fail_msg("%s, weights %d, %u threads: %zu allocations", small_family_names[family], type, threads,
                             made);
            }
            small_model_free(model);
        }
}

int main(void) {
    if (!COUNTING) puts("skipped: allocations are counted without AddressSanitizer, on glibc");
    const struct CMUnitTest tests[] = {cmocka_unit_test(sessions_allocate_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
