/* Runs over small models and a folder of small texts. For cmocka tests. */
#ifndef MINNOW_TESTS_TRAINER_FIXTURE_H
#define MINNOW_TESTS_TRAINER_FIXTURE_H

#include "convert/distill/random.h"
#include "convert/distill/trainer/settings.h"
#include "convert/distill/trainer/student_contents.h"
#include "convert/distill/trainer/train.h"
#include "tests/unit/family_results.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_PATH = 512 };

struct folder {
    char path[FOLDER_PATH];
};

static inline struct folder folder_create(void) {
    const char *parent = getenv("TMPDIR");
    struct folder folder;
    snprintf(folder.path, sizeof folder.path, "%.400s/minnow-trainer-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(folder.path)) abort();
    return folder;
}

static inline int remove_entry(const char *path, const struct stat *information, int type, struct FTW *place) {
    (void)information, (void)type, (void)place;
    return remove(path);
}

static inline void folder_remove(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

enum { KEPT_ROOM = 1 << 16, REPORTS = 64, PAIRS = 24 };

/* What a run does, and what is seen of it. */
struct trained {
    struct minnow_distill_options options;
    const struct minnow_contents *teacher, *student;
    float kept[KEPT_ROOM]; /* the weights that were kept last */
    size_t kept_count, keeps;
    struct minnow_distill_report reports[REPORTS];
    size_t report_count;
    uint64_t stop_after, asked; /* steps; 0: never */
    size_t fail_at;             /* this keep fails, as a process that is killed; 0: none */
    struct minnow_distill_result result;
    struct minnow_error error;
};

static inline void put_sentence(FILE *out, struct minnow_random *random, uint64_t fewest, uint64_t more) {
    static const char *const words[] = {"fish", "river", "water", "a", "of", "the", "fishing", "fishs", "rivers"};
    uint64_t count = fewest + minnow_random_below(random, more);
    for (uint64_t i = 0; i < count; i++) fprintf(out, "%s%s", i ? " " : "", words[minnow_random_below(random, 9)]);
}

static inline FILE *open_within(const struct folder *folder, const char *name) {
    char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "wb");
    if (!file) abort();
    return file;
}

/* PAIRS pairs and as many queries more. */
static inline void write_training_data(const struct folder *folder) {
    struct minnow_random random = minnow_random_of(7, 0);
    FILE *pairs = open_within(folder, "pairs.jsonl"), *queries = open_within(folder, "queries.txt");
    for (int i = 0; i < PAIRS; i++) {
        fputs("{\"query\": \"", pairs);
        put_sentence(pairs, &random, 2, 4);
        fputs("\", \"passage\": \"", pairs);
        put_sentence(pairs, &random, 5, 12);
        fputs("\"}\n", pairs);
        put_sentence(queries, &random, 2, 5);
        fputc('\n', queries);
    }
    fclose(pairs);
    fclose(queries);
}

static inline enum minnow_status keep_weights(void *context, struct minnow_run *run, struct minnow_error *error) {
    struct trained *trained = context;
    const struct minnow_network *network = &run->trainer->network;
    if (++trained->keeps == trained->fail_at) return minnow_fail(error, MINNOW_IO, "killed");
    trained->kept_count = 0;
    for (size_t i = 0; i < network->parameter_count; i++) {
        const struct minnow_parameter *parameter = &network->parameters[i];
        if (trained->kept_count + parameter->count > KEPT_ROOM) abort();
        memcpy(trained->kept + trained->kept_count, parameter->value, parameter->count * sizeof(float));
        trained->kept_count += parameter->count;
    }
    struct minnow_student_contents student;
    minnow_student_contents_make(run->trainer, &student);
    return minnow_contents_check(&student.contents, error);
}

static inline void keep_report(void *context, const struct minnow_distill_report *report) {
    struct trained *trained = context;
    if (trained->report_count < REPORTS) trained->reports[trained->report_count++] = *report;
}

static inline bool stop_in_time(void *context) {
    struct trained *trained = context;
    return trained->stop_after && trained->asked++ == trained->stop_after;
}

/* 20 steps of batches of 8, evaluated every 5th, with OUTPUT in the folder of the data's parent. */
static inline void begin_run(struct trained *trained, const struct folder *data, const char *output,
                             const char *losses) {
    memset(trained, 0, sizeof *trained);
    trained->options = (struct minnow_distill_options){.size = sizeof trained->options,
                                                       .student = "SPEC",
                                                       .data = data->path,
                                                       .losses = losses,
                                                       .output = output,
                                                       .steps = 20,
                                                       .batch = 8,
                                                       .rate = 3e-3,
                                                       .seed = 1,
                                                       .threads = 1,
                                                       .evaluate_every = 5,
                                                       .held_out = 0.1,
                                                       .report = keep_report,
                                                       .stop = stop_in_time,
                                                       .context = trained};
}

static inline enum minnow_status run_trainer(struct trained *trained) {
    struct minnow_distill_options options;
    struct minnow_data_folder data = {.score_file_count = 0};
    enum minnow_status status = minnow_settings_check(&trained->options, &options, &trained->error);
    if (!status) status = minnow_data_folder_read(options.data, &data, &trained->error);
    const struct minnow_training training = {&options, trained->teacher, trained->student,
                                             &data,    keep_weights,     trained};
    if (!status) status = minnow_train(&training, &trained->result, &trained->error);
    minnow_data_folder_free(&data);
    return status;
}

/* ---- A teacher, a student like it, and two runs --------------------------------------------------- */

static struct folder data;
static struct small_model *teacher, *student;
static struct trained one, other;
static char outputs[2][2 * FOLDER_PATH];

/* Every third word of the student's begins elsewhere than the teacher's. */
static inline void move_words(struct small_model *model) {
    struct minnow_table *words = &model->layers[0][0].embedding.words;
    for (size_t i = 0; i < (size_t)words->rows * words->width; i += 3) ((float *)(uintptr_t)words->data)[i] *= -1;
}

static inline int make_models(void **state) {
    (void)state;
    data = folder_create();
    write_training_data(&data);
    for (int i = 0; i < 2; i++) snprintf(outputs[i], sizeof outputs[i], "%s.output-%d", data.path, i);
    teacher = small_model_make(MINNOW_WEIGHT_F32, 1);
    student = small_model_make(MINNOW_WEIGHT_F32, 1);
    move_words(student);
    return 0;
}

static inline void remove_runs(void) {
    for (int i = 0; i < 2; i++) {
        char path[3 * FOLDER_PATH];
        snprintf(path, sizeof path, "%s.run", outputs[i]);
        folder_remove(path);
    }
}

static inline int free_models(void **state) {
    (void)state;
    remove_runs();
    folder_remove(data.path);
    small_model_free(teacher);
    small_model_free(student);
    return 0;
}

static inline void begin(struct trained *trained, const char *losses) {
    begin_run(trained, &data, outputs[trained == &other], losses);
    trained->teacher = &teacher->contents;
    trained->student = &student->contents;
}

static inline void run_well(struct trained *trained) { must(run_trainer(trained), &trained->error); }

static inline void expect(struct trained *trained, enum minnow_status expected, const char *part) {
    assert_int_equal(run_trainer(trained), expected);
    if (!strstr(trained->error.message, part)) fail_msg("'%s' is not in '%s'", part, trained->error.message);
}

static inline void assert_same_weights(void) {
    assert_int_equal(one.kept_count, other.kept_count);
    assert_memory_equal(one.kept, other.kept, one.kept_count * sizeof(float));
    assert_int_equal(one.result.best_step, other.result.best_step);
}

static inline bool is_there(const struct trained *trained, const char *name) {
    char path[3 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s.run/%s", trained->options.output, name);
    return access(path, F_OK) == 0;
}

#endif
