#include "convert/distill/trainer/reports.h"

#include "convert/output_file.h"

#include <cjson/cJSON.h>
#include <math.h>

/* NaN: not measured, and left out. */
static void add_number(cJSON *object, const char *name, double value) {
    if (isfinite(value)) cJSON_AddNumberToObject(object, name, value);
}

static void add_losses(const struct minnow_run *run, cJSON *object, const char *name, const double *losses) {
    const struct minnow_loss_list *list = &run->trainer->losses;
    cJSON *members = cJSON_AddObjectToObject(object, name);
    for (size_t i = 0; i < list->count; i++) add_number(members, list->items[i].loss->name, losses[i]);
}

static cJSON *make_object(const struct minnow_run *run, const struct minnow_record *record) {
    const struct minnow_distill_report *report = &record->report;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "step", (double)report->step);
    cJSON_AddNumberToObject(object, "steps", (double)report->steps);
    add_number(object, "loss", report->loss);
    add_losses(run, object, "losses", record->losses);
    add_number(object, "held_out_loss", report->held_out_loss);
    if (isfinite(report->held_out_loss)) add_losses(run, object, "held_out_losses", record->held_out_losses);
    add_number(object, "cosine", report->cosine);
    add_number(object, "ndcg@10", report->ndcg_at_10);
    add_number(object, "rate", report->rate);
    add_number(object, "gradient_norm", report->gradient_norm);
    add_number(object, "texts_per_second", report->texts_per_second);
    add_number(object, "seconds", report->seconds);
    cJSON_AddBoolToObject(object, "best", report->best);
    return object;
}

enum minnow_status minnow_metrics_write(const struct minnow_run *run, struct minnow_error *error) {
    char path[sizeof run->folder + 32];
    struct minnow_output_file *file;
    snprintf(path, sizeof path, "%s/metrics.jsonl", run->folder);
    enum minnow_status status = minnow_output_file_open(path, &file, error);
    if (status) return status;
    for (size_t i = 0; !status && i < run->record_count; i++) {
        cJSON *object = make_object(run, &run->records[i]);
        char *line = cJSON_PrintUnformatted(object);
        if (line)
            fprintf(minnow_output_file_stream(file), "%s\n", line);
        else
            status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s", path);
        cJSON_free(line);
        cJSON_Delete(object);
    }
    if (!status) return minnow_output_file_commit(file, error);
    minnow_output_file_abandon(file);
    return status;
}
