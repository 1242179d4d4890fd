#include "convert/distill/trainer/card.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a path its last part: where files lie on one machine is nobody else's matter. */
static void put_name(FILE *out, const char *before, const char *path, const char *behind) {
    size_t end = strlen(path), begin;
    while (end > 1 && path[end - 1] == '/') end--;
    for (begin = end; begin > 0 && path[begin - 1] != '/';) begin--;
    fprintf(out, "%s%.*s%s", before, (int)(end - begin), path + begin, behind);
}

static void put_figure(FILE *out, const char *name, double value) {
    if (isfinite(value)) fprintf(out, "| %s | %.4f |\n", name, value);
}

static void put_use(FILE *out, const struct minnow_trainer *trainer) {
    if (!trainer->trains[MINNOW_DOCUMENT])
        fprintf(out, "Its query route is the student; its document route is the teacher's own, so that queries search "
                     "what the teacher has indexed.\n\n");
    else if (!trainer->trains[MINNOW_QUERY])
        fprintf(out, "Its document route is the student; its query route is the teacher's own.\n\n");
}

/* The teacher's license goes on with what is made of it. */
static void put_front_matter(FILE *out, const struct minnow_contents *teacher) {
    fprintf(out, "---\n");
    if (teacher && teacher->license[0]) fprintf(out, "license: %s\n", teacher->license);
    fprintf(out, "library_name: sentence-transformers\ntags:\n- distillation\n- minnow\n---\n");
}

static void put_card(FILE *out, const struct minnow_run *run) {
    const struct minnow_trainer *trainer = run->trainer;
    const struct minnow_distill_options *options = &trainer->options;
    const struct minnow_distill_report *report = &run->records[run->record_count - 1].report;
    put_front_matter(out, trainer->teacher.contents);
    put_name(out, "# ", options->output, "\n\n");
    if (trainer->teacher.contents)
        fprintf(out, "A student of %s, made by `minnow distill` (Minnow %s).\n", trainer->teacher.contents->name,
                minnow_version());
    else
        fprintf(out, "Made by `minnow distill` (Minnow %s).\n", minnow_version());
    put_use(out, trainer);
    put_name(out, "| | |\n|---|---|\n| begun as | `", options->student, "` |\n");
    fprintf(out, "| trained numbers | %zu |\n| losses | `%s` |\n", minnow_network_size(&trainer->network),
            options->losses);
    put_name(out, "| data | ", options->data, ": ");
    fprintf(out, "%u queries and texts like them, %u passages |\n| steps, texts a step | %" PRIu64 ", %u |\n",
            trainer->pool.sets[MINNOW_QUERY]->count, trainer->pool.sets[MINNOW_DOCUMENT]->count, report->step,
            options->batch);
    fprintf(out, "| learning rate, seed | %g, %" PRIu64 " |\n", options->rate, options->seed);
    put_figure(out, "loss on texts held out", report->held_out_loss);
    put_figure(out, "cosine to the teacher on texts held out", report->cosine);
    if (options->evaluate) put_name(out, "| measured on | ", options->evaluate, " |\n");
    put_figure(out, "nDCG@10", report->ndcg_at_10);
    fprintf(out, "\nThe licenses of the teacher and of the data hold for it.\n");
}

char *minnow_card_make(const struct minnow_run *run) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    put_card(out, run);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
