/* Reads a checkpoint and writes it again, for written_parity.py.
 *     writer_driver CHECKPOINT OUT */
#include <stdio.h>

#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/checkpoint_writer.h"

int main(int argument_count, char **arguments) {
    struct minnow_error error = {0};
    struct minnow_checkpoint *checkpoint;
    if (argument_count != 3) return fprintf(stderr, "usage: writer_driver CHECKPOINT OUT\n"), 2;
    enum minnow_status status = minnow_checkpoint_open(arguments[1], NULL, &checkpoint, &error);
    if (!status) {
        status = minnow_checkpoint_write(arguments[2], &checkpoint->contents, NULL, &error);
        minnow_checkpoint_close(checkpoint);
    }
    if (status) fprintf(stderr, "%s\n", error.message);
    return status ? 1 : 0;
}
