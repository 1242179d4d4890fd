#include "convert/distill/trainer/loss_table.h"

#include "convert/distill/losses/contrastive.h"
#include "convert/distill/losses/embedding_matching.h"
#include "convert/distill/losses/margin_mse.h"
#include "convert/distill/losses/pointwise.h"
#include "convert/distill/losses/ranknet.h"
#include "convert/distill/losses/score_kl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Vectors ---- */

static double match(enum minnow_embedding_metric metric, const struct minnow_vectors_seen *seen, double weight) {
    return minnow_loss_embedding_matching(metric, seen->teacher, seen->student, seen->count, seen->width, weight,
                                          seen->gradient);
}
static double embedding(const struct minnow_vectors_seen *seen, double weight) {
    return match(MINNOW_EMBEDDING_L2, seen, weight);
}
static double embedding_mse(const struct minnow_vectors_seen *seen, double weight) {
    return match(MINNOW_EMBEDDING_MSE, seen, weight);
}
static double embedding_cosine(const struct minnow_vectors_seen *seen, double weight) {
    return match(MINNOW_EMBEDDING_COSINE, seen, weight);
}

/* ---- Lists ---- */

static double score_kl(const struct minnow_lists_seen *seen, double weight) {
    const struct minnow_scored teacher = {seen->teacher, seen->teacher_temperature, seen->teacher_gradient};
    const struct minnow_scored student = {seen->student, seen->temperature, seen->gradient};
    if (seen->teacher_gradient) return minnow_loss_score_kl_both(&seen->lists, &teacher, &student, weight);
    return minnow_loss_score_kl(&seen->lists, &teacher, &student, weight);
}
static double contrastive(const struct minnow_lists_seen *seen, double weight) {
    return minnow_loss_contrastive(&seen->lists, seen->positives, seen->student, seen->temperature, weight,
                                   seen->gradient);
}

/* ---- Pairs ---- */

static double margin_mse(const struct minnow_pairs_seen *seen, double weight) {
    return minnow_loss_margin_mse(&seen->teacher, &seen->student, seen->count, weight, &seen->gradients);
}
static double pointwise_mse(const struct minnow_pairs_seen *seen, double weight) {
    return minnow_loss_pair_mse(&seen->teacher, &seen->student, seen->count, weight, &seen->gradients);
}
static double ranknet(const struct minnow_pairs_seen *seen, double weight) {
    return minnow_loss_ranknet(NULL, &seen->student, seen->count, weight, &seen->gradients);
}
static double weighted_ranknet(const struct minnow_pairs_seen *seen, double weight) {
    return minnow_loss_ranknet(&seen->teacher, &seen->student, seen->count, weight, &seen->gradients);
}

/* One side of the pairs, which all have the same hard label. */
static double soft_bce_of(const struct minnow_pairs_seen *seen, bool positive, double weight) {
    enum { AT_ONCE = 256 };
    const struct minnow_soft_labels soft = {seen->temperature, seen->alpha};
    const float *teacher = positive ? seen->teacher.positive : seen->teacher.negative;
    const float *student = positive ? seen->student.positive : seen->student.negative;
    float *gradient = positive ? seen->gradients.positive : seen->gradients.negative, labels[AT_ONCE];
    double sum = 0;
    for (size_t i = 0; i < AT_ONCE; i++) labels[i] = positive ? 1 : 0;
    for (size_t first = 0, count; first < seen->count; first += count) {
        count = seen->count - first < AT_ONCE ? seen->count - first : AT_ONCE;
        double share = (double)count / (double)seen->count;
        sum += share * minnow_loss_pointwise_bce(&soft, teacher + first, labels, student + first, count, weight * share,
                                                 gradient ? gradient + first : NULL);
    }
    return sum;
}
static double soft_bce(const struct minnow_pairs_seen *seen, double weight) {
    return (soft_bce_of(seen, true, weight / 2) + soft_bce_of(seen, false, weight / 2)) / 2;
}

/* ---- Layers ---- */

static double lead(const struct minnow_layers_seen *seen, double weight) {
    static const double tau = 10; /* as in the paper's code */
    double pair_weights[MINNOW_LEAD_PAIRS];
    return minnow_loss_lead(&seen->candidates, seen->pairs, seen->count, tau, weight, pair_weights);
}

/* ---- Relations ---- */

static double relation(const struct minnow_relations_seen *seen, double weight) {
    return minnow_loss_minilm_relation(&seen->relations, seen->teacher, seen->student, weight, seen->gradient,
                                       seen->scratch);
}

