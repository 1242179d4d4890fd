#include "convert/distill/losses/lead.h"

#include "convert/distill/losses/contrastive.h"
#include "convert/distill/random.h"

/* Every set of `count` of `layers`, ascending, with the same chance: a layer is taken as often as the places left among
 * the layers left say. */
static void draw_ascending(struct minnow_random *random, uint32_t layers, uint32_t count, uint32_t *drawn) {
    for (uint32_t layer = 0, taken = 0; taken < count; layer++)
        if (minnow_random_below(random, layers - layer) < count - taken) drawn[taken++] = layer;
}

enum minnow_status minnow_lead_draw(const struct minnow_lead_layers *layers, uint64_t seed, uint64_t step,
                                    struct minnow_lead_draw *draw, struct minnow_error *error) {
    uint32_t fewest = layers->teacher < layers->student ? layers->teacher : layers->student;
    uint32_t most = fewest < MINNOW_LEAD_PAIRS ? fewest : MINNOW_LEAD_PAIRS;
    if (!layers->count || layers->count > most)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "lead: %u layers are to be drawn, of a teacher with %u and a student with %u; expected 1 to "
                           "%u",
                           layers->count, layers->teacher, layers->student, most);
    if (!layers->redraw_every)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "lead: redraw_every is 0, expected at least 1 step");
    struct minnow_random random = minnow_random_of(seed, step / layers->redraw_every);
    draw->count = layers->count;
    draw_ascending(&random, layers->teacher, layers->count, draw->teacher);
    draw_ascending(&random, layers->student, layers->count, draw->student);
    return MINNOW_OK;
}

static void weigh(const struct minnow_lead_candidates *candidates, const struct minnow_lead_pair *pairs, size_t count,
                  double tau, double *weights) {
    float confidence[MINNOW_LEAD_PAIRS];
    for (size_t i = 0; i < count; i++)
        confidence[i] = -(float)minnow_loss_contrastive(&candidates->lists, candidates->positives,
                                                        pairs[i].teacher.scores, 1, 0, NULL);
    minnow_softmax(confidence, count, tau, weights);
}

double minnow_loss_lead(const struct minnow_lead_candidates *candidates, const struct minnow_lead_pair *pairs,
                        size_t count, double tau, double weight, double *pair_weights) {
    double sum = 0;
    if (!count) return 0;
    weigh(candidates, pairs, count, tau, pair_weights);
    for (size_t i = 0; i < count; i++)
        sum += pair_weights[i] * minnow_loss_score_kl(&candidates->lists, &pairs[i].teacher, &pairs[i].student,
                                                      weight * pair_weights[i]);
    return sum;
}
