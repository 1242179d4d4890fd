/* How much memory this process has had at most. */
#ifndef MINNOW_CLI_MEMORY_H
#define MINNOW_CLI_MEMORY_H

#include <stdint.h>

/* Peak resident set in bytes, mapped files included; 0 where the system does not tell. */
uint64_t minnow_peak_resident_bytes(void);

#endif
