/* The student that Minnow carries with it (README.md beside this file says what it is). */
#include "runtime/error.h"

extern const unsigned char minnow_default_model_bytes[], minnow_default_model_end[];

enum minnow_status minnow_model_open_default(const struct minnow_model_options *options, struct minnow_model **model,
                                             struct minnow_error *error) {
    size_t size = (size_t)(minnow_default_model_end - minnow_default_model_bytes);
    if (!size)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "this build carries no default model, expected one that is opened by its path");
    enum minnow_status status = minnow_model_open_memory(minnow_default_model_bytes, size, options, model, error);
    return status ? minnow_fail_within(error, status, "the default model") : MINNOW_OK;
}
