/* --help from the table of options. */
#ifndef MINNOW_CLI_HELP_H
#define MINNOW_CLI_HELP_H

#include "platforms/cli/arguments.h"

void minnow_help_print(const struct minnow_arguments *arguments);

#endif
