/* The layers of a route as modules of sentence-transformers, one behind the other. */
#ifndef MINNOW_CHAIN_WRITER_H
#define MINNOW_CHAIN_WRITER_H

#include "convert/checkpoint/writer/writing.h"

struct minnow_written_module {
    const char *path; /* within the folder; "" for the folder itself */
    const char *name; /* of its class */
};

struct minnow_written_chain {
    struct minnow_writing *writing;
    struct minnow_layer_cursor cursor;
    enum minnow_role first_role, last_role; /* whose texts pass it */
    const char *before; /* subfolders' names begin so: "query_"; "": a transformer lies in the folder itself */
    struct minnow_written_module *modules; /* room for as many as there are layers */
    uint32_t count;
};

/* Write all of them. All but modules and count are set. */
enum minnow_status minnow_chain_write(struct minnow_written_chain *chain, struct minnow_error *error);

/* ---- What a chain's parts share ------------------------------------------------------------- */

/* One more module; its path, or NULL: out of memory. */
const char *minnow_chain_add_module(struct minnow_written_chain *chain, const char *name);
/* LSTM and CNN. */
enum minnow_status minnow_lstm_module_write(struct minnow_written_chain *chain, const struct minnow_lstm *lstm,
                                            struct minnow_error *error);
/* The cursor is at the convolution. */
enum minnow_status minnow_cnn_module_write(struct minnow_written_chain *chain,
                                           const struct minnow_convolution *convolution, struct minnow_error *error);

#endif
