/* A checkpoint folder that must open. For cmocka tests, behind <cmocka.h>. */
#ifndef MINNOW_TESTS_OPENED_FOLDER_H
#define MINNOW_TESTS_OPENED_FOLDER_H

#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/checkpoint_folder.h"

/* The caller's to close. */
static inline struct minnow_checkpoint *open_folder(const struct folder *folder,
                                                    const struct minnow_checkpoint_options *options) {
    struct minnow_checkpoint *checkpoint = NULL;
    struct minnow_error error = {0};
    if (minnow_checkpoint_open(folder->path, options, &checkpoint, &error)) fail_msg("did not open: %s", error.message);
    if (minnow_contents_check(&checkpoint->contents, &error)) fail_msg("opened, but: %s", error.message);
    return checkpoint;
}

#endif
