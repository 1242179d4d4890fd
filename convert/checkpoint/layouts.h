/* The layouts in which checkpoints are published. */
#ifndef MINNOW_LAYOUTS_H
#define MINNOW_LAYOUTS_H

#include "convert/checkpoint/reading.h"

struct minnow_layout {
    const char *name;
    bool (*recognizes)(const struct minnow_reading *reading); /* by what lies in the folder, not by its meaning */
    /* Fill contents: tokenizers, routes, inputs, similarity. Position tables keep all their rows. */
    enum minnow_status (*read)(struct minnow_reading *reading, struct minnow_error *error);
};

/* The first layout that recognizes the folder; the last one recognizes every folder. */
const struct minnow_layout *minnow_layout_find(const struct minnow_reading *reading);

/* sentence.c: modules.json, or a transformer alone. */
bool minnow_sentence_recognizes(const struct minnow_reading *reading);
enum minnow_status minnow_sentence_read(struct minnow_reading *reading, struct minnow_error *error);

#endif
