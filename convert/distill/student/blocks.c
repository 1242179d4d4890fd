#include "convert/distill/student/parts.h"

#define DEVIATION 0.02f /* of BERT's weights before training */
#define EPSILON 1e-12f

static bool draw_linear(struct minnow_student *student, uint32_t inputs, uint32_t outputs,
                        struct minnow_linear *linear) {
    *linear = (struct minnow_linear){.inputs = inputs, .outputs = outputs};
    linear->weight = minnow_student_draw_normal(student, (size_t)inputs * outputs, DEVIATION);
    linear->bias = minnow_student_floats(student, outputs);
    return linear->weight && linear->bias;
}

enum minnow_status minnow_student_draw_block(struct minnow_student *student, enum minnow_activation activation,
                                             float epsilon, struct minnow_encoder_block *block,
                                             struct minnow_error *error) {
    const struct minnow_student_spec *spec = &student->spec;
    uint32_t hidden = spec->hidden;
    *block = (struct minnow_encoder_block){
        .hidden = hidden, .heads = spec->heads, .intermediate = spec->ffn, .activation = activation};
    bool drawn = draw_linear(student, hidden, 3 * hidden, &block->query_key_value) &&
                 draw_linear(student, hidden, hidden, &block->attention_output) &&
                 draw_linear(student, hidden, spec->ffn, &block->ffn_up) &&
                 draw_linear(student, spec->ffn, hidden, &block->ffn_down) &&
                 minnow_student_make_norm(student, hidden, epsilon, &block->attention_norm) &&
                 minnow_student_make_norm(student, hidden, epsilon, &block->output_norm);
    return drawn ? MINNOW_OK : minnow_student_no_memory(student, error);
}

static enum minnow_status make_block(struct minnow_student *student, uint32_t number,
                                     struct minnow_encoder_block *block, struct minnow_error *error) {
    const struct minnow_teacher *teacher = &student->teacher;
    if (student->spec.takes_blocks)
        return minnow_student_cut_block(student, &teacher->blocks[student->spec.layers[number]].encoder_block, block,
                                        error);
    const struct minnow_encoder_block *like = teacher->block_count ? &teacher->blocks->encoder_block : NULL;
    return minnow_student_draw_block(student, like ? like->activation : MINNOW_GELU,
                                     like ? like->output_norm.epsilon : EPSILON, block, error);
}

enum minnow_status minnow_student_add_blocks(struct minnow_student *student, struct minnow_error *error) {
    const struct minnow_student_spec *spec = &student->spec;
    uint32_t count = student->transformer.config.layers = spec->takes_blocks ? spec->layer_count : spec->layers[0];
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < count && !status; i++) {
        struct minnow_layer *layer;
        status = minnow_reading_add_layer(&student->reading, &student->transformer.list, MINNOW_LAYER_ENCODER_BLOCK,
                                          &layer, error);
        if (!status) status = make_block(student, i, &layer->encoder_block, error);
    }
    return status;
}
