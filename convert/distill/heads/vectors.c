#include "convert/distill/heads/vectors.h"

#include <string.h>

#include "convert/distill/layers/lanes.h"

/* Where gathered rows go. */
struct gathering {
    const struct minnow_input *input;
    bool pools;
    size_t *texts, *first;
    uint32_t *sources;
    float *rows;
    size_t text, row;
};

static bool skips(const struct minnow_input *input, uint32_t id) {
    size_t low = 0, high = input->skipped_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (input->skipped[middle] == id) return true;
        if (input->skipped[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void gather_row(struct gathering *gathering, const struct minnow_trace *trace, size_t source) {
    gathering->sources[gathering->row] = (uint32_t)source;
    memcpy(gathering->rows + gathering->row++ * trace->width, trace->rows + source * trace->width,
           trace->width * sizeof(float));
}

static void gather_text(struct gathering *gathering, const struct minnow_trace *trace, size_t text) {
    struct minnow_span span = trace->batch.spans[text];
    gathering->first[gathering->text++] = gathering->row;
    if (gathering->pools) gather_row(gathering, trace, text);
    for (size_t t = span.first; !gathering->pools && t < span.first + span.count; t++)
        if (!skips(gathering->input, trace->batch.ids[t])) gather_row(gathering, trace, t);
}

bool minnow_vectors_gather(struct minnow_trace *const *traces, size_t trace_count, bool pools,
                           const struct minnow_input *input, struct minnow_tape *tape, struct minnow_vectors *vectors) {
    size_t texts = 0, rows = 0, width = trace_count ? traces[0]->width : 0;
    for (size_t i = 0; i < trace_count; i++) {
        texts += traces[i]->batch.text_count;
        rows += traces[i]->row_count;
    }
    struct gathering gathering = {.input = input, .pools = pools};
    gathering.texts = minnow_tape_push(tape, (trace_count + 1) * sizeof *gathering.texts);
    gathering.first = minnow_tape_push(tape, (texts + 1) * sizeof *gathering.first);
    gathering.sources = minnow_tape_push(tape, rows * sizeof *gathering.sources);
    gathering.rows = minnow_tape_floats(tape, rows * width);
    float *gradient = minnow_tape_zeros(tape, rows * width);
    if (!gathering.texts || !gathering.first || !gathering.sources || !gathering.rows || !gradient) return false;
    for (size_t i = 0; i < trace_count; i++) {
        gathering.texts[i] = gathering.text;
        for (size_t t = 0; t < traces[i]->batch.text_count; t++) gather_text(&gathering, traces[i], t);
    }
    gathering.texts[trace_count] = gathering.text;
    gathering.first[gathering.text] = gathering.row;
    *vectors = (struct minnow_vectors){trace_count,       texts,          width,   gathering.texts, gathering.first,
                                       gathering.sources, gathering.rows, gradient};
    return true;
}

bool minnow_vectors_scatter(const struct minnow_vectors *vectors, size_t index, struct minnow_trace *trace) {
    size_t first = vectors->first[vectors->texts[index]], end = vectors->first[vectors->texts[index + 1]];
    float *gradient = minnow_trace_start_back(trace);
    if (!gradient) return false;
    for (size_t r = first; r < end; r++)
        minnow_row_add(1, vectors->gradient + r * vectors->width, vectors->width,
                       gradient + vectors->sources[r] * vectors->width);
    return true;
}
