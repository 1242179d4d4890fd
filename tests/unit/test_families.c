/* Every family of students: what plain loops over doubles make of it, and the same bits in any batch, with any number
 * of threads, on every tier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "runtime/tokenize.h"
#include "tests/unit/expanded.h"
#include "tests/unit/family_results.h"
#include "tests/unit/plain_layers.h"

enum { LONGEST = 200 };

/* ---- The same in plain loops ---- */

/* Tokens behind `before` others. */
static void put_tokens(struct plain *plain, const uint32_t *ids, size_t count, uint32_t position, uint32_t type) {
    uint32_t *all[3];
    for (size_t i = 0; i < 3; i++) all[i] = take(plain->memory, (plain->count + count) * sizeof(uint32_t) + 1);
    if (plain->count) {
        memcpy(all[0], plain->ids, plain->count * sizeof(uint32_t));
        memcpy(all[1], plain->positions, plain->count * sizeof(uint32_t));
        memcpy(all[2], plain->types, plain->count * sizeof(uint32_t));
    }
    for (uint32_t i = 0; i < count; i++) {
        all[0][plain->count + i] = ids[i];
        all[1][plain->count + i] = position + i;
        all[2][plain->count + i] = type;
    }
    plain->ids = all[0];
    plain->positions = all[1];
    plain->types = all[2];
    plain->seen = plain->count += count;
}

static struct plain tokens_of(struct small_model *model, int role, struct minnow_text text) {
    const struct minnow_input *input = &model->contents.inputs[role];
    struct plain plain = {.memory = model};
    uint32_t ids[LONGEST];
    struct minnow_tokens tokens = minnow_tokenize_for_role(&model->contents, (enum minnow_role)role, text, ids);
    put_tokens(&plain, ids, tokens.count, input->first_position, input->type);
    plain.seen = tokens.seen;
    return plain;
}

static bool skipped(const struct minnow_input *input, uint32_t id) {
    for (uint32_t i = 0; i < input->skipped_count; i++)
        if (input->skipped[i] == id) return true;
    return false;
}

/* What the route of a role makes of a text. */
static struct plain part_of(struct small_model *model, int role, struct minnow_text text) {
    const struct minnow_input *input = &model->contents.inputs[role];
    struct plain plain = tokens_of(model, role, text);
    plain_route(&plain, minnow_route_of(&model->contents, (enum minnow_role)role));
    if (minnow_route_pools(minnow_route_of(&model->contents, (enum minnow_role)role))) return plain;
    size_t left = 0;
    for (size_t t = 0; t < plain.count; t++)
        if (!skipped(input, plain.ids[t]))
            memmove(plain.rows + plain.width * left++, plain.rows + plain.width * t, plain.width * sizeof(double));
    plain.count = left;
    return plain;
}

static double joint_score(struct small_model *model, struct minnow_text query, struct minnow_text document) {
    struct plain plain = {.memory = model};
    if (minnow_joint_takes_tokens(&model->contents)) {
        struct plain q = tokens_of(model, MINNOW_QUERY, query), d = tokens_of(model, MINNOW_DOCUMENT, document);
        put_tokens(&plain, q.ids, q.count, 0, model->contents.inputs[MINNOW_QUERY].type);
        put_tokens(&plain, d.ids, d.count, (uint32_t)q.count, model->contents.inputs[MINNOW_DOCUMENT].type);
    } else {
        struct plain q = part_of(model, MINNOW_QUERY, query), d = part_of(model, MINNOW_DOCUMENT, document);
        plain.query = q.count;
        plain.width = q.width;
        plain.seen = plain.count = q.count + d.count;
        plain.rows = plain_room(&plain, plain.count, plain.width);
        memcpy(plain.rows, q.rows, q.count * q.width * sizeof(double));
        memcpy(plain.rows + q.count * q.width, d.rows, d.count * d.width * sizeof(double));
    }
    plain_route(&plain, minnow_joint_route(&model->contents));
    return plain.rows[0];
}

static double maxsim(const struct plain *q, const struct plain *d) {
    double sum = 0;
    for (size_t i = 0; i < q->count && d->count; i++) {
        double best = -INFINITY;
        for (size_t j = 0; j < d->count; j++)
            best = fmax(best, plain_dot(q->rows + i * q->width, d->rows + j * d->width, q->width));
        sum += best;
    }
    return sum;
}

static double score(struct small_model *model, struct minnow_text query, struct minnow_text document) {
    if (model->contents.similarity == MINNOW_JOINT) return joint_score(model, query, document);
    struct plain q = part_of(model, MINNOW_QUERY, query), d = part_of(model, MINNOW_DOCUMENT, document);
    if (model->contents.similarity == MINNOW_MAXSIM) return maxsim(&q, &d);
    double dot = plain_dot(q.rows, d.rows, q.width);
    double norms = sqrt(plain_dot(q.rows, q.rows, q.width) * plain_dot(d.rows, d.rows, d.width));
    if (model->contents.similarity == MINNOW_DOT) return dot;
    return norms > 0 ? dot / norms : 0;
}

