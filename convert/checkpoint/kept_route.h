/* One route of a pair alone. */
#ifndef MINNOW_KEPT_ROUTE_H
#define MINNOW_KEPT_ROUTE_H

#include "convert/checkpoint/reading.h"

/* Let both roles take the route that the options name ("query", "document"), and drop the other. The space stays that
 * of the pair, so that the model searches what the pair's document model has indexed. */
enum minnow_status minnow_reading_keep_route(struct minnow_reading *reading, struct minnow_error *error);

#endif
