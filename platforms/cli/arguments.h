/* Options of a command as a table: parsing, --help and hints all come from it. */
#ifndef MINNOW_CLI_ARGUMENTS_H
#define MINNOW_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum minnow_option_kind {
    MINNOW_OPTION_FLAG,    /* bool */
    MINNOW_OPTION_TEXT,    /* const char * */
    MINNOW_OPTION_NUMBER,  /* uint32_t, 1 or more */
    MINNOW_OPTION_NUMBERS, /* struct minnow_numbers: "8,16,128", each 1 or more */
    MINNOW_OPTION_NAMES,   /* struct minnow_names: "avx2,reference" */
    MINNOW_OPTION_CHOICE,  /* unsigned: the position in `argument`, "query|document" */
};

enum { MINNOW_MAX_NUMBERS = 32, MINNOW_MAX_NAMES = 16, MINNOW_LONGEST_NAME = 31 };

struct minnow_numbers {
    uint32_t items[MINNOW_MAX_NUMBERS];
    size_t count;
};

struct minnow_names {
    char items[MINNOW_MAX_NAMES][MINNOW_LONGEST_NAME + 1];
    size_t count;
};

struct minnow_option {
    const char *name; /* without "--" */
    char letter;      /* 0: none */
    enum minnow_option_kind kind;
    void *value;
    const char *argument; /* what --help calls the value; NULL for a flag */
    const char *help;
};

struct minnow_arguments {
    const char *command;  /* "encode"; "" for the program itself */
    const char *operands; /* "[FILE|-]" */
    const char *summary;
    const char *notes;                   /* after the options in --help, or NULL */
    const struct minnow_option *options; /* ends with a name of NULL */
    const char **operand_values;
    size_t operand_least, operand_most;
};

enum { MINNOW_EXIT_OK = 0, MINNOW_EXIT_FAILED = 1, MINNOW_EXIT_USAGE = 2 };

/* Parse argv[1..). True: go on. False: leave with *exit_code, everything has been said. */
bool minnow_arguments_parse(const struct minnow_arguments *arguments, int argc, char **argv, int *exit_code);

/* "minnow encode: MESSAGE" and where help is, on standard error; returns MINNOW_EXIT_USAGE. */
int minnow_arguments_misused(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name most like `word`, or NULL where none is near; names ends with NULL. */
const char *minnow_closest_name(const char *word, const char *const *names);

#endif