static void collect_plain(struct small_model *model, struct small_results *results) {
    memset(results, 0, sizeof *results);
    for (int role = MINNOW_QUERY; model->contents.similarity != MINNOW_JOINT && role <= MINNOW_DOCUMENT; role++)
        for (size_t i = 0; i < SMALL_TEXTS; i++) {
            struct plain plain = part_of(model, role, small_texts[i]);
            float *out = results->numbers + ((size_t)role * SMALL_TEXTS + i) * SMALL_ROW;
            for (size_t n = 0; n < plain.count * plain.width; n++) out[n] = (float)plain.rows[n];
        }
    for (size_t q = 0; q < SMALL_TEXTS; q++)
        for (size_t d = 0; d < SMALL_TEXTS; d++)
            results->numbers[SMALL_SCORES + q * SMALL_TEXTS + d] = (float)score(model, small_texts[q], small_texts[d]);
}

static void expand_model(struct small_model *model);

static void compare_with_plain(struct small_model *model, const char *family, double most) {
    static struct small_results expected, found;
    const struct small_way way = {.at_once = SMALL_TEXTS};
    assert_true(results_of(&model->contents, &way, &found));
    if (model->type == MINNOW_WEIGHT_S4) expand_model(model);
    collect_plain(model, &expected);
    double vectors = difference(expected.numbers, found.numbers, SMALL_SCORES);
    double scores =
        difference(expected.numbers + SMALL_SCORES, found.numbers + SMALL_SCORES, SMALL_TEXTS * SMALL_TEXTS);
    if (!(vectors <= most && scores <= most))
        fail_msg("%s, weights %d: vectors differ by %g, scores by %g, expected at most %g", family, (int)model->type,
                 vectors, scores, most);
    small_model_free(model);
}

static void f32_equals_plain_loops(void **unused) {
    (void)unused;
    for (int family = 0; family < SMALL_FAMILIES; family++)
        compare_with_plain(small_family_make((enum small_family)family, MINNOW_WEIGHT_F32), small_family_names[family],
                           1e-4);
}

static void expand_linears(struct small_model *model, struct minnow_layer *layer) {
    switch (layer->kind) {
    case MINNOW_LAYER_ENCODER_BLOCK:
        expand_linear(model, &layer->encoder_block.query_key_value);
        expand_linear(model, &layer->encoder_block.attention_output);
        expand_linear(model, &layer->encoder_block.ffn_up);
        expand_linear(model, &layer->encoder_block.ffn_down);
        break;
    case MINNOW_LAYER_DENSE: expand_linear(model, &layer->dense.linear); break;
    case MINNOW_LAYER_LSTM:
        for (uint32_t i = 0; i < layer->lstm.direction_count; i++) {
            expand_linear(model, &layer->lstm.directions[i].input);
            expand_linear(model, &layer->lstm.directions[i].recurrent);
        }
        break;
    case MINNOW_LAYER_CONVOLUTION:
        for (uint32_t i = 0; i < layer->convolution.branch_count; i++)
            expand_linear(model, &layer->convolution.branches[i].linear);
        break;
    default: break;
    }
}

static void expand_model(struct small_model *model) {
    for (uint32_t r = 0; r < model->contents.route_count; r++)
        for (uint32_t i = 0; i < model->routes[r].layer_count; i++) {
            struct minnow_layer *layer = &model->layers[r][i];
            expand_linears(model, layer);
            if (layer->kind == MINNOW_LAYER_POSITIONS) expand_table(model, &layer->positions.table);
            if (layer->kind != MINNOW_LAYER_EMBEDDING) continue;
            if (layer->embedding.words.type == MINNOW_WEIGHT_S4) expand_table(model, &layer->embedding.words);
            if (layer->embedding.positions.rows) expand_table(model, &layer->embedding.positions);
        }
}

/* Random weights make the most of what rounding loses. */
static void rounded_weights_come_near(void **unused) {
    (void)unused;
    for (int family = 0; family < SMALL_FAMILIES; family++)
        for (int type = MINNOW_WEIGHT_S8; type <= MINNOW_WEIGHT_S4; type++)
            compare_with_plain(small_family_make((enum small_family)family, (enum minnow_weight_type)type),
                               small_family_names[family], 0.1);
}

/* A query without a token, filled with [MASK] tokens that nobody attends to. */
static void what_sees_nothing_gets_nothing(void **unused) {
    (void)unused;
    for (int type = MINNOW_WEIGHT_F32; type <= MINNOW_WEIGHT_S8; type++) {
        struct small_model *model = small_family_make(SMALL_LATE_INTERACTION, (enum minnow_weight_type)type);
        model->contents.inputs[MINNOW_QUERY].leading_count = 0;
        model->contents.inputs[MINNOW_QUERY].trailing = MINNOW_NO_TOKEN;
        compare_with_plain(model, "nothing seen", type == MINNOW_WEIGHT_F32 ? 1e-4 : 0.1);
    }
}

/* ---- Texts of many chunks ---- */

