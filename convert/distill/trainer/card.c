#include "convert/distill/trainer/card.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
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

static void put_card(FILE *out, const struct minnow_run *run) {
    const struct minnow_trainer *trainer = run->trainer;
    const struct minnow_distill_options *options = &trainer->options;
    const struct minnow_distill_report *report = &run->records[run->record_count - 1].report;
    fprintf(out, "---\nlibrary_name: sentence-transformers\ntags:\n- distillation\n- minnow\n---\n# %s\n\n",
            last_part(options->output));
    if (trainer->teacher.contents)
        fprintf(out, "A student of %s, made by `minnow distill` (Minnow %s).\n", trainer->teacher.contents->name,
                minnow_version());
    else
        fprintf(out, "Made by `minnow distill` (Minnow %s).\n", minnow_version());
    put_use(out, trainer);
    fprintf(out, "| | |\n|---|---|\n| begun as | `%s` |\n| trained numbers | %zu |\n| losses | `%s` |\n",
            last_part(options->student), minnow_network_size(&trainer->network), options->losses);
    fprintf(out, "| data | %s: %u queries and texts like them, %u passages |\n| steps | %" PRIu64 " of %u |\n",
            last_part(options->data), trainer->pool.sets[MINNOW_QUERY]->count,
            trainer->pool.sets[MINNOW_DOCUMENT]->count, report->step, options->batch);
    fprintf(out, "| learning rate, seed | %g, %" PRIu64 " |\n", options->rate, options->seed);
    put_figure(out, "loss on texts held out", report->held_out_loss);
    put_figure(out, "cosine to the teacher on texts held out", report->cosine);
    if (options->evaluate) fprintf(out, "| measured on | %s |\n", last_part(options->evaluate));
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
