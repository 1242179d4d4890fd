/* Opening a model from wherever it lies. */
#include "runtime/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/error.h"
#include "runtime/model/mapping.h"

enum { ALIGNMENT = 64 };

static bool is_present(const char *isa) {
    struct minnow_kernels unused;
    return minnow_kernels_choose(&unused, isa);
}

static bool is_known(const char *isa) {
    for (size_t i = 0; minnow_kernels_tier(i); i++)
        if (strcmp(minnow_kernels_tier(i), isa) == 0) return true;
    return false;
}

/* The tiers of this build, or those of them that this CPU has. */
static void list_tiers(bool present, char *list, size_t size) {
    size_t used = 0;
    const char *isa;
    list[0] = 0;
    for (size_t i = 0; (isa = minnow_kernels_tier(i)) && used < size; i++) {
        if (present && !is_present(isa)) continue;
        int more = snprintf(list + used, size - used, "%s%s", i ? ", " : "", isa);
        if (more > 0) used += (size_t)more;
    }
}

static enum minnow_status isa_failed(const char *isa, struct minnow_error *error) {
    char list[200];
    bool known = is_known(isa);
    list_tiers(known, list, sizeof list);
    if (known) return minnow_fail(error, MINNOW_UNSUPPORTED, "isa: this CPU lacks \"%s\"; it has %s", isa, list);
    return minnow_fail(error, MINNOW_UNSUPPORTED, "isa: \"%s\" is not in this build; known are %s", isa, list);
}

static enum minnow_status choose_kernels(const struct minnow_model_options *options, struct minnow_kernels *kernels,
                                         struct minnow_error *error) {
    if (options && options->size < sizeof *options)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_model_options: size is %zu, expected %zu",
                           options->size, sizeof *options);
    const char *isa = options ? options->isa : NULL;
    return minnow_kernels_choose(kernels, isa) ? MINNOW_OK : isa_failed(isa, error);
}

static enum minnow_status finish(const struct minnow_model *filled, const struct minnow_model_options *options,
                                 struct minnow_model **model, struct minnow_error *error) {
    enum minnow_status status = minnow_contents_check(&filled->contents, error);
    if (status != MINNOW_OK) return status;
    struct minnow_model *made = malloc(sizeof *made);
    if (!made) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "model");
    *made = *filled;
    status = choose_kernels(options, &made->kernels, error);
    if (status == MINNOW_OK)
        *model = made;
    else
        free(made);
    return status;
}

static enum minnow_status open_bytes(const struct minnow_mapping *mapping, const struct minnow_model_options *options,
                                     struct minnow_model **model, struct minnow_error *error) {
    struct minnow_model filled = {.bytes = mapping->bytes,
                                  .size = mapping->size,
                                  .mapping = mapping->address,
                                  .mapping_size = mapping->address_size};
    enum minnow_status status =
        minnow_file_read(mapping->bytes, mapping->size, &filled.contents, &filled.structs, error);
    if (status == MINNOW_OK) status = finish(&filled, options, model, error);
    if (status != MINNOW_OK) free(filled.structs);
    return status;
}

enum minnow_status minnow_model_open_path(const char *path, const struct minnow_model_options *options,
                                          struct minnow_model **model, struct minnow_error *error) {
    if (!path || !model) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_model_open_path: path or model");
    struct minnow_mapping mapping;
    enum minnow_status status = minnow_mapping_open_path(path, &mapping, error);
    if (status != MINNOW_OK) return status;
    status = open_bytes(&mapping, options, model, error);
    if (status == MINNOW_OK) return status;
    minnow_mapping_close(mapping.address, mapping.address_size);
    return minnow_fail_within(error, status, "%s", path);
}

enum minnow_status minnow_model_open_memory(const void *bytes, size_t size, const struct minnow_model_options *options,
                                            struct minnow_model **model, struct minnow_error *error) {
    if (!bytes || !model || (uintptr_t)bytes % ALIGNMENT != 0)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "minnow_model_open_memory: bytes or model, or bytes do not begin at a multiple of %d",
                           ALIGNMENT);
    struct minnow_mapping borrowed = {.bytes = bytes, .size = size};
    return open_bytes(&borrowed, options, model, error);
}

enum minnow_status minnow_model_open_fd(int fd, uint64_t offset, uint64_t size,
                                        const struct minnow_model_options *options, struct minnow_model **model,
                                        struct minnow_error *error) {
    if (!model) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_model_open_fd: model");
    if (offset % ALIGNMENT != 0)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "minnow_model_open_fd: offset %llu is not a multiple of %d; align the asset in its archive",
                           (unsigned long long)offset, ALIGNMENT);
    struct minnow_mapping mapping;
    enum minnow_status status = minnow_mapping_open_fd(fd, offset, size, &mapping, error);
    if (status != MINNOW_OK) return status;
    status = open_bytes(&mapping, options, model, error);
    if (status != MINNOW_OK) minnow_mapping_close(mapping.address, mapping.address_size);
    return status;
}

enum minnow_status minnow_model_open_contents(const struct minnow_contents *contents,
                                              const struct minnow_model_options *options, struct minnow_model **model,
                                              struct minnow_error *error) {
    if (!contents || !model)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_model_open_contents: contents or model");
    struct minnow_model filled = {.contents = *contents};
    return finish(&filled, options, model, error);
}

void minnow_model_close(struct minnow_model *model) {
    if (!model) return;
    minnow_mapping_close(model->mapping, model->mapping_size);
    free(model->structs);
    free(model);
}
