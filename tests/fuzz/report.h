/* How a program that mutates files tells which mutation failed: the seed that repeats it, on a
 * crash, a hang (SIGALRM), a sanitizer's report or its own complaint. */
#ifndef MINNOW_REPORT_H
#define MINNOW_REPORT_H

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *program;
static volatile uint64_t current; /* the seed of the file in use */

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static inline void tell(void) {
    char text[300];
    int size = snprintf(text, sizeof text, "\nfailed: %s %" PRIu64 " 1\n", program, current);
    if (size > 0 && write(STDERR_FILENO, text, (size_t)size) < 0) return;
}

static inline void on_signal(int number) {
    tell();
    signal(number, SIG_DFL);
    raise(number);
}

/* Tell on every way to die; true when a sanitizer does the watching of memory. */
static inline bool watch_signals(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    signal(SIGALRM, on_signal);
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(tell);
        return true;
    }
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], on_signal);
    return false;
}

#endif
