#include "bench/peak/peak.h"

static bool always(void) { return true; }

/* Memory alone is measured here. */
const struct peak peaks[] = {{0}};
const struct peak_reader peak_readers[] = {
    {"read_plain", always, peak_read_plain},
    {0},
};
