/* Losses and gradients for losses_parity.py. Standard input: words and numbers, a case after the other,
 *     NAME WEIGHT, then what the loss takes, in the order of its reader below; arrays are COUNT NUMBER..
 * Standard output: a line a case, the loss and its gradients. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/distill/losses/contrastive.h"
#include "convert/distill/losses/embedding_matching.h"
#include "convert/distill/losses/lead.h"
#include "convert/distill/losses/margin_mse.h"
#include "convert/distill/losses/minilm_relation.h"
#include "convert/distill/losses/pointwise.h"
#include "convert/distill/losses/ranknet.h"
#include "convert/distill/losses/score_scale.h"

enum { MOST = 4096, MOST_ARRAYS = 32 };

static float arrays[MOST_ARRAYS][MOST];
static float gradients[MOST_ARRAYS][MOST];

static double number(void) {
    double value;
    if (scanf("%lf", &value) != 1) exit(2);
    return value;
}

static size_t read_array(size_t which) {
    size_t count = (size_t)number();
    if (count > MOST || which >= MOST_ARRAYS) exit(2);
    for (size_t i = 0; i < count; i++) arrays[which][i] = (float)number();
    memset(gradients[which], 0, sizeof *gradients);
    return count;
}

static size_t read_indices(uint32_t *out) {
    size_t count = (size_t)number();
    if (count > MOST) exit(2);
    for (size_t i = 0; i < count; i++) out[i] = (uint32_t)number();
    return count;
}

static void print_gradient(size_t which, size_t count) {
    for (size_t i = 0; i < count; i++) printf(" %.9g", (double)gradients[which][i]);
}

static void print_loss(double loss) { printf("%.17g", loss); }

static void embedding(double weight) {
    enum minnow_embedding_metric metric = (enum minnow_embedding_metric)(int)number();
    size_t width = (size_t)number(), size = read_array(0);
    read_array(1);
    print_loss(
        minnow_loss_embedding_matching(metric, arrays[0], arrays[1], size / width, width, weight, gradients[1]));
    print_gradient(1, size);
}

static uint32_t lengths[MOST], positives[MOST];

static struct minnow_scored read_side(size_t which, size_t *size) {
    double temperature = number();
    *size = read_array(which);
    return (struct minnow_scored){arrays[which], temperature, gradients[which]};
}

static void score_kl(double weight) {
    bool both = number() > 0;
    size_t size;
    struct minnow_score_lists lists = {read_indices(lengths), lengths};
    struct minnow_scored teacher = read_side(0, &size), student = read_side(1, &size);
    print_loss((both ? minnow_loss_score_kl_both : minnow_loss_score_kl)(&lists, &teacher, &student, weight));
    print_gradient(0, size);
    print_gradient(1, size);
}

static void contrastive(double weight) {
    struct minnow_score_lists lists = {read_indices(lengths), lengths};
    read_indices(positives);
    double temperature = number();
    size_t size = read_array(0);
    print_loss(minnow_loss_contrastive(&lists, positives, arrays[0], temperature, weight, gradients[0]));
    print_gradient(0, size);
}

static void pointwise_bce(double weight) {
    struct minnow_soft_labels soft;
    soft.temperature = number();
    soft.alpha = number();
    size_t count = read_array(0);
    read_array(1);
    read_array(2);
    print_loss(minnow_loss_pointwise_bce(&soft, arrays[0], arrays[1], arrays[2], count, weight, gradients[2]));
    print_gradient(2, count);
}

/* Through a scale and a bias. */
static void pointwise_mse(double weight) {
    struct minnow_score_scale scale, by_scale = {0, 0};
    float scaled[MOST], scaled_gradient[MOST] = {0};
    scale.scale = (float)number();
    scale.bias = (float)number();
    size_t count = read_array(0);
    read_array(1);
    minnow_score_scale_apply(&scale, arrays[1], count, scaled);
    print_loss(minnow_loss_pointwise_mse(arrays[0], scaled, count, weight, scaled_gradient));
    minnow_score_scale_backward(&scale, arrays[1], count, scaled_gradient, gradients[1], &by_scale);
    print_gradient(1, count);
    printf(" %.9g %.9g", (double)by_scale.scale, (double)by_scale.bias);
}

static void pairs(double weight) {
    int kind = (int)number();
    size_t count = read_array(0);
    for (size_t i = 1; i < 4; i++) read_array(i);
    struct minnow_pair_scores teacher = {arrays[0], arrays[1]}, student = {arrays[2], arrays[3]};
    struct minnow_pair_gradients out = {gradients[2], gradients[3]};
    if (kind == 0) print_loss(minnow_loss_margin_mse(&teacher, &student, count, weight, &out));
    if (kind == 1) print_loss(minnow_loss_pair_mse(&teacher, &student, count, weight, &out));
    if (kind == 2) print_loss(minnow_loss_ranknet(NULL, &student, count, weight, &out));
    if (kind == 3) print_loss(minnow_loss_ranknet(&teacher, &student, count, weight, &out));
    print_gradient(2, count);
    print_gradient(3, count);
}

static void lead(double weight) {
    double tau = number(), pair_weights[MINNOW_LEAD_PAIRS];
    size_t count = (size_t)number(), size = 0;
    struct minnow_lead_candidates candidates = {{read_indices(lengths), lengths}, positives};
    struct minnow_lead_pair layers[MINNOW_LEAD_PAIRS];
    read_indices(positives);
    for (size_t i = 0; i < count; i++) {
        layers[i].teacher = read_side(2 * i, &size);
        layers[i].student = read_side(2 * i + 1, &size);
    }
    print_loss(minnow_loss_lead(&candidates, layers, count, tau, weight, pair_weights));
    for (size_t i = 0; i < 2 * count; i++) print_gradient(i, size);
    for (size_t i = 0; i < count; i++) printf(" %.9g", pair_weights[i]);
}

static void relation(double weight) {
    double scratch[MOST];
    struct minnow_relations relations;
    relations.tokens = (uint32_t)number();
    relations.heads = (uint32_t)number();
    relations.teacher_width = (uint32_t)number();
    relations.student_width = (uint32_t)number();
    read_array(0);
    size_t size = read_array(1);
    print_loss(minnow_loss_minilm_relation(&relations, arrays[0], arrays[1], weight, gradients[1], scratch));
    print_gradient(1, size);
}

static const struct {
    const char *name;
    void (*run)(double weight);
} cases[] = {{"embedding", embedding},         {"score_kl", score_kl}, {"contrastive", contrastive},
             {"pointwise_bce", pointwise_bce}, {"pairs", pairs},       {"pointwise_mse", pointwise_mse},
             {"lead", lead},                   {"relation", relation}};

int main(void) {
    char name[32];
    while (scanf("%31s", name) == 1) {
        size_t i = 0;
        while (i < sizeof cases / sizeof *cases && strcmp(cases[i].name, name) != 0) i++;
        if (i == sizeof cases / sizeof *cases) return fprintf(stderr, "%s?\n", name), 2;
        cases[i].run(number());
        putchar('\n');
    }
    return 0;
}
