/* The hint after a misspelled word. */
#include "platforms/cli/arguments.h"

#include <string.h>

enum { LONGEST = 32 };

static size_t least(size_t a, size_t b, size_t c) {
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions and replacements that turn a into b; both at most LONGEST long. */
static size_t edit_distance(const char *a, const char *b) {
    size_t columns = strlen(b), row[LONGEST + 1];
    for (size_t j = 0; j <= columns; j++) row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[columns];
}

const char *minnow_closest_name(const char *word, const char *const *names) {
    const char *closest = NULL;
    size_t length = strlen(word), smallest = length / 3 + 2;
    if (length > LONGEST) return NULL;
    for (; *names; names++) {
        size_t distance = strlen(*names) <= LONGEST ? edit_distance(word, *names) : LONGEST;
        if (distance >= smallest) continue;
        smallest = distance;
        closest = *names;
    }
    return closest;
}
