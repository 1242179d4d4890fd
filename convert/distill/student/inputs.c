/* What is put around texts. */
#include <string.h>

#include "convert/distill/student/parts.h"

static const struct minnow_input *teacher_input(const struct minnow_student *student, enum minnow_role role) {
    const struct minnow_contents *contents = student->teacher.contents;
    bool same = contents->inputs[role].tokenizer == contents->inputs[MINNOW_QUERY].tokenizer &&
                contents->route_of_role[role] == contents->route_of_role[MINNOW_QUERY];
    return &contents->inputs[same ? role : MINNOW_QUERY];
}

static uint32_t longest(const struct minnow_student *student, enum minnow_role role) {
    uint32_t said = student->spec.max_tokens, most = teacher_input(student, role)->max_tokens;
    return said && (said < most || student->spec.kind >= MINNOW_STUDENT_TK) ? said : most;
}

static enum minnow_status take_skipped(struct minnow_student *student, struct minnow_input *input,
                                       struct minnow_error *error) {
    const uint32_t *from = input->skipped;
    uint32_t *skipped = minnow_memory_take(student->reading.memory, input->skipped_count * sizeof *skipped);
    uint32_t count = 0;
    if (!skipped) return minnow_student_no_memory(student, error);
    for (uint32_t i = 0; i < input->skipped_count; i++) {
        uint32_t id = minnow_student_token(student, from[i]);
        if (id != MINNOW_NO_TOKEN) skipped[count++] = id;
    }
    input->skipped = skipped;
    input->skipped_count = count;
    return MINNOW_OK;
}

static enum minnow_status take_input(struct minnow_student *student, enum minnow_role role,
                                     struct minnow_error *error) {
    struct minnow_input *input = &student->reading.contents->inputs[role];
    *input = *teacher_input(student, role);
    input->tokenizer = 0;
    input->max_tokens = longest(student, role);
    input->trailing = minnow_student_token(student, input->trailing);
    for (uint32_t i = 0; i < input->leading_count; i++) {
        uint32_t id = input->leading[i];
        input->leading[i] = minnow_student_token(student, id);
        if (input->leading[i] == MINNOW_NO_TOKEN)
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "student: vocab leaves out token %u, which the teacher puts before texts, expected a "
                               "teacher with [CLS], or no vocab",
                               id);
    }
    return take_skipped(student, input, error);
}

enum minnow_status minnow_student_take_inputs(struct minnow_student *student, struct minnow_error *error) {
    if (student->teacher.pairs) return minnow_student_set_inputs(student, false, error);
    enum minnow_status status = take_input(student, MINNOW_QUERY, error);
    return status ? status : take_input(student, MINNOW_DOCUMENT, error);
}

enum minnow_status minnow_student_set_inputs(struct minnow_student *student, bool bare, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++) {
        const char *prompt = teacher_input(student, role)->prompt;
        uint32_t length = longest(student, role);
        status = bare ? minnow_reading_set_bare_input(&student->reading, role, 0, prompt, length, error)
                      : minnow_reading_set_input(&student->reading, role, 0, prompt, length, error);
    }
    return status;
}
