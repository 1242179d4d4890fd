/* The model card. */
#ifndef MINNOW_README_H
#define MINNOW_README_H

#include "convert/memory.h"
#include "runtime/error.h"

struct minnow_readme {
    const char *license; /* of the front matter; "" where it says none */
    const char *name;    /* of the first heading where that is one word; "" otherwise */
};

/* A missing or odd README.md is no error. */
enum minnow_status minnow_readme_read(const char *folder, struct minnow_memory *memory, struct minnow_readme *readme,
                                      struct minnow_error *error);

#endif
