#include "convert/distill/trainer/settings.h"

#include "convert/distill/trainer/trainer.h"
#include "runtime/parallel.h"

#include <math.h>
#include <string.h>

static enum minnow_status check_number(const char *name, double found, double least, double most,
                                       struct minnow_error *error) {
    if (found >= least && found <= most) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s: found %g, expected %g to %g", name, found, least, most);
}

static enum minnow_status check_numbers(const struct minnow_distill_options *options, struct minnow_error *error) {
    enum minnow_status status = check_number("rate", options->rate, 1e-9, 1, error);
    if (!status) status = check_number("held-out", options->held_out, -1, 0.5, error);
    if (!status) status = check_number("temperature", options->temperature, 0, 1e6, error);
    if (!status) status = check_number("soft-temperature", options->soft_temperature, 1e-3, 1e6, error);
    if (!status) status = check_number("teacher-rate", options->teacher_rate, 0, 1, error);
    if (!status) status = check_number("alpha", options->alpha, -1, 1, error);
    if (!status) status = check_number("batch", options->batch, 1, 65536, error);
    if (!status) status = check_number("negatives", options->negatives, 0, 1000, error);
    return status;
}

static enum minnow_status check_quantize(const char *quantize, struct minnow_error *error) {
    if (!quantize || !strcmp(quantize, "s4")) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "quantize: found '%s', expected s4; 8 bits lose too little to train for", quantize);
}

static enum minnow_status check_given(const struct minnow_distill_options *options, struct minnow_error *error) {
    const struct {
        const char *name, *value;
    } needed[] = {
        {"student", options->student}, {"data", options->data}, {"loss", options->losses}, {"output", options->output}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].value || !*needed[i].value)
            return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s is missing", needed[i].name);
    enum minnow_status status = check_quantize(options->quantize, error);
    if (status) return status;
    if (!!options->steps + !!options->epochs + !!options->minutes <= 1) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "found more than one of steps, epochs and minutes");
}

enum minnow_status minnow_settings_check(const struct minnow_distill_options *given,
                                         struct minnow_distill_options *options, struct minnow_error *error) {
    *options = (struct minnow_distill_options){.size = sizeof *options};
    if (given->size > sizeof *options)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "size is %zu, expected at most %zu", given->size,
                           sizeof *options);
    memcpy(options, given, given->size);
    if (!options->batch) options->batch = 128;
    if (options->rate == 0) options->rate = 5e-4;
    if (options->held_out == 0) options->held_out = 0.01;
    if (options->alpha == 0) options->alpha = 0.7;
    if (options->soft_temperature == 0) options->soft_temperature = 1;
    if (!options->evaluate_every) options->evaluate_every = 500;
    options->threads = minnow_threads_capped(options->threads ? options->threads : UINT32_MAX);
    enum minnow_status status = check_given(options, error);
    if (!status) status = check_numbers(options, error);
    if (options->alpha < 0) options->alpha = 0;
    return status;
}

void minnow_settings_complete(struct minnow_distill_options *options, const struct minnow_loss_list *losses,
                              enum minnow_similarity similarity) {
    bool without_labels = minnow_loss_list_has(losses, MINNOW_TASK_VECTORS) ||
                          minnow_loss_list_has(losses, MINNOW_TASK_RELATIONS) ||
                          minnow_loss_list_needs_teacher(losses, MINNOW_TASK_LISTS);
    if (options->temperature == 0) options->temperature = similarity == MINNOW_COSINE ? MINNOW_COSINE_TEMPERATURE : 1;
    if (!options->crops) options->crops = without_labels ? 2 : 0;
    if (options->crops == UINT32_MAX) options->crops = 0;
}
