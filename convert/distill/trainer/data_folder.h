/* What a folder holds to train on. Its files count in the order of their names, and each text once:
 *     *.txt         a query a line
 *     *.jsonl       {"query", "passage"}: a pair; or {"text"}: a query, with a "title" that is not empty: a passage
 *     *.tsv         a teacher's scores in the published form (data/teacher_scores.h)
 *     a sub-folder  in BEIR layout: passages, queries, and the pairs of qrels/train.tsv, if there are any
 * A folder that is itself in BEIR layout is taken as one. */
#ifndef MINNOW_TRAINER_DATA_FOLDER_H
#define MINNOW_TRAINER_DATA_FOLDER_H

#include "convert/distill/data/training_pairs.h"

enum { MINNOW_MOST_SCORE_FILES = 16 };

/* Zero it to begin. */
struct minnow_data_folder {
    struct minnow_training_pairs texts; /* pairs, and all queries and passages */
    struct minnow_text_set query_ids, passage_ids; /* of BEIR folders */
    uint32_t *query_of_id, *passage_of_id;         /* [capacity]: numbers in the sets of `texts` */
    size_t query_room, passage_room;
    char *score_files[MINNOW_MOST_SCORE_FILES];
    size_t score_file_count;
    struct minnow_triple *triples; /* of score files, once they are read (triples.h); NULL: they are not */
    size_t triple_count;
};

/* Errors name file and line. MINNOW_BAD_INPUT where the folder holds nothing of this. Free it after a failure too. */
enum minnow_status minnow_data_folder_read(const char *path, struct minnow_data_folder *data,
                                           struct minnow_error *error);
void minnow_data_folder_free(struct minnow_data_folder *data);

/* The query or passage that a score file means: the one of this id, or else the text itself, which is added. */
enum minnow_status minnow_data_folder_resolve(struct minnow_data_folder *data, bool query, struct minnow_text named,
                                              uint32_t *number, struct minnow_error *error);

#endif