const struct minnow_loss minnow_losses[] = {
    {"embedding", "L2 distance to the teacher's vectors (EmbedDistill, 2301.12005)", MINNOW_TASK_VECTORS, true,
     .vectors = embedding},
    {"embedding-mse", "its square, a mean over dimensions", MINNOW_TASK_VECTORS, true, .vectors = embedding_mse},
    {"embedding-cosine", "1 - cosine to the teacher's vectors", MINNOW_TASK_VECTORS, true, .vectors = embedding_cosine},
    {"score-kl", "KL to the teacher's distribution over candidates (2301.12005, 2212.05225)", MINNOW_TASK_LISTS, true,
     .lists = score_kl},
    {"contrastive", "hard labels: the softmax of the relevant passage", MINNOW_TASK_LISTS, false, .lists = contrastive},
    {"pointwise-mse", "scores equal to the teacher's (what 2010.02666 compares with)", MINNOW_TASK_PAIRS, true,
     .pairs = pointwise_mse},
    {"soft-bce", "soft and hard labels, one by one (1911.11065)", MINNOW_TASK_PAIRS, true, .labels = true,
     .pairs = soft_bce},
    {"margin-mse", "margins equal to the teacher's (2010.02666)", MINNOW_TASK_PAIRS, true, .pairs = margin_mse},
    {"ranknet", "hard labels: the relevant passage before the other (2010.02666)", MINNOW_TASK_PAIRS, false,
     .pairs = ranknet},
    {"weighted-ranknet", "the same, weighed by the teacher's margin (2010.02666)", MINNOW_TASK_PAIRS, true,
     .pairs = weighted_ranknet},
    {"lead", "distributions of drawn layers to the teacher's (2212.05225)", MINNOW_TASK_LAYERS, true, .layers = lead},
    {"relation", "what tokens have to do with each other in the last block (MiniLMv2, 2012.15828)",
     MINNOW_TASK_RELATIONS, true, .relations = relation},
};
const size_t minnow_loss_count = sizeof minnow_losses / sizeof *minnow_losses;

/* ---- A list of them ---- */

static const struct minnow_loss *find(const char *name, size_t size) {
    for (size_t i = 0; i < minnow_loss_count; i++)
        if (strlen(minnow_losses[i].name) == size && memcmp(minnow_losses[i].name, name, size) == 0)
            return &minnow_losses[i];
    return NULL;
}

static enum minnow_status fail_name(const char *item, size_t size, struct minnow_error *error) {
    char names[300] = "";
    for (size_t i = 0, used = 0; i < minnow_loss_count; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", minnow_losses[i].name);
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "loss: found '%.*s', expected NAME[:WEIGHT],... of %s",
                       size < 80 ? (int)size : 80, item, names);
}

static enum minnow_status parse_item(const char *item, size_t size, struct minnow_weighted_loss *out,
                                     struct minnow_error *error) {
    size_t name = 0;
    while (name < size && item[name] != ':') name++;
    *out = (struct minnow_weighted_loss){find(item, name), 1};
    if (!out->loss) return fail_name(item, size, error);
    if (name == size) return MINNOW_OK;
    char *end;
    out->weight = strtod(item + name + 1, &end);
    if (end == item + size && end > item + name + 1 && out->weight > 0 && isfinite(out->weight)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "loss: found '%.*s', expected a weight above 0 behind ':'",
                       size < 80 ? (int)size : 80, item);
}

enum minnow_status minnow_loss_list_parse(const char *text, struct minnow_loss_list *losses,
                                          struct minnow_error *error) {
    *losses = (struct minnow_loss_list){.count = 0};
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ",");
        if (losses->count == MINNOW_MOST_LOSSES)
            return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "loss: found more than %d losses", MINNOW_MOST_LOSSES);
        enum minnow_status status = parse_item(at, size, &losses->items[losses->count], error);
        if (status) return status;
        losses->count++;
        at += size;
        if (!*at) return MINNOW_OK;
    }
}

bool minnow_loss_list_has(const struct minnow_loss_list *losses, enum minnow_task_kind task) {
    for (size_t i = 0; i < losses->count; i++)
        if (losses->items[i].loss->task == task) return true;
    return false;
}

bool minnow_loss_list_needs_teacher(const struct minnow_loss_list *losses, enum minnow_task_kind task) {
    for (size_t i = 0; i < losses->count; i++)
        if (losses->items[i].loss->task == task && losses->items[i].loss->needs_teacher) return true;
    return false;
}
