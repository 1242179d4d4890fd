#include "platforms/cli/output.h"

#include "platforms/cli/arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void minnow_output_begin(void) {
    /* Opened the wrong way round, so that reading or writing still fails. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int stream = 0; stream < 3; stream++)
        while (fcntl(stream, F_GETFD) == -1 && errno == EBADF)
            if (open("/dev/null", modes[stream]) == -1) break;
    signal(SIGPIPE, SIG_IGN);
}

int minnow_output_end(int exit_code) {
    bool failed_before = ferror(stdout);
    if (fflush(stdout) == 0 && !failed_before) return exit_code;
    fprintf(stderr, "minnow: standard output could not be written%s%s\n", failed_before ? "" : ": ",
            failed_before ? "" : strerror(errno));
    return exit_code ? exit_code : MINNOW_EXIT_FAILED;
}

int minnow_report_error(const struct minnow_error *error) {
    fprintf(stderr, "minnow: %s\n", *error->message ? error->message : minnow_status_text(error->status));
    return MINNOW_EXIT_FAILED;
}

void minnow_report_truncated(uint64_t truncated, uint64_t total, uint32_t limit) {
    if (!truncated) return;
    fprintf(stderr, "minnow: %" PRIu64 " of %" PRIu64 " text%s longer than %" PRIu32 " tokens and %s cut\n", truncated,
            total, total == 1 ? " was" : "s were", limit, truncated == 1 ? "was" : "were");
}

double minnow_clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}
