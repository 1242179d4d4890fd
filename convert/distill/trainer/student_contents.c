#include "convert/distill/trainer/student_contents.h"

#include "convert/checkpoint/fingerprint.h"

#include <string.h>

/* The same tables, and so the same tokens. */
static bool same_tokenizer(const struct minnow_tokenizer *a, const struct minnow_tokenizer *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

/* The role's input and tokenizer of other contents, whose route becomes number `route`. */
static void take_role(struct minnow_contents *contents, const struct minnow_contents *from, enum minnow_role role,
                      uint32_t route) {
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(from, role);
    uint32_t place = 0;
    while (place < contents->tokenizer_count && !same_tokenizer(&contents->tokenizers[place], tokenizer)) place++;
    if (place == contents->tokenizer_count) contents->tokenizers[contents->tokenizer_count++] = *tokenizer;
    contents->inputs[role] = from->inputs[role];
    contents->inputs[role].tokenizer = place;
    contents->route_of_role[role] = route;
}

void minnow_student_contents_make(const struct minnow_trainer *trainer, struct minnow_student_contents *student) {
    const struct minnow_contents *network = &trainer->network.contents, *teacher = trainer->teacher.contents;
    student->contents = *network;
    if (!trainer->trains[MINNOW_QUERY] || !trainer->trains[MINNOW_DOCUMENT]) {
        struct minnow_contents *contents = &student->contents;
        contents->tokenizer_count = 0;
        contents->similarity = teacher->similarity;
        for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
            const struct minnow_contents *from = trainer->trains[role] ? network : teacher;
            student->routes[role] = *minnow_route_of(from, (enum minnow_role)role);
            take_role(contents, from, (enum minnow_role)role, (uint32_t)role);
        }
        contents->routes = student->routes;
        contents->route_count = 2;
        contents->matryoshka = NULL;
        contents->matryoshka_count = 0;
    }
    minnow_fingerprint_space(&student->contents, student->contents.space);
}
