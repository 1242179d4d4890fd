/* Cross-encoders of transformers and sentence-transformers: BERT (its pooler, then a classifier) and DistilBERT (a dense
 * layer with ReLU, then a classifier) for sequence classification. */
#include "convert/checkpoint/joined.h"
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/sentence_settings.h"

#include <string.h>

#define SETTINGS "config_sentence_transformers.json"

struct cross_encoder {
    struct minnow_reading *reading;
    struct minnow_json_file settings; /* root is NULL where there is no such file */
    struct minnow_transformer transformer;
};

/* ---- What a folder is told by -------------------------------------------------------------- */

/* The same classes may lie under modules that make an encoder of texts of them. */
static bool names_cross_encoder(const struct minnow_reading *reading) {
    struct minnow_json_file file;
    if (minnow_json_open(reading->folder, SETTINGS, &file, NULL)) return false;
    const cJSON *type = minnow_json_get(file.root, "model_type");
    bool found = cJSON_IsString(type) && !strcmp(type->valuestring, "CrossEncoder");
    minnow_json_close(&file);
    return found;
}

bool minnow_cross_encoder_recognizes(const struct minnow_reading *reading) {
    return strstr(minnow_reading_class(reading), "ForSequenceClassification") &&
           (!minnow_reading_has_file(reading, "modules.json") || names_cross_encoder(reading));
}

/* ---- What follows the logit ---------------------------------------------------------------- */

/* The first place that says something, the newest before the older ones; NULL: none does. */
static const cJSON *find_activation(const struct cross_encoder *encoder, const char **file, const char **key) {
    const cJSON *config = encoder->reading->config.root;
    const struct {
        const char *file, *key;
        const cJSON *object;
    } places[] = {
        {SETTINGS, "activation_fn", encoder->settings.root},
        {"config.json: sentence_transformers", "activation_fn", minnow_json_get(config, "sentence_transformers")},
        {"config.json", "sbert_ce_default_activation_function", config},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const cJSON *value = minnow_json_get(places[i].object, places[i].key);
        *file = places[i].file;
        *key = places[i].key;
        if (value) return value;
    }
    return NULL;
}

/* One label has a sigmoid where nothing is said, several have none: as CrossEncoder does it. */
static enum minnow_status read_activation(const struct cross_encoder *encoder, uint32_t labels,
                                          enum minnow_activation *activation, struct minnow_error *error) {
    const char *file, *key;
    const cJSON *value = find_activation(encoder, &file, &key);
    const char *name = cJSON_IsString(value) ? value->valuestring : "";
    *activation = !value && labels == 1 ? MINNOW_SIGMOID : MINNOW_IDENTITY;
    if (!value || !strcmp(name, "torch.nn.modules.linear.Identity")) return MINNOW_OK;
    *activation = MINNOW_SIGMOID;
    if (labels == 1 && !strcmp(name, "torch.nn.modules.activation.Sigmoid")) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is %s, expected torch.nn.modules.linear.Identity%s", file,
                       key, minnow_json_found(value).text,
                       labels == 1 ? " or torch.nn.modules.activation.Sigmoid" : ", the only one for two labels");
}

/* ---- The head ------------------------------------------------------------------------------ */

/* Two labels, irrelevant and relevant, are one score: the difference of their logits. */
static enum minnow_status subtract_labels(const struct cross_encoder *encoder, struct minnow_linear *linear,
                                          struct minnow_error *error) {
    const float *weight = linear->weight, *bias = linear->bias;
    float *difference = minnow_memory_take(encoder->reading->memory, (linear->inputs + 1) * sizeof *difference);
    if (!difference) return minnow_reading_no_memory(encoder->reading, error);
    for (size_t i = 0; i < linear->inputs; i++) difference[i] = weight[linear->inputs + i] - weight[i];
    difference[linear->inputs] = bias ? bias[1] - bias[0] : 0;
    linear->outputs = 1;
    linear->weight = difference;
    linear->bias = bias ? difference + linear->inputs : NULL;
    return MINNOW_OK;
}

static enum minnow_status add_classifier(struct cross_encoder *encoder, struct minnow_error *error) {
    struct minnow_layer_list *list = &encoder->transformer.list;
    enum minnow_status status = minnow_transformer_add_dense(encoder->reading, &encoder->transformer, "classifier",
                                                             MINNOW_IDENTITY, error);
    if (status) return status;
    struct minnow_dense *dense = &list->layers[list->count - 1].dense;
    uint32_t labels = dense->linear.outputs;
    if (labels > 2)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: classifier.weight: has %u labels, expected one, or two of which the second means "
                           "relevant",
                           encoder->transformer.source.file, labels);
    status = read_activation(encoder, labels, &dense->activation, error);
    list->width = 1;
    return status || labels == 1 ? status : subtract_labels(encoder, &dense->linear, error);
}

static enum minnow_status add_head(struct cross_encoder *encoder, struct minnow_error *error) {
    struct minnow_transformer *transformer = &encoder->transformer;
    bool distilled = transformer->config.family == MINNOW_FAMILY_DISTILBERT;
    enum minnow_status status = minnow_transformer_pool_first(encoder->reading, transformer, error);
    if (!status && distilled)
        status = minnow_transformer_add_dense(encoder->reading, transformer, "pre_classifier", MINNOW_RELU, error);
    if (!status && !distilled) status = minnow_transformer_add_pooler(encoder->reading, transformer, error);
    return status ? status : add_classifier(encoder, error);
}

/* ---- The whole ----------------------------------------------------------------------------- */

static enum minnow_status read_settings(struct cross_encoder *encoder, struct minnow_error *error) {
    enum minnow_status status = minnow_json_open(encoder->reading->folder, SETTINGS, &encoder->settings, error);
    const cJSON *prompt = minnow_json_get(encoder->settings.root, "default_prompt_name");
    if (status || !prompt) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED, SETTINGS ": default_prompt_name is %s, expected null for pairs",
                       minnow_json_found(prompt).text);
}

enum minnow_status minnow_cross_encoder_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct cross_encoder encoder = {.reading = reading};
    uint32_t longest = 0;
    enum minnow_status status = read_settings(&encoder, error);
    if (!status) status = minnow_transformer_open_whole(reading, &encoder.transformer, error);
    if (!status) status = add_head(&encoder, error);
    if (!status) status = minnow_tokenizer_limit_read(reading->folder, "", reading->memory, &longest, error);
    if (!status) status = minnow_joined_finish(reading, &encoder.transformer, longest, error);
    minnow_transformer_close(&encoder.transformer);
    minnow_json_close(&encoder.settings);
    return status;
}
