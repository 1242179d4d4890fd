/* Dots and cosines of two vectors. */
#include <math.h>

#include "convert/distill/heads/scoring.h"
#include "convert/distill/layers/lanes.h"

/* The two vectors of a pair, as one role sees them. */
struct sides {
    const float *own, *other;
    float *gradient; /* of own */
    size_t width;
};

static struct sides sides_of(const struct minnow_scoring *scoring, size_t pair, enum minnow_role role) {
    struct minnow_text_pair texts = scoring->pairs[pair];
    const float *query = minnow_vectors_rows(scoring->queries, texts.query);
    const float *document = minnow_vectors_rows(scoring->documents, texts.document);
    bool is_query = role == MINNOW_QUERY;
    return (struct sides){is_query ? query : document, is_query ? document : query,
                          is_query ? minnow_vectors_gradient(scoring->queries, texts.query)
                                   : minnow_vectors_gradient(scoring->documents, texts.document),
                          scoring->queries->width};
}

static float dot(const struct minnow_scoring *scoring, size_t pair) {
    struct sides sides = sides_of(scoring, pair, MINNOW_QUERY);
    return minnow_row_dot(sides.own, sides.other, sides.width);
}

static void dot_back(const struct minnow_scoring *scoring, size_t pair, enum minnow_role role, float g) {
    struct sides sides = sides_of(scoring, pair, role);
    minnow_row_add(g, sides.other, sides.width, sides.gradient);
}

static float length(const float *row, size_t width) { return sqrtf(minnow_row_dot(row, row, width)); }

/* 0 where one of them is all zeros. */
static float cosine(const struct minnow_scoring *scoring, size_t pair) {
    struct sides sides = sides_of(scoring, pair, MINNOW_QUERY);
    float lengths = length(sides.own, sides.width) * length(sides.other, sides.width);
    return lengths > 0 ? minnow_row_dot(sides.own, sides.other, sides.width) / lengths : 0;
}

/* b / (|a| |b|) - a cosine / |a|^2; none where one of them is all zeros. */
static void cosine_back(const struct minnow_scoring *scoring, size_t pair, enum minnow_role role, float g) {
    struct sides sides = sides_of(scoring, pair, role);
    float own = length(sides.own, sides.width), lengths = own * length(sides.other, sides.width);
    if (!(lengths > 0)) return;
    float found = minnow_row_dot(sides.own, sides.other, sides.width) / lengths;
    minnow_row_add(g / lengths, sides.other, sides.width, sides.gradient);
    minnow_row_add(-g * found / (own * own), sides.own, sides.width, sides.gradient);
}

const struct minnow_head minnow_dot_head = {dot, dot_back};
const struct minnow_head minnow_cosine_head = {cosine, cosine_back};
