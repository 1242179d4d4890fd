/* The loss, that on what is held out, and the cosine to the teacher over the steps, as SVG. */
#include "convert/distill/trainer/reports.h"

#include "convert/output_file.h"

#include <inttypes.h>
#include <math.h>

enum { WIDTH = 760, HEIGHT = 400, LEFT = 64, RIGHT = 696, TOP = 40, BOTTOM = 350, TICKS = 4 };

struct line {
    const char *name, *color;
    double (*value)(const struct minnow_distill_report *report);
    bool right; /* of two axes */
};

static double loss(const struct minnow_distill_report *report) { return report->loss; }
static double held_out_loss(const struct minnow_distill_report *report) { return report->held_out_loss; }
static double cosine(const struct minnow_distill_report *report) { return report->cosine; }
static double ndcg(const struct minnow_distill_report *report) { return report->ndcg_at_10; }

static const struct line lines[] = {{"loss", "#7a7a7a", loss, false},
                                    {"loss, held out", "#c0392b", held_out_loss, false},
                                    {"cosine to the teacher", "#1f618d", cosine, true},
                                    {"nDCG@10", "#1e8449", ndcg, true}};
enum { LINES = sizeof lines / sizeof *lines };

struct axis {
    double low, high;
};

static struct axis axis_of(const struct minnow_run *run, bool right) {
    struct axis axis = {INFINITY, -INFINITY};
    for (size_t l = 0; l < LINES; l++)
        for (size_t i = 0; i < run->record_count && lines[l].right == right; i++) {
            double value = lines[l].value(&run->records[i].report);
            if (!isfinite(value)) continue;
            axis.low = fmin(axis.low, value);
            axis.high = fmax(axis.high, value);
        }
    if (axis.low > axis.high) return (struct axis){0, 1};
    double margin = axis.high > axis.low ? (axis.high - axis.low) / 20 : fabs(axis.high) / 20 + 1e-6;
    return (struct axis){axis.low - margin, axis.high + margin};
}

static double x_of(const struct minnow_run *run, uint64_t step) {
    uint64_t last = run->records[run->record_count - 1].report.step;
    return LEFT + (RIGHT - LEFT) * (last ? (double)step / (double)last : 0);
}
static double y_of(struct axis axis, double value) {
    return BOTTOM - (BOTTOM - TOP) * (value - axis.low) / (axis.high - axis.low);
}

static void draw_axis(FILE *out, struct axis axis, bool right) {
    int x = right ? RIGHT + 6 : LEFT - 6;
    for (int i = 0; i <= TICKS; i++) {
        double value = axis.low + (axis.high - axis.low) * i / TICKS, y = y_of(axis, value);
        if (!right)
            fprintf(out, "<path d=\"M%d %.1fH%d\" stroke=\"#dddddd\"/>\n", LEFT, y, RIGHT);
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"%s\">%.3g</text>\n", x, y + 4, right ? "start" : "end",
                value);
    }
}

static bool draw_line(FILE *out, const struct minnow_run *run, const struct line *line, struct axis axis) {
    size_t points = 0;
    fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", line->color);
    for (size_t i = 0; i < run->record_count; i++) {
        double value = line->value(&run->records[i].report);
        if (!isfinite(value)) continue;
        fprintf(out, "%.1f,%.1f ", x_of(run, run->records[i].report.step), y_of(axis, value));
        points++;
    }
    fprintf(out, "\"/>\n");
    return points > 0;
}

static void draw(FILE *out, const struct minnow_run *run) {
    struct axis axes[2] = {axis_of(run, false), axis_of(run, true)};
    int x = LEFT;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            WIDTH, HEIGHT);
    draw_axis(out, axes[0], false);
    draw_axis(out, axes[1], true);
    for (size_t l = 0; l < LINES; l++) {
        if (!draw_line(out, run, &lines[l], axes[lines[l].right])) continue;
        fprintf(out, "<text x=\"%d\" y=\"24\" fill=\"%s\">%s</text>\n", x, lines[l].color, lines[l].name);
        x += 170;
    }
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%" PRIu64 " steps</text>\n</svg>\n",
            (LEFT + RIGHT) / 2, BOTTOM + 32, run->records[run->record_count - 1].report.step);
}

enum minnow_status minnow_curve_write(const struct minnow_run *run, struct minnow_error *error) {
    char path[sizeof run->folder + 32];
    struct minnow_output_file *file;
    if (!run->record_count) return MINNOW_OK;
    snprintf(path, sizeof path, "%s/curve.svg", run->folder);
    enum minnow_status status = minnow_output_file_open(path, &file, error);
    if (status) return status;
    draw(minnow_output_file_stream(file), run);
    return minnow_output_file_commit(file, error);
}
