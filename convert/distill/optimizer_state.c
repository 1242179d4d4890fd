/* The state of a run in a file, numbers as this machine has them: a header, then each parameter's name, its weights,
 * its moments and its clocks. */
#include <inttypes.h>
#include <string.h>

#include "convert/distill/optimizer_parts.h"

static const char magic[8] = "MNWSTATE";

enum { LONGEST_NAME = 128 };

struct header {
    char magic[8];
    uint64_t version, steps, parameters;
    double norm;
    float rate;
    uint32_t unused;
};

struct part {
    char name[LONGEST_NAME]; /* ends in zeros */
    uint64_t count, rows;
};

static size_t rows_of(const struct minnow_parameter *parameter) {
    return parameter->row_width ? parameter->count / parameter->row_width : 0;
}

static struct part part_of(const struct minnow_parameter *parameter) {
    struct part part = {.count = parameter->count, .rows = rows_of(parameter)};
    snprintf(part.name, sizeof part.name, "%s", parameter->name);
    return part;
}

static struct header header_of(const struct minnow_optimizer *optimizer) {
    struct header header = {.version = 1,
                            .steps = optimizer->steps,
                            .parameters = optimizer->network->parameter_count,
                            .norm = optimizer->norm,
                            .rate = optimizer->rate};
    memcpy(header.magic, magic, sizeof magic);
    return header;
}

/* ---- Out ---- */

static bool put(FILE *file, const void *bytes, size_t size) { return fwrite(bytes, 1, size, file) == size; }

static bool save_parameter(const struct minnow_optimizer *optimizer, size_t index, FILE *file) {
    const struct minnow_parameter *parameter = &optimizer->network->parameters[index];
    const struct minnow_moments *moments = &optimizer->moments[index];
    struct part part = part_of(parameter);
    size_t size = parameter->count * sizeof(float);
    return put(file, &part, sizeof part) && put(file, parameter->value, size) && put(file, moments->mean, size) &&
           put(file, moments->square, size) &&
           (!moments->clocks || put(file, moments->clocks, rows_of(parameter) * sizeof *moments->clocks));
}

enum minnow_status minnow_optimizer_save(const struct minnow_optimizer *optimizer, FILE *file,
                                         struct minnow_error *error) {
    struct header header = header_of(optimizer);
    bool saved = put(file, &header, sizeof header);
    for (size_t i = 0; saved && i < optimizer->network->parameter_count; i++)
        saved = save_parameter(optimizer, i, file);
    return saved ? MINNOW_OK : minnow_fail(error, MINNOW_IO, "the training state cannot be written");
}

/* ---- In ---- */

static bool get(FILE *file, void *bytes, size_t size) { return fread(bytes, 1, size, file) == size; }

static enum minnow_status ends_early(struct minnow_error *error) {
    return minnow_fail(error, MINNOW_IO, "the training state ends before its last parameter; take an older one");
}

static enum minnow_status check_header(const struct minnow_optimizer *optimizer, const struct header *header,
                                       struct minnow_error *error) {
    if (memcmp(header->magic, magic, sizeof magic) != 0 || header->version != 1)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "this is no training state of this version of Minnow");
    if (header->parameters != optimizer->network->parameter_count)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "the training state is another network's: found %" PRIu64 " parameters, expected %zu",
                           header->parameters, optimizer->network->parameter_count);
    return MINNOW_OK;
}

static enum minnow_status check_part(const struct minnow_parameter *parameter, const struct part *found,
                                     struct minnow_error *error) {
    struct part expected = part_of(parameter);
    if (memcmp(found, &expected, sizeof expected) == 0) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "the training state is another network's: found %.*s of %" PRIu64
                       " numbers, expected %s of %" PRIu64,
                       LONGEST_NAME, found->name, found->count, expected.name, expected.count);
}

/* Everything behind a header and a part, in the order of the file. */
static bool load_parameter(const struct minnow_parameter *parameter, const struct minnow_moments *moments, FILE *file) {
    size_t size = parameter->count * sizeof(float);
    return get(file, parameter->value, size) && get(file, moments->mean, size) && get(file, moments->square, size) &&
           (!moments->clocks || get(file, moments->clocks, rows_of(parameter) * sizeof *moments->clocks));
}

/* Reads over the file without taking anything from it. */
static enum minnow_status check_parts(const struct minnow_optimizer *optimizer, FILE *file,
                                      struct minnow_error *error) {
    for (size_t i = 0; i < optimizer->network->parameter_count; i++) {
        const struct minnow_parameter *parameter = &optimizer->network->parameters[i];
        struct part part;
        if (!get(file, &part, sizeof part)) return ends_early(error);
        enum minnow_status status = check_part(parameter, &part, error);
        if (status != MINNOW_OK) return status;
        size_t rest = 3 * parameter->count * sizeof(float) + rows_of(parameter) * sizeof(uint32_t);
        if (fseeko(file, (off_t)rest - 1, SEEK_CUR) != 0 || fgetc(file) == EOF) return ends_early(error);
    }
    return MINNOW_OK;
}

enum minnow_status minnow_optimizer_load(struct minnow_optimizer *optimizer, FILE *file, struct minnow_error *error) {
    struct header header;
    off_t begin = ftello(file);
    if (!get(file, &header, sizeof header)) return ends_early(error);
    enum minnow_status status = check_header(optimizer, &header, error);
    if (status == MINNOW_OK) status = check_parts(optimizer, file, error);
    if (status != MINNOW_OK) return status;
    bool loaded = fseeko(file, begin + (off_t)sizeof header, SEEK_SET) == 0;
    for (size_t i = 0; loaded && i < optimizer->network->parameter_count; i++) {
        struct part part;
        loaded = get(file, &part, sizeof part) &&
                 load_parameter(&optimizer->network->parameters[i], &optimizer->moments[i], file);
    }
    optimizer->steps = header.steps;
    optimizer->norm = header.norm;
    optimizer->rate = header.rate;
    return loaded ? MINNOW_OK : ends_early(error);
}
