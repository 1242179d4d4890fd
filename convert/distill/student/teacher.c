#include "convert/distill/student/parts.h"

static enum minnow_status check_words(const struct minnow_layer *first, struct minnow_error *error) {
    if (first->kind == MINNOW_LAYER_EMBEDDING && first->embedding.words.type == MINNOW_WEIGHT_F32) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "teacher: its first layer is no embedding of f32 words, expected a checkpoint, or a model file "
                       "that was converted with f32 weights");
}

static const struct minnow_route *find_route(const struct minnow_contents *contents) {
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_QUERY);
    return route ? route : minnow_joint_route(contents);
}

enum minnow_status minnow_teacher_open(const struct minnow_contents *contents, struct minnow_teacher *teacher,
                                       struct minnow_error *error) {
    const struct minnow_route *route = find_route(contents);
    *teacher = (struct minnow_teacher){.contents = contents,
                                       .tokenizer = minnow_tokenizer_of(contents, MINNOW_QUERY),
                                       .embedding = &route->layers[0].embedding,
                                       .blocks = route->layers + 1,
                                       .dimensions = route->dimensions,
                                       .pairs = contents->similarity == MINNOW_JOINT};
    enum minnow_status status = check_words(&route->layers[0], error);
    if (status) return status;
    teacher->width = teacher->embedding->words.width;
    uint32_t end = 1;
    while (end < route->layer_count && route->layers[end].kind == MINNOW_LAYER_ENCODER_BLOCK) end++;
    teacher->block_count = end - 1;
    teacher->head = route->layers + end;
    teacher->head_count = route->layer_count - end;
    return MINNOW_OK;
}
