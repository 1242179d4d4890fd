/* A checkpoint folder while it is written, whatever its layout: what is known, and what every layout's writer does. */
#ifndef MINNOW_WRITING_H
#define MINNOW_WRITING_H

#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/writer/layer_cursor.h"
#include "convert/checkpoint/writer/tensor_list.h"

struct minnow_writing {
    const char *folder; /* is there */
    const struct minnow_contents *contents;
    struct minnow_memory *memory; /* what lies in it lives until the folder is written */
    const char *layout;           /* its name, for errors */
    struct minnow_checkpoint_options told; /* what the layout's own files have no place for (kept_options.h) */
};

/* Files' names may hold subfolders ("1_Pooling/config.json"), which are made. */
enum minnow_status minnow_writing_print(const struct minnow_writing *writing, const char *name,
                                        struct minnow_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* model.safetensors of a subfolder ("": none), or a file of another name. */
enum minnow_status minnow_writing_put_tensors(const struct minnow_writing *writing, const char *subfolder,
                                              const struct minnow_tensor_list *list, struct minnow_error *error);
enum minnow_status minnow_writing_put_tensor_file(const struct minnow_writing *writing, const char *subfolder,
                                                  const char *name, const struct minnow_tensor_list *list,
                                                  struct minnow_error *error);
/* The tokenizer of a role's texts in the files of its kind. `longest`: tokens of a text. */
enum minnow_status minnow_writing_put_tokenizer(const struct minnow_writing *writing, const char *subfolder,
                                                enum minnow_role role, uint32_t longest, struct minnow_error *error);
/* minnow_checkpoint.json. */
enum minnow_status minnow_writing_put_told(const struct minnow_writing *writing, struct minnow_error *error);

/* The length of a role's texts that the reader would take from the layout's files is `said`: another one is told. */
void minnow_writing_tell_length(struct minnow_writing *writing, enum minnow_role role, uint32_t said);
/* Prompts, for layouts that have none. */
void minnow_writing_tell_prompts(struct minnow_writing *writing);
/* The text as JSON has it, with its quotation marks; NULL: out of memory. */
const char *minnow_writing_quote(const struct minnow_writing *writing, const char *text);
/* A text in `memory`; NULL: out of memory. */
const char *minnow_writing_name(const struct minnow_writing *writing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum minnow_status minnow_writing_no_memory(const struct minnow_writing *writing, struct minnow_error *error);

#endif
