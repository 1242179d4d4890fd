#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/family.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

enum { SPACE_HEX = 65 };

static void space_as_hex(const struct minnow_model_info *info, char out[SPACE_HEX]) {
    for (size_t i = 0; i < sizeof info->space; i++) snprintf(out + 2 * i, 3, "%02x", info->space[i]);
}

static const char *similarity_name(const struct minnow_model_info *info) {
    static const char *const names[] = {[MINNOW_COSINE] = "cosine", [MINNOW_DOT] = "dot", [MINNOW_MAXSIM] = "maxsim",
                                        [MINNOW_JOINT] = "joint"};
    return names[info->similarity];
}

static const char *similarity_said(const struct minnow_model_info *info) {
    if (info->similarity == MINNOW_MAXSIM) return "maxsim: a vector a token, each of the query takes its best";
    if (info->similarity != MINNOW_JOINT) return similarity_name(info);
    return info->dimensions ? "joint: layers score a query with a document's part, which an index stores"
                            : "joint: layers read query and document together";
}

static void json_by_role(struct minnow_json_out *json, const struct minnow_model_info *info) {
    minnow_put_open(json, "max_tokens", '{');
    minnow_put_whole(json, "query", info->max_tokens[MINNOW_QUERY]);
    minnow_put_whole(json, "document", info->max_tokens[MINNOW_DOCUMENT]);
    minnow_put_close(json, '}');
    minnow_put_open(json, "prompts", '{');
    minnow_put_string(json, "query", info->prompts[MINNOW_QUERY]);
    minnow_put_string(json, "document", info->prompts[MINNOW_DOCUMENT]);
    minnow_put_close(json, '}');
}

static void json_matryoshka(struct minnow_json_out *json, const struct minnow_model_info *info) {
    minnow_put_open(json, "matryoshka", '[');
    for (uint32_t i = 0; i < info->matryoshka_count; i++) minnow_put_whole(json, NULL, info->matryoshka[i]);
    minnow_put_close(json, ']');
}

/* Whatever else there is, as a string of JSON. */
static void put_printed(struct minnow_json_out *json, const char *key, const cJSON *item) {
    char *printed = cJSON_PrintUnformatted(item);
    minnow_put_string(json, key, printed ? printed : "");
    cJSON_free(printed);
}

/* The report is JSON of the model file: as it is where it parses, else as a string. */
static void json_quantization(struct minnow_json_out *json, const char *report) {
    cJSON *parsed = cJSON_Parse(report);
    for (const cJSON *item = parsed ? parsed->child : NULL; item; item = item->next) {
        if (item == parsed->child) minnow_put_open(json, "quantization", '{');
        const char *key = item->string ? item->string : "";
        if (cJSON_IsNumber(item))
            minnow_put_number(json, key, item->valuedouble);
        else if (cJSON_IsString(item))
            minnow_put_string(json, key, item->valuestring);
        else
            put_printed(json, key, item);
        if (!item->next) minnow_put_close(json, '}');
    }
    if (!parsed || !parsed->child) minnow_put_string(json, "quantization", report);
    cJSON_Delete(parsed);
}

static void print_json(const struct minnow_model *model, const struct minnow_model_info *info) {
    struct minnow_json_out json = {stdout, false};
    char space[SPACE_HEX];
    space_as_hex(info, space);
    minnow_put_open(&json, NULL, '{');
    minnow_put_string(&json, "name", info->name);
    minnow_put_string(&json, "license", info->license);
    minnow_put_string(&json, "source", info->source);
    minnow_put_string(&json, "source_sha256", info->source_sha256);
    minnow_put_string(&json, "converter", info->converter);
    minnow_put_string(&json, "weights", info->weights);
    minnow_put_string(&json, "isa", info->isa);
    minnow_put_string(&json, "cpu", minnow_cpu_name());
    minnow_put_whole(&json, "file_bytes", info->file_bytes);
    minnow_put_whole(&json, "parameters", info->parameters);
    minnow_put_whole(&json, "dimensions", info->dimensions);
    json_matryoshka(&json, info);
    json_by_role(&json, info);
    minnow_family_json(&json, model);
    minnow_put_string(&json, "similarity", similarity_name(info));
    minnow_put_string(&json, "space", space);
    minnow_put_whole(&json, "golden_count", info->golden_count);
    json_quantization(&json, info->quantization);
    minnow_put_close(&json, '}');
    puts("");
}

static void row(const char *key, const char *value) {
    printf("%-15s ", key);
    minnow_print_line((struct minnow_text){value, strlen(value)}, minnow_terminal_columns());
    puts(*value ? "" : "-");
}

static void print_sizes(const struct minnow_model_info *info) {
    printf("%-15s %.2f MB (%" PRIu64 " bytes)\n", "size", (double)info->file_bytes / 1e6, info->file_bytes);
    printf("%-15s %.2f million\n", "parameters", (double)info->parameters / 1e6);
    printf("%-15s %" PRIu32, "dimensions", info->dimensions);
    for (uint32_t i = 0; i < info->matryoshka_count; i++)
        printf("%s%" PRIu32, i ? ", " : ", also ", info->matryoshka[i]);
    printf("\n%-15s %" PRIu32 " query, %" PRIu32 " document\n", "most tokens", info->max_tokens[MINNOW_QUERY],
           info->max_tokens[MINNOW_DOCUMENT]);
    printf("%-15s %" PRIu32 "\n", "golden texts", info->golden_count);
}

static void print_table(const struct minnow_model *model, const struct minnow_model_info *info) {
    char space[SPACE_HEX];
    space_as_hex(info, space);
    row("name", info->name);
    row("license", info->license);
    row("source", info->source);
    row("source SHA-256", info->source_sha256);
    row("converter", info->converter);
    row("weights", info->weights);
    print_sizes(info);
    row("query prompt", info->prompts[MINNOW_QUERY]);
    row("document prompt", info->prompts[MINNOW_DOCUMENT]);
    minnow_family_print(model);
    row("similarity", similarity_said(info));
    row("space", space);
    row("quantization", info->quantization);
    row("kernels", info->isa);
    row("CPU", minnow_cpu_name());
}

int minnow_command_info(int argc, char **argv) {
    const char *path = NULL, *isa = NULL;
    bool as_json = false;
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &path, "MODEL", "the model file; the built-in one"},
        {"isa", 0, MINNOW_OPTION_TEXT, &isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"json", 0, MINNOW_OPTION_FLAG, &as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "info", .operands = "", .summary = "say what a model file holds", .options = options};
    struct minnow_model_info info;
    struct minnow_model *model;
    struct minnow_error error = {0};
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (minnow_open_model(path, isa, &model, &error)) return minnow_report_error(&error);
    minnow_model_info(model, &info);
    if (as_json)
        print_json(model, &info);
    else
        print_table(model, &info);
    minnow_model_close(model);
    return minnow_output_end(MINNOW_EXIT_OK);
}
