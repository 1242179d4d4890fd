#include "convert/quantize/calibration_set.h"

#include <string.h>

#include "convert/quantize/calibration_texts.h"
#include "convert/texts.h"
#include "runtime/error.h"

static void built_in(struct minnow_text *texts, size_t *count) {
    for (size_t i = 0; i < minnow_calibration_text_count && i < MINNOW_CALIBRATION_LIMIT; i++) {
        const char *bytes = minnow_calibration_texts[i];
        texts[(*count)++] = (struct minnow_text){bytes, strlen(bytes)};
    }
}

static enum minnow_status read_all(struct minnow_texts *file, struct minnow_memory *memory, struct minnow_text *texts,
                                   size_t *count, struct minnow_error *error) {
    while (*count < MINNOW_CALIBRATION_LIMIT) {
        struct minnow_document document;
        bool end = false;
        enum minnow_status status = minnow_texts_next(file, &document, &end, error);
        if (status != MINNOW_OK || end) return status;
        char *copy = minnow_memory_copy_text(memory, document.text.bytes, document.text.size);
        if (!copy) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "calibration texts");
        texts[(*count)++] = (struct minnow_text){copy, document.text.size};
    }
    return MINNOW_OK;
}

static enum minnow_status read_file(const char *path, struct minnow_memory *memory, struct minnow_text *texts,
                                    size_t *count, struct minnow_error *error) {
    struct minnow_texts *file;
    enum minnow_status status = minnow_texts_open(path, &file, error);
    if (status != MINNOW_OK) return status;
    status = read_all(file, memory, texts, count, error);
    minnow_texts_close(file);
    if (status == MINNOW_OK && *count == 0)
        return minnow_fail(error, MINNOW_BAD_INPUT, "%s: no text to calibrate on, expected at least one line", path);
    return status;
}

enum minnow_status minnow_calibration_set(const char *path, struct minnow_memory *memory,
                                          const struct minnow_text **texts, size_t *count, struct minnow_error *error) {
    struct minnow_text *room = minnow_memory_take(memory, MINNOW_CALIBRATION_LIMIT * sizeof *room);
    if (!room) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "calibration texts");
    *texts = room;
    *count = 0;
    if (path) return read_file(path, memory, room, count, error);
    built_in(room, count);
    return MINNOW_OK;
}
