#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int verify(const char *path, const char *isa) {
    struct minnow_model *model;
    struct minnow_error error = {0};
    struct minnow_model_info info;
    if (minnow_open_model(path, isa, &model, &error)) return minnow_report_error(&error);
    minnow_model_info(model, &info);
    enum minnow_status status = minnow_model_verify(model, &error);
    if (!status)
        printf("ok: %" PRIu32 " texts, tokens and %s equal%s\n", info.golden_count,
               info.similarity == MINNOW_JOINT ? "scores" : "vectors",
               strcmp(info.weights, "f32") == 0 ? " within cosine 0.9999" : "");
    minnow_model_close(model);
    return status ? minnow_report_error(&error) : minnow_output_end(MINNOW_EXIT_OK);
}

int minnow_command_verify(int argc, char **argv) {
    const char *model = NULL, *isa = NULL;
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &model, "MODEL", "the model file; the built-in one"},
        {"isa", 0, MINNOW_OPTION_TEXT, &isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "verify",
        .operands = "",
        .summary = "check a model file's digest and replay its golden texts on this device",
        .options = options,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    return verify(model, isa);
}
