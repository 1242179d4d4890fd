#include "platforms/cli/memory.h"

#include <stdio.h>

/* VmHWM of this process alone: getrusage's figure begins with that of whoever started it. Only Linux has the file. */
uint64_t minnow_peak_resident_bytes(void) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    unsigned long long kibibytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %llu kB", &kibibytes) == 1) break;
    if (file) fclose(file);
    return kibibytes * 1024;
}
