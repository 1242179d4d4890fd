#include "convert/convert.h"

#include <stdio.h>

#include "convert/fidelity.h"
#include "convert/golden.h"
#include "convert/quantize/calibration_set.h"
#include "convert/quantize/model_writer.h"
#include "convert/quantize/quantize.h"

/* One conversion under way. */
struct conversion {
    const struct minnow_convert_options *options;
    struct minnow_convert_report *report;
    struct minnow_checkpoint *checkpoint;
    struct minnow_model *reference, *converted; /* the same model for f32 */
    struct minnow_contents contents;
    const struct minnow_text *texts;
    size_t text_count;
    struct minnow_error *error;
};

static enum minnow_status quantize(struct conversion *conversion) {
    const struct minnow_convert_options *options = conversion->options;
    struct minnow_memory *memory = conversion->checkpoint->memory;
    struct minnow_calibration calibration;
    enum minnow_status status =
        minnow_calibrate(conversion->reference, conversion->texts, conversion->text_count, options->threads,
                         &options->progress, memory, &calibration, conversion->error);
    struct minnow_quantization quantization = {.weights = options->weights,
                                               .calibration = &calibration,
                                               .kernels = &conversion->reference->kernels,
                                               .texts = conversion->texts,
                                               .text_count = conversion->text_count,
                                               .progress = &options->progress};
    if (status == MINNOW_OK)
        status = minnow_quantize_contents(&conversion->checkpoint->contents, &quantization, memory,
                                          &conversion->contents, conversion->error);
    if (status == MINNOW_OK)
        status = minnow_model_open_contents(&conversion->contents, NULL, &conversion->converted, conversion->error);
    return status;
}

static enum minnow_status compare(struct conversion *conversion) {
    struct minnow_fidelity fidelity;
    if (conversion->converted == conversion->reference) { /* the same weights */
        conversion->report->mean_cosine = conversion->report->worst_cosine = conversion->report->score_correlation = 1;
        return MINNOW_OK;
    }
    enum minnow_status status = minnow_measure_fidelity(
        conversion->reference, conversion->converted, conversion->texts, conversion->text_count,
        conversion->options->threads, &conversion->options->progress, &fidelity, conversion->error);
    if (status != MINNOW_OK) return status;
    conversion->report->mean_cosine = fidelity.mean_cosine;
    conversion->report->worst_cosine = fidelity.worst_cosine;
    conversion->report->score_correlation = fidelity.score_correlation;
    return MINNOW_OK;
}

/* What the file says about how it was made. */
static enum minnow_status describe(struct conversion *conversion) {
    enum { ROOM = 256 };
    char *text = minnow_memory_take(conversion->checkpoint->memory, ROOM);
    if (!text) return minnow_fail(conversion->error, MINNOW_OUT_OF_MEMORY, "quantization report");
    const struct minnow_convert_report *report = conversion->report;
    if (conversion->options->weights == MINNOW_WEIGHT_F32)
        snprintf(text, ROOM, "{\"weights\":\"f32\"}");
    else if (conversion->contents.similarity == MINNOW_JOINT)
        snprintf(text, ROOM, "{\"weights\":\"s8\",\"calibration_texts\":%u,\"score_correlation\":%.6f}",
                 report->calibration_texts, report->score_correlation);
    else
        snprintf(text, ROOM,
                 "{\"weights\":\"%s\",\"calibration_texts\":%u,\"mean_cosine\":%.6f,\"worst_cosine\":%.6f}",
                 conversion->options->weights == MINNOW_WEIGHT_S4 ? "s4" : "s8", report->calibration_texts,
                 report->mean_cosine, report->worst_cosine);
    conversion->contents.quantization = text;
    conversion->contents.converter = "minnow " MINNOW_VERSION;
    return MINNOW_OK;
}

static enum minnow_status write_file(struct conversion *conversion) {
    struct minnow_contents *contents = &conversion->contents;
    enum minnow_status status =
        minnow_make_golden(conversion->converted, conversion->checkpoint->memory, &contents->golden,
                           &contents->golden_count, conversion->error);
    if (status == MINNOW_OK) status = describe(conversion);
    if (status == MINNOW_OK)
        status = minnow_file_write(contents, conversion->options->output, &conversion->report->file_bytes,
                                   conversion->error);
    return status;
}

static enum minnow_status convert_contents(struct conversion *conversion) {
    const struct minnow_convert_options *options = conversion->options;
    enum minnow_status status = minnow_calibration_set(options->calibration_path, conversion->checkpoint->memory,
                                                       &conversion->texts, &conversion->text_count, conversion->error);
    if (status == MINNOW_OK)
        status = minnow_model_open_contents(&conversion->contents, NULL, &conversion->reference, conversion->error);
    if (status != MINNOW_OK) return status;
    struct minnow_model_info info;
    minnow_model_info(conversion->reference, &info);
    conversion->report->parameters = info.parameters;
    conversion->report->calibration_texts = (uint32_t)conversion->text_count;
    if (options->weights == MINNOW_WEIGHT_F32)
        conversion->converted = conversion->reference;
    else
        status = quantize(conversion);
    if (status == MINNOW_OK) status = compare(conversion);
    return status == MINNOW_OK ? write_file(conversion) : status;
}

static void release(struct conversion *conversion) {
    if (conversion->converted != conversion->reference) minnow_model_close(conversion->converted);
    minnow_model_close(conversion->reference);
    minnow_checkpoint_close(conversion->checkpoint);
}

enum minnow_status minnow_convert(const struct minnow_convert_options *options, struct minnow_convert_report *report,
                                  struct minnow_error *error) {
    struct conversion conversion = {.options = options, .report = report, .error = error};
    *report = (struct minnow_convert_report){0};
    enum minnow_status status =
        minnow_checkpoint_open(options->checkpoint, &options->reading, &conversion.checkpoint, error);
    if (status != MINNOW_OK) return status;
    conversion.contents = conversion.checkpoint->contents;
    status = convert_contents(&conversion);
    release(&conversion);
    return status;
}
