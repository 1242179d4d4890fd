/* Parts or texts of some documents, copied out of the file to be scored together. */
#ifndef MINNOW_INDEX_GATHERED_H
#define MINNOW_INDEX_GATHERED_H

#include "minnow.h"
#include "runtime/index/store.h"
#include "runtime/part.h"

enum { MINNOW_GATHERED = 64 }; /* documents at most */

/* Zero it to begin. */
struct minnow_gathered {
    char *bytes;
    size_t used, room;
    struct {
        int64_t document;
        size_t first, size; /* of `bytes` */
        uint32_t rows;      /* of a part: scales, then codes */
    } pieces[MINNOW_GATHERED];
    size_t count;
};

/* For one more, of any size; few when those that are there are large. */
bool minnow_gathered_has_room(const struct minnow_gathered *gathered);
void minnow_gathered_clear(struct minnow_gathered *gathered);
void minnow_gathered_free(struct minnow_gathered *gathered);

/* Add one document; nothing where it is not there any more. */
enum minnow_status minnow_gather_part(struct minnow_gathered *gathered, struct minnow_index *index, int64_t document,
                                      struct minnow_error *error);
/* Title, a space and text; the text alone where there is no title. */
enum minnow_status minnow_gather_text(struct minnow_gathered *gathered, struct minnow_index *index, int64_t document,
                                      struct minnow_error *error);

/* They borrow from `gathered`. */
void minnow_gathered_parts(const struct minnow_gathered *gathered, struct minnow_part parts[MINNOW_GATHERED]);
void minnow_gathered_texts(const struct minnow_gathered *gathered, struct minnow_text texts[MINNOW_GATHERED]);

#endif
