/* minnow COMMAND: a table of commands, and who is called for each. */
#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/output.h"

#include <stdio.h>
#include <string.h>

struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"convert", "turn a checkpoint folder into a model file", minnow_command_convert},
    {"info", "say what a model file holds", minnow_command_info},
    {"verify", "check a model file and replay its golden texts on this device", minnow_command_verify},
    {"tokenize", "texts to token ids", minnow_command_tokenize},
    {"encode", "texts to vectors", minnow_command_encode},
    {"index", "add documents to an index, or remove one", minnow_command_index},
    {"search", "find the documents of an index that answer a query", minnow_command_search},
    {"rerank", "order candidates, or what an index's words find, by a model's scores", minnow_command_rerank},
    {"score", "queries and documents to scores, with any model", minnow_command_score},
    {"eval", "measure retrieval quality on a test collection", minnow_command_eval},
    {"bench", "measure latency on this device", minnow_command_bench},
    {"distill", "train a small student of a big teacher", minnow_command_distill},
    {"generate-queries", "make texts like queries out of documents, for distillation", minnow_command_generate_queries},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static int print_help(void) {
    printf("Minnow %s: retrieval on small devices\n\nusage: minnow COMMAND [OPTION...]\n\ncommands:\n",
           minnow_version());
    for (size_t i = 0; i < COMMAND_COUNT; i++) printf("  %-16s %s\n", commands[i].name, commands[i].summary);
    printf("\nWhere no model is named (-m), the built-in one does the work: of English, in all-MiniLM-L6-v2's space.\n"
           "'minnow COMMAND --help' tells more. Results go to standard output, everything else to standard error.\n"
           "Exit codes: 0 done, 1 failed, 2 wrong usage.\n");
    return minnow_output_end(MINNOW_EXIT_OK);
}

static int print_version(void) {
    printf("minnow %s\n", minnow_version());
    return minnow_output_end(MINNOW_EXIT_OK);
}

static int unknown_command(const char *word) {
    const char *names[COMMAND_COUNT + 1] = {NULL};
    for (size_t i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i].name;
    const char *closest = word[0] == '-' ? NULL : minnow_closest_name(word, names);
    const char *what = word[0] == '-' ? "option" : "command";
    if (closest) return minnow_arguments_misused("", "unknown %s '%s', did you mean '%s'?", what, word, closest);
    return minnow_arguments_misused("", "unknown %s '%s'", what, word);
}

int main(int argc, char **argv) {
    minnow_output_begin();
    if (argc < 2) return minnow_arguments_misused("", "expected a command");
    if (strcmp(argv[1], "--version") == 0) return print_version();
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return print_help();
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
}
