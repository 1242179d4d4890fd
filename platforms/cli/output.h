/* What goes to the person: results on standard output, errors on standard error. */
#ifndef MINNOW_CLI_OUTPUT_H
#define MINNOW_CLI_OUTPUT_H

#include "minnow.h"

/* Make the three standard streams safe to use: a closed one cannot be taken by a file opened later,
 * and a reader that went away is an error to notice, not a signal. */
void minnow_output_begin(void);

/* Flush standard output. Returns exit_code, or 1 with a message if anything could not be written. */
int minnow_output_end(int exit_code);

/* Say what failed; returns MINNOW_EXIT_FAILED. */
int minnow_report_error(const struct minnow_error *error);

/* "3 of 500 texts were longer than the model's 256 tokens and were cut" on standard error; nothing where truncated is
 * 0. */
void minnow_report_truncated(uint64_t truncated, uint64_t total, uint32_t limit);

/* `text` on one line of at most `columns`: controls and runs of white space as one space, what does
 * not fit as "...". Returns the columns used. */
size_t minnow_print_line(struct minnow_text text, size_t columns);

/* Columns of the terminal behind standard output; a fixed number where there is none. */
size_t minnow_terminal_columns(void);

/* Milliseconds since some fixed moment. */
double minnow_clock_ms(void);

#endif
