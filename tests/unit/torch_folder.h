/* The planned tensors of a checkpoint folder in files of torch.save. */
#ifndef MINNOW_TESTS_TORCH_FOLDER_H
#define MINNOW_TESTS_TORCH_FOLDER_H

#include "tests/unit/checkpoint_folder.h"
#include "tests/unit/torch_builder.h"

/* The tensors of a plan, those whose number gives `part` when divided by `parts`. */
static inline void plan_write_torch(const struct plan *plan, const struct folder *folder, const char *name, bool legacy,
                                    size_t part, size_t parts) {
    struct zip_part entries[MOST_TENSORS + 1];
    char names[MOST_TENSORS][16], keys[MOST_TENSORS][8];
    const char *listed[MOST_TENSORS];
    size_t sizes[MOST_TENSORS], count = 0;
    float *values[MOST_TENSORS];
    struct built pickle = {0}, file = {0};
    put_text(&pickle, "\x80\2}(");
    for (size_t i = part; i < plan->count; i += parts) {
        const struct planned_tensor *planned = &plan->tensors[i];
        long long rows = 0, columns = 0;
        unsigned rank = sscanf(planned->shape, "[%lld,%lld]", &rows, &columns) == 2 ? 2 : 1;
        struct built_tensor tensor = {planned->name,
                                      "FloatStorage",
                                      keys[count],
                                      (int64_t)planned->count,
                                      0,
                                      rank,
                                      {rows, columns},
                                      {rank == 2 ? columns : 1, 1}};
        snprintf(keys[count], sizeof keys[count], "%zu", count);
        snprintf(names[count], sizeof names[count], "w/data/%zu", count);
        listed[count] = keys[count];
        pickle_text(&pickle, planned->name);
        pickle_tensor(&pickle, &tensor, legacy, NULL);
        sizes[count] = planned->count;
        values[count] = malloc(planned->count * sizeof(float));
        require(values[count] != NULL, "memory");
        for (size_t k = 0; k < planned->count; k++) values[count][k] = planned_value(planned->seed, k);
        entries[count + 1] = (struct zip_part){names[count], values[count], planned->count * sizeof(float), 0, false};
        count++;
    }
    put_text(&pickle, "u.");
    entries[0] = (struct zip_part){"w/data.pkl", pickle.bytes, pickle.size, 0, false};
    if (legacy) {
        put_preamble(&file, 1001, true);
        put(&file, pickle.bytes, pickle.size);
        put_keys(&file, listed, count);
        for (size_t i = 0; i < count; i++) {
            put_number(&file, sizes[i], 8);
            put(&file, values[i], sizes[i] * sizeof(float));
        }
    } else {
        file = zip_of(entries, count + 1);
    }
    folder_write_bytes(folder, name, file.bytes, file.size);
    for (size_t i = 0; i < count; i++) free(values[i]);
    built_free(&pickle);
    built_free(&file);
}

static inline void write_torch_shards(const struct plan *plan, const struct folder *folder) {
    static const char *const shards[2] = {"pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"};
    char index[16384];
    size_t used = (size_t)snprintf(index, sizeof index, "{\"metadata\":{},\"weight_map\":{");
    for (size_t i = 0; i < plan->count; i++)
        used += (size_t)snprintf(index + used, sizeof index - used, "%s\"%s\":\"%s\"", i ? "," : "",
                                 plan->tensors[i].name, shards[i % 2]);
    snprintf(index + used, sizeof index - used, "}}");
    folder_write(folder, "pytorch_model.bin.index.json", index);
    for (size_t part = 0; part < 2; part++) plan_write_torch(plan, folder, shards[part], part, part, 2);
}

#endif
