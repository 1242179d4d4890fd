/* Router of sentence-transformers (Asym before version 5): a list of modules for queries, another for documents. */
#ifndef MINNOW_ROUTER_H
#define MINNOW_ROUTER_H

#include "convert/checkpoint/modules.h"
#include "convert/checkpoint/reading.h"

/* The modules that a role's texts pass: those of modules.json, the router's own in its place. The same for both roles
 * where there is no router. */
enum minnow_status minnow_modules_of_role(const struct minnow_reading *reading, const struct minnow_modules *modules,
                                          enum minnow_role role, struct minnow_modules *out,
                                          struct minnow_error *error);

#endif
