/* Texts that stand for what encoders meet: `minnow convert` calibrates on them when no --calibrate
 * file is given. Written for Minnow, so free of other licences. */
#ifndef MINNOW_CALIBRATION_TEXTS_H
#define MINNOW_CALIBRATION_TEXTS_H

#include <stddef.h>

/* UTF-8; one of them is empty. */
extern const char *const minnow_calibration_texts[];
extern const size_t minnow_calibration_text_count;

#endif
