/* What small models of every family make of some texts, so that other CPUs' can be compared.
 * Usage: family_bits ISA OUT. */
#include <stdio.h>

#include "tests/unit/family_results.h"

static void write_results(FILE *file, enum small_family family, enum minnow_weight_type type, const char *isa) {
    static struct small_results results;
    struct small_model *model = small_family_make(family, type);
    const struct small_way way = {.isa = isa, .threads = 2, .at_once = SMALL_TEXTS};
    if (!results_of(&model->contents, &way, &results)) {
        fprintf(stderr, "this CPU lacks %s\n", isa);
        exit(1);
    }
    if (fwrite(&results, sizeof results, 1, file) != 1) {
        perror("family_bits");
        exit(1);
    }
    small_model_free(model);
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "usage: %s ISA OUT\n", arguments[0]), 2;
    FILE *file = fopen(arguments[2], "wb");
    if (!file) return perror(arguments[2]), 1;
    for (int family = 0; family < SMALL_FAMILIES; family++)
        for (int type = MINNOW_WEIGHT_S8; type <= MINNOW_WEIGHT_S4; type++)
            write_results(file, (enum small_family)family, (enum minnow_weight_type)type, arguments[1]);
    if (fclose(file) != 0) return perror(arguments[2]), 1;
    printf("%d families on %s\n", SMALL_FAMILIES, arguments[1]);
    return 0;
}
