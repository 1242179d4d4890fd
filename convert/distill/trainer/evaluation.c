#include "convert/distill/trainer/evaluation.h"

#include "convert/distill/trainer/student_contents.h"
#include "convert/eval/beir.h"
#include "convert/eval/eval.h"

#include <stdlib.h>

struct minnow_evaluation {
    struct minnow_trainer *trainer;
    float *documents; /* the teacher's vectors; NULL: the student makes them */
};

static enum minnow_status encode_corpus(struct minnow_evaluation *evaluation, const struct minnow_beir *beir,
                                        struct minnow_error *error) {
    struct minnow_teacher_session *teacher = &evaluation->trainer->teacher;
    struct minnow_text *texts = calloc(beir->corpus.count + 1, sizeof *texts);
    evaluation->documents = malloc(beir->corpus.count * teacher->session->dimensions * sizeof(float) + 1);
    enum minnow_status status = MINNOW_OK;
    if (!texts || !evaluation->documents)
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu documents", beir->corpus.count);
    for (size_t i = 0; !status && i < beir->corpus.count; i++) texts[i] = minnow_documents_text(&beir->corpus, i);
    if (!status)
        status = minnow_teacher_vectors(teacher->cache, teacher->session, MINNOW_DOCUMENT, texts, beir->corpus.count,
                                        &evaluation->trainer->progress, evaluation->documents, error);
    free(texts);
    return status;
}

enum minnow_status minnow_evaluation_open(struct minnow_trainer *trainer, struct minnow_evaluation **evaluation,
                                          struct minnow_error *error) {
    struct minnow_beir beir;
    enum minnow_status status = minnow_beir_read(trainer->options.evaluate, "test", &beir, error);
    if (status) return status;
    *evaluation = calloc(1, sizeof **evaluation);
    if (!*evaluation) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "an evaluation");
    if (!status) (*evaluation)->trainer = trainer;
    if (!status && !trainer->trains[MINNOW_DOCUMENT]) status = encode_corpus(*evaluation, &beir, error);
    minnow_beir_free(&beir);
    if (!status) return MINNOW_OK;
    minnow_evaluation_close(*evaluation);
    *evaluation = NULL;
    return status;
}

void minnow_evaluation_close(struct minnow_evaluation *evaluation) {
    if (!evaluation) return;
    free(evaluation->documents);
    free(evaluation);
}

enum minnow_status minnow_evaluation_measure(const struct minnow_evaluation *evaluation, double *ndcg_at_10,
                                             struct minnow_error *error) {
    const struct minnow_distill_options *options = &evaluation->trainer->options;
    const struct minnow_eval_options eval = {.folder = options->evaluate,
                                             .document_vectors = evaluation->documents,
                                             .progress = evaluation->trainer->progress};
    const struct minnow_session_options session_options = {.size = sizeof session_options,
                                                           .threads = options->threads};
    struct minnow_student_contents student;
    struct minnow_model *model = NULL;
    struct minnow_session *session = NULL;
    struct minnow_eval_result result = {0};
    minnow_student_contents_make(evaluation->trainer, &student);
    enum minnow_status status = minnow_model_open_contents(&student.contents, NULL, &model, error);
    if (!status) status = minnow_session_create(model, &session_options, &session, error);
    if (!status) status = minnow_eval(&eval, session, session, &result, error);
    *ndcg_at_10 = result.ndcg_at_10;
    minnow_session_close(session);
    minnow_model_close(model);
    return status;
}
