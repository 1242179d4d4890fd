#include "convert/checkpoint/layouts.h"

static bool recognizes_all(const struct minnow_reading *reading) {
    (void)reading;
    return true;
}

/* What is told by more comes before what is told by less. */
static const struct minnow_layout layouts[] = {
    {"sentence-transformers", minnow_sentence_recognizes, minnow_sentence_read},
    {"transformer", recognizes_all, minnow_sentence_read},
};

const struct minnow_layout *minnow_layout_find(const struct minnow_reading *reading) {
    const struct minnow_layout *layout = layouts;
    while (!layout->recognizes(reading)) layout++;
    return layout;
}
