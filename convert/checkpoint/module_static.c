/* StaticEmbedding of sentence-transformers: the mean of a text's rows of a table. */
#include "convert/checkpoint/chain.h"
#include "convert/checkpoint/static_table.h"
#include "convert/checkpoint/text_file.h"

enum minnow_status minnow_static_module_read(struct minnow_chain *chain, const char *subfolder,
                                             struct minnow_error *error) {
    struct minnow_reading *reading = chain->reading;
    struct minnow_beginning *beginning = &chain->beginning;
    struct minnow_static_table table;
    *beginning = (struct minnow_beginning){.bare = true, .positions = UINT32_MAX};
    beginning->file = minnow_join_name(reading->memory, subfolder, "tokenizer.json");
    if (!beginning->file) return minnow_reading_no_memory(reading, error);
    enum minnow_status status = minnow_static_table_read(reading, subfolder, &table, error);
    if (!status) status = minnow_static_limit_read(reading, subfolder, &beginning->told, error);
    if (!status)
        status = minnow_reading_add_tokenizer(reading, reading->folder, subfolder, &beginning->tokenizer, error);
    if (!status)
        status = minnow_reading_check_vocabulary(&reading->contents->tokenizers[beginning->tokenizer], table.count,
                                                 beginning->file, error);
    if (!status) status = minnow_chain_add_words(chain, table.rows, table.count, table.width, error);
    return status ? status : minnow_chain_add_pool(chain, MINNOW_POOL_MEAN, error);
}
