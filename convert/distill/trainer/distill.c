/* minnow_distill: folders in, a folder out. */
#include "convert/distill/trainer/card.h"
#include "convert/distill/trainer/settings.h"
#include "convert/distill/trainer/student_contents.h"
#include "convert/distill/trainer/train.h"
#include "convert/distill/trainer/triples.h"

#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/checkpoint_writer.h"
#include "convert/distill/student/student.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct distilling {
    struct minnow_distill_options options;
    struct minnow_distill_result *result;
    struct minnow_checkpoint *teacher, *given; /* given: the student, where it is a checkpoint */
    struct minnow_memory *memory;              /* of a student made from a SPEC */
    struct minnow_contents student;
    struct minnow_data_folder data;
    struct minnow_token_counts counts;
};

static enum minnow_status open_checkpoint(const char *what, const char *folder, struct minnow_checkpoint **checkpoint,
                                          struct minnow_error *error) {
    const struct minnow_checkpoint_options as_given = {.whole_positions = true};
    enum minnow_status status = minnow_checkpoint_open(folder, &as_given, checkpoint, error);
    /* The reader of checkpoints names files within the folder. */
    return status ? minnow_fail_within(error, status, "%s %.200s", what, folder) : MINNOW_OK;
}

/* ---- The student before its first step ---- */

static enum minnow_status count_set(struct distilling *work, const struct minnow_text_set *set,
                                    struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; !status && i < set->count; i++)
        status = minnow_token_counts_add(&work->counts, minnow_text_set_get(set, i), error);
    return status;
}

static enum minnow_status make_from_spec(struct distilling *work, struct minnow_error *error) {
    if (!work->teacher)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "student: '%.200s' is no folder; a SPEC needs a teacher, whose tokens and layers it takes",
                           work->options.student);
    const struct minnow_contents *teacher = &work->teacher->contents;
    const struct minnow_student_options options = {
        work->options.student, teacher, &work->counts, work->options.seed};
    enum minnow_status status =
        minnow_token_counts_begin(&teacher->tokenizers[teacher->inputs[MINNOW_QUERY].tokenizer], &work->counts, error);
    if (!status) status = count_set(work, &work->data.texts.queries, error);
    if (!status) status = count_set(work, &work->data.texts.passages, error);
    if (!status && !(work->memory = minnow_memory_create()))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the student");
    return status ? status : minnow_student_make(&options, work->memory, &work->student, error);
}

static enum minnow_status make_student(struct distilling *work, struct minnow_error *error) {
    struct stat found;
    if (stat(work->options.student, &found) != 0 || !S_ISDIR(found.st_mode)) return make_from_spec(work, error);
    enum minnow_status status = open_checkpoint("student", work->options.student, &work->given, error);
    if (!status) work->student = work->given->contents;
    return status;
}

/* ---- The best student so far ---- */

static enum minnow_status keep(void *context, struct minnow_run *run, struct minnow_error *error) {
    struct distilling *work = context;
    struct minnow_student_contents student;
    minnow_student_contents_make(run->trainer, &student);
    char *readme = minnow_card_make(run);
    const struct minnow_checkpoint_card card = {readme};
    if (!readme) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "README.md");
    enum minnow_status status = minnow_checkpoint_write(work->options.output, &student.contents, &card, error);
    free(readme);
    return status;
}

/* ---- All of it ---- */

static enum minnow_status distill(struct distilling *work, struct minnow_error *error) {
    const struct minnow_distill_options *options = &work->options;
    struct minnow_loss_list losses;
    /* Before anything is read, and a teacher asked for hours. */
    enum minnow_status status = minnow_loss_list_parse(options->losses, &losses, error);
    if (!status) status = minnow_checkpoint_check_place(options->output, error);
    if (!status && options->teacher) status = open_checkpoint("teacher", options->teacher, &work->teacher, error);
    if (!status) status = minnow_data_folder_read(options->data, &work->data, error);
    /* A student's words are chosen by these texts, too. */
    if (!status) status = minnow_triples_read(&work->data, &losses, options->teacher_scores, error);
    if (!status) status = make_student(work, error);
    if (!status) status = minnow_checkpoint_try(options->output, &work->student, error);
    if (status) return status;
    const struct minnow_training training = {.options = options,
                                             .teacher = work->teacher ? &work->teacher->contents : NULL,
                                             .student = &work->student,
                                             .data = &work->data,
                                             .keep = keep,
                                             .context = work};
    return minnow_train(&training, work->result, error);
}

enum minnow_status minnow_distill(const struct minnow_distill_options *options, struct minnow_distill_result *result,
                                  struct minnow_error *error) {
    struct distilling work = {.result = result};
    *result = (struct minnow_distill_result){.steps = 0};
    enum minnow_status status = minnow_settings_check(options, &work.options, error);
    if (!status) status = distill(&work, error);
    minnow_token_counts_free(&work.counts);
    minnow_data_folder_free(&work.data);
    minnow_memory_free(work.memory);
    minnow_checkpoint_close(work.given);
    minnow_checkpoint_close(work.teacher);
    return status;
}

const char *minnow_distill_loss(size_t index, const char **text) {
    if (index >= minnow_loss_count) return NULL;
    if (text) *text = minnow_losses[index].text;
    return minnow_losses[index].name;
}
