/* A text as the encoder of a role sees it. */
#ifndef MINNOW_TOKENIZE_H
#define MINNOW_TOKENIZE_H

#include "runtime/model/model.h"

/* cls + tokens of prompt and text + sep, at most the role's limit. `ids` has room for that many.
 * Returns their count; *truncated tells that there were more. Allocates nothing. */
uint32_t minnow_tokenize_for_role(const struct minnow_contents *contents, enum minnow_role role,
                                  struct minnow_text text, uint32_t *ids, bool *truncated);

#endif
