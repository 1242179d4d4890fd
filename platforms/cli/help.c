/* --help from the table of options. */
#include "platforms/cli/help.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 34 };

static void print_option(const struct minnow_option *option) {
    int used = option->letter ? printf("  -%c, ", option->letter) : printf("      ");
    used += printf("--%s", option->name);
    if (option->argument) used += printf(" %s", option->argument);
    if (used >= HELP_COLUMN) used = printf("\n") - 1;
    printf("%*s%s\n", HELP_COLUMN - used, "", option->help);
}

void minnow_help_print(const struct minnow_arguments *arguments) {
    static const struct minnow_option help = {"help", 'h', MINNOW_OPTION_FLAG, NULL, NULL, "show this help"};
    printf("minnow %s: %s\n\nusage: minnow %s%s%s [OPTION...]\n\noptions:\n", arguments->command, arguments->summary,
           arguments->command, *arguments->operands ? " " : "", arguments->operands);
    for (const struct minnow_option *option = arguments->options; option->name; option++) print_option(option);
    print_option(&help);
    if (arguments->notes) printf("\n%s\n", arguments->notes);
}