/* Some in one pass, and each by itself, by two threads: the same bits, and those of plain loops. */
static void compare_long_texts(enum small_family family, enum minnow_weight_type type, double most) {
    static const size_t lengths[] = {1, 63, 64, 65, 127, 128, 129, 200, 3, 64, 66, 2};
    enum { COUNT = sizeof lengths / sizeof *lengths, WIDTH = 31 };
    struct small_model *model = small_family_make(family, type);
    struct minnow_session_options options = {.size = sizeof options, .threads = 2, .max_batch_tokens = 2048};
    struct minnow_text texts[COUNT];
    struct minnow_model *opened = NULL;
    struct minnow_session *session = NULL;
    struct minnow_error error = {0};
    static float together[COUNT * WIDTH], alone[WIDTH];
    size_t width = model->routes[0].dimensions;
    model->routes[0].max_tokens = model->contents.inputs[0].max_tokens = model->contents.inputs[1].max_tokens = LONGEST;
    if (family == SMALL_FACTORED) model->layers[0][2].positions.table = make_table(model, LONGEST, type);
    for (size_t i = 0; i < COUNT; i++) texts[i] = random_text(model, lengths[i]);
    must(minnow_model_open_contents(&model->contents, NULL, &opened, &error), &error);
    must(minnow_session_create(opened, &options, &session, &error), &error);
    must(minnow_encode(session, MINNOW_DOCUMENT, texts, COUNT, together, NULL, &error), &error);
    for (size_t i = 0; i < COUNT; i++) {
        float expected[WIDTH];
        struct plain plain = part_of(model, MINNOW_DOCUMENT, texts[i]);
        for (size_t n = 0; n < width; n++) expected[n] = (float)plain.rows[n];
        must(minnow_encode(session, MINNOW_DOCUMENT, &texts[i], 1, alone, NULL, &error), &error);
        double found = difference(expected, together + i * width, width);
        if (found > most) fail_msg("%s, %zu tokens: differs by %g", small_family_names[family], lengths[i], found);
        if (type != MINNOW_WEIGHT_F32) assert_memory_equal(alone, together + i * width, width * sizeof *alone);
    }
    minnow_session_close(session);
    minnow_model_close(opened);
    small_model_free(model);
}

static void long_texts_are_no_different(void **unused) {
    (void)unused;
    compare_long_texts(SMALL_LSTM, MINNOW_WEIGHT_F32, 1e-4);
    compare_long_texts(SMALL_LSTM, MINNOW_WEIGHT_S8, 0.1);
    compare_long_texts(SMALL_CONVOLUTION, MINNOW_WEIGHT_F32, 1e-4);
    compare_long_texts(SMALL_CONVOLUTION, MINNOW_WEIGHT_S8, 0.1);
    compare_long_texts(SMALL_FACTORED, MINNOW_WEIGHT_F32, 1e-4);
    compare_long_texts(SMALL_FACTORED, MINNOW_WEIGHT_S8, 0.1);
}

/* ---- The same bits ---- */

static void compare_bits(const struct small_model *model, const char *family, const struct small_results *expected,
                         const struct small_way *way) {
    static struct small_results found;
    if (!results_of(&model->contents, way, &found)) return;
    for (size_t i = 0; i < SMALL_NUMBERS; i++)
        if (memcmp(&found.numbers[i], &expected->numbers[i], sizeof(float)) != 0)
            fail_msg("%s, weights %d, isa %s, %u threads, %u tokens, %zu texts at once: number %zu is %a, expected %a",
                     family, (int)model->type, way->isa ? way->isa : "best", way->threads, way->batch_tokens,
                     way->at_once, i, (double)found.numbers[i], (double)expected->numbers[i]);
}

static void any_way_gives_the_same_bits(void **unused) {
    (void)unused;
    static struct small_results expected;
    static const struct small_way alone = {.at_once = 1};
    static const struct small_way ways[] = {{.at_once = SMALL_TEXTS},
                                            {.at_once = 3, .batch_tokens = 1},
                                            {.at_once = 1, .threads = 2},
                                            {.at_once = SMALL_TEXTS, .threads = 2},
                                            {.at_once = SMALL_TEXTS, .threads = 2, .batch_tokens = 1}};
    for (int family = 0; family < SMALL_FAMILIES; family++)
        for (int type = MINNOW_WEIGHT_S8; type <= MINNOW_WEIGHT_S4; type++) {
            struct small_model *model = small_family_make((enum small_family)family, (enum minnow_weight_type)type);
            const char *name = small_family_names[family];
            assert_true(results_of(&model->contents, &alone, &expected));
            for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) compare_bits(model, name, &expected, &ways[i]);
            for (size_t tier = 0; minnow_kernels_tier(tier); tier++)
                compare_bits(model, name, &expected,
                             &(struct small_way){.isa = minnow_kernels_tier(tier), .at_once = SMALL_TEXTS});
            small_model_free(model);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f32_equals_plain_loops),
        cmocka_unit_test(rounded_weights_come_near),
        cmocka_unit_test(what_sees_nothing_gets_nothing),
        cmocka_unit_test(long_texts_are_no_different),
        cmocka_unit_test(any_way_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
