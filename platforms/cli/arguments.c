#include "platforms/cli/arguments.h"

#include "platforms/cli/help.h"
#include "platforms/cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 32 };

int minnow_arguments_misused(const char *command, const char *format, ...) {
    va_list values;
    fprintf(stderr, "minnow%s%s: ", *command ? " " : "", command);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fprintf(stderr, "\nTry 'minnow%s%s --help'.\n", *command ? " " : "", command);
    return MINNOW_EXIT_USAGE;
}

/* A whole number from 1 up that ends at ',' or at the end of the text. */
static bool parse_number(const char **text, uint32_t *number) {
    char *end;
    if (**text < '0' || **text > '9') return false;
    errno = 0;
    unsigned long value = strtoul(*text, &end, 10);
    if (errno || value < 1 || value > UINT32_MAX || (*end && *end != ',')) return false;
    *number = (uint32_t)value;
    *text = end;
    return true;
}

static bool take_number(const struct minnow_option *option, const char *text) {
    return parse_number(&text, option->value) && !*text;
}

static bool take_numbers(const struct minnow_option *option, const char *text) {
    struct minnow_numbers *numbers = option->value;
    numbers->count = 0;
    while (numbers->count < MINNOW_MAX_NUMBERS && parse_number(&text, &numbers->items[numbers->count])) {
        numbers->count++;
        if (!*text) return true;
        text++;
    }
    return false;
}

static bool take_names(const struct minnow_option *option, const char *text) {
    struct minnow_names *names = option->value;
    for (names->count = 0; names->count < MINNOW_MAX_NAMES; text++) {
        size_t length = strcspn(text, ",");
        if (length == 0 || length > MINNOW_LONGEST_NAME) return false;
        memcpy(names->items[names->count], text, length);
        names->items[names->count++][length] = 0;
        text += length;
        if (!*text) return true;
    }
    return false;
}

static bool take_choice(const struct minnow_option *option, const char *text) {
    size_t length = strlen(text);
    unsigned position = 0;
    for (const char *at = option->argument; length; position++) {
        size_t choice = strcspn(at, "|");
        if (choice == length && memcmp(at, text, length) == 0) {
            *(unsigned *)option->value = position;
            return true;
        }
        if (!at[choice]) break;
        at += choice + 1;
    }
    return false;
}

static bool take_value(const struct minnow_option *option, const char *text) {
    switch (option->kind) {
    case MINNOW_OPTION_FLAG:
        *(bool *)option->value = true;
        return true;
    case MINNOW_OPTION_TEXT:
        *(const char **)option->value = text;
        return true;
    case MINNOW_OPTION_NUMBER:
        return take_number(option, text);
    case MINNOW_OPTION_NUMBERS:
        return take_numbers(option, text);
    case MINNOW_OPTION_NAMES:
        return take_names(option, text);
    case MINNOW_OPTION_CHOICE:
        return take_choice(option, text);
    }
    return false;
}

static const char *expected_value(const struct minnow_option *option) {
    switch (option->kind) {
    case MINNOW_OPTION_NUMBER:
        return "a whole number from 1 up";
    case MINNOW_OPTION_NUMBERS:
        return "whole numbers from 1 up, parted by commas";
    case MINNOW_OPTION_NAMES:
        return "names, parted by commas";
    default:
        return option->argument;
    }
}

struct parser {
    const struct minnow_arguments *arguments;
    int argc, at;
    char **argv;
    size_t operands;
    bool only_operands; /* after "--" */
    int exit_code;
};

static bool misused_option(struct parser *parser, const struct minnow_option *option, const char *found) {
    parser->exit_code = found ? minnow_arguments_misused(parser->arguments->command, "--%s: found '%s', expected %s",
                                                         option->name, found, expected_value(option))
                              : minnow_arguments_misused(parser->arguments->command, "--%s needs a value: %s",
                                                         option->name, expected_value(option));
    return false;
}

static bool unknown_option(struct parser *parser, const char *word) {
    const char *names[MAX_OPTIONS + 2], *command = parser->arguments->command;
    size_t count = 0, length = strcspn(word, "=");
    char name[MINNOW_LONGEST_NAME + 1];
    snprintf(name, sizeof name, "%.*s", length > 2 ? (int)length - 2 : 0, length > 2 ? word + 2 : "");
    for (const struct minnow_option *option = parser->arguments->options; option->name && count < MAX_OPTIONS; option++)
        names[count++] = option->name;
    names[count++] = "help";
    names[count] = NULL;
    const char *closest = word[1] == '-' ? minnow_closest_name(name, names) : NULL;
    parser->exit_code = closest ? minnow_arguments_misused(command, "unknown option '%.*s', did you mean '--%s'?",
                                                           (int)length, word, closest)
                                : minnow_arguments_misused(command, "unknown option '%.*s'", (int)length, word);
    return false;
}

/* `inside`: the value within the same word, or NULL. */
static bool take_option(struct parser *parser, const struct minnow_option *option, const char *inside) {
    if (option->kind == MINNOW_OPTION_FLAG) {
        if (!inside) return take_value(option, NULL);
        parser->exit_code = minnow_arguments_misused(parser->arguments->command, "--%s takes no value, found '%s'",
                                                     option->name, inside);
        return false;
    }
    const char *text = inside;
    if (!text && parser->at + 1 < parser->argc) text = parser->argv[++parser->at];
    if (!text || !take_value(option, text)) return misused_option(parser, option, text);
    return true;
}

static bool show_help(struct parser *parser) {
    minnow_help_print(parser->arguments);
    parser->exit_code = minnow_output_end(MINNOW_EXIT_OK);
    return false;
}

static bool parse_long(struct parser *parser, const char *word) {
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    if (strcmp(name, "help") == 0) return show_help(parser);
    for (const struct minnow_option *option = parser->arguments->options; option->name; option++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return take_option(parser, option, name[length] ? name + length + 1 : NULL);
    return unknown_option(parser, word);
}

static bool parse_letter(struct parser *parser, const char *word) {
    if (strcmp(word, "-h") == 0) return show_help(parser);
    for (const struct minnow_option *option = parser->arguments->options; option->name; option++)
        if (option->letter == word[1]) return take_option(parser, option, word[2] ? word + 2 : NULL);
    return unknown_option(parser, word);
}

static bool parse_operand(struct parser *parser, const char *word) {
    const struct minnow_arguments *arguments = parser->arguments;
    if (parser->operands == arguments->operand_most) {
        parser->exit_code = minnow_arguments_misused(arguments->command, "unexpected argument '%s'", word);
        return false;
    }
    arguments->operand_values[parser->operands++] = word;
    return true;
}

static bool parse_word(struct parser *parser, const char *word) {
    if (parser->only_operands || word[0] != '-' || !word[1]) return parse_operand(parser, word);
    if (strcmp(word, "--") == 0) {
        parser->only_operands = true;
        return true;
    }
    return word[1] == '-' ? parse_long(parser, word) : parse_letter(parser, word);
}

bool minnow_arguments_parse(const struct minnow_arguments *arguments, int argc, char **argv, int *exit_code) {
    struct parser parser = {.arguments = arguments, .argc = argc, .argv = argv, .exit_code = MINNOW_EXIT_USAGE};
    bool going = true;
    for (parser.at = 1; going && parser.at < argc; parser.at++) going = parse_word(&parser, argv[parser.at]);
    if (going && parser.operands < arguments->operand_least) {
        minnow_arguments_misused(arguments->command, "expected %s", arguments->operands);
        going = false;
    }
    *exit_code = parser.exit_code;
    return going;
}
