/* Makes a vocabulary for vocabulary_parity.py.
 *     vocabulary_driver prune CHECKPOINT TEXTS SIZE OUT    prints the kept ids, a line each
 *     vocabulary_driver train CHECKPOINT TEXTS SIZE OUT    with the checkpoint's settings and special tokens
 * OUT, a folder, receives the tokenizer's files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/checkpoint/tokenizer_files.h"
#include "convert/distill/vocabulary/prune.h"
#include "convert/distill/vocabulary/tokenizer_writer.h"
#include "convert/distill/vocabulary/train.h"
#include "convert/texts.h"

enum { MAX_TOKENS = 128 };

typedef enum minnow_status add_fn(void *context, struct minnow_text text, struct minnow_error *error);

static enum minnow_status read_texts(const char *path, add_fn *add, void *context, struct minnow_error *error) {
    struct minnow_texts *texts;
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    if (status) return status;
    for (bool end = false; !status;) {
        struct minnow_document document;
        status = minnow_texts_next(texts, &document, &end, error);
        if (status || end) break;
        status = add(context, document.text, error);
    }
    minnow_texts_close(texts);
    return status;
}

static enum minnow_status count(void *context, struct minnow_text text, struct minnow_error *error) {
    return minnow_token_counts_add(context, text, error);
}

static enum minnow_status prune(const struct minnow_tokenizer *tokenizer, char **arguments,
                                struct minnow_memory *memory, struct minnow_error *error) {
    struct minnow_token_counts counts;
    struct minnow_pruned pruned;
    enum minnow_status status = minnow_token_counts_begin(tokenizer, &counts, error);
    if (!status) status = read_texts(arguments[3], count, &counts, error);
    if (!status) status = minnow_vocabulary_prune(&counts, (uint32_t)atoi(arguments[4]), memory, &pruned, error);
    if (!status) status = minnow_tokenizer_write(arguments[5], &pruned.tokenizer, MAX_TOKENS, error);
    for (uint32_t id = 0; !status && id < pruned.tokenizer.vocabulary; id++) printf("%u\n", pruned.kept[id]);
    minnow_token_counts_free(&counts);
    return status;
}

static enum minnow_status learn(void *context, struct minnow_text text, struct minnow_error *error) {
    return minnow_vocabulary_trainer_add(context, text, error);
}

static enum minnow_status train(const struct minnow_tokenizer *tokenizer, char **arguments,
                                struct minnow_memory *memory, struct minnow_error *error) {
    struct minnow_vocabulary_trainer *trainer;
    struct minnow_tokenizer trained;
    enum minnow_status status = minnow_vocabulary_trainer_create(tokenizer, &trainer, error);
    if (!status) status = read_texts(arguments[3], learn, trainer, error);
    if (!status)
        status = minnow_vocabulary_trainer_end(trainer, (uint32_t)atoi(arguments[4]), memory, &trained, error);
    if (!status) status = minnow_tokenizer_write(arguments[5], &trained, MAX_TOKENS, error);
    minnow_vocabulary_trainer_free(trainer);
    return status;
}

int main(int argument_count, char **arguments) {
    bool prunes = argument_count == 6 && strcmp(arguments[1], "prune") == 0;
    if (!prunes && (argument_count != 6 || strcmp(arguments[1], "train") != 0))
        return fprintf(stderr, "usage: vocabulary_driver prune|train CHECKPOINT TEXTS SIZE OUT\n"), 2;
    struct minnow_error error = {0};
    struct minnow_tokenizer tokenizer;
    struct minnow_memory *memory = minnow_memory_create();
    if (!memory) return 1;
    enum minnow_status status = minnow_tokenizer_read(arguments[2], memory, &tokenizer, &error);
    if (!status) status = (prunes ? prune : train)(&tokenizer, arguments, memory, &error);
    if (status) fprintf(stderr, "%s\n", error.message);
    minnow_memory_free(memory);
    return status ? 1 : 0;
}
