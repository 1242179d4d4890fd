/* Damage done to files of torch.save by one who knows zip archives and pickles. */
#ifndef MINNOW_TESTS_TORCH_MUTATIONS_H
#define MINNOW_TESTS_TORCH_MUTATIONS_H

#include "tests/fuzz/mutations.h"
#include "tests/unit/torch_builder.h"

/* ---- Pickles ------------------------------------------------------------------------------ */

struct piece {
    const char *bytes;
    size_t size;
};

#define PIECE(text)                                                                                                    \
    { text, sizeof text - 1 }

/* Operations that fit in nearly everywhere. */
static inline struct piece hostile_operations(struct random *random) {
    static const struct piece pieces[] = {
        PIECE("("),
        PIECE(")"),
        PIECE("t"),
        PIECE("R"),
        PIECE("Q"),
        PIECE("b"),
        PIECE("N"),
        PIECE("0"),
        PIECE("1"),
        PIECE("2"),
        PIECE("]"),
        PIECE("}"),
        PIECE("a"),
        PIECE("e"),
        PIECE("s"),
        PIECE("u"),
        PIECE("l"),
        PIECE("d"),
        PIECE("h\0"),
        PIECE("h\7"),
        PIECE("q\0"),
        PIECE("q\xff"),
        PIECE("\x85"),
        PIECE("\x86"),
        PIECE("\x87"),
        PIECE("\x88"),
        PIECE("\x8f"),
        PIECE("\x90"),
        PIECE("\x91"),
        PIECE("\x93"),
        PIECE("\x94"),
        PIECE("K\1"),
        PIECE("\x8a\0"),
        PIECE("\x81"),
        PIECE("\x92"),
        PIECE("\x80\4"),
        PIECE("."),
        PIECE("cos\nsystem\n"),
        PIECE("r\xff\xff\0\0"),
        PIECE("ctorch\nHalfStorage\n"),
        PIECE("ctorch\nSize\n"),
        PIECE("ctorch\nfloat32\n"),
        PIECE("ctorch._utils\n_rebuild_tensor_v3\n"),
        PIECE("ccollections\nOrderedDict\n)R"),
        PIECE("ctorch._utils\n_rebuild_parameter\n"),
        PIECE("(X\7\0\0\0storage"),
    };
    return pieces[random_below(random, sizeof pieces / sizeof *pieces)];
}

static inline void insert_operations(struct mutated *file, struct random *random) {
    struct piece piece = hostile_operations(random);
    size_t place = random_below(random, file->size + 1);
    replace_range(file, place, place, piece.bytes, piece.size);
}

static inline void exchange_operation(struct mutated *file, struct random *random) {
    struct piece piece = hostile_operations(random);
    size_t place = random_below(random, file->size);
    if (file->size) replace_range(file, place, place + 1, piece.bytes, piece.size);
}

/* Behind a random place, the next operation of this kind; file->size where there is none. */
static inline size_t next_operation(const struct mutated *file, struct random *random, char opcode) {
    size_t place = random_below(random, file->size);
    while (place < file->size && file->bytes[place] != opcode) place++;
    return place;
}

static inline void exchange_integer(struct mutated *file, struct random *random) {
    static const int64_t integers[] = {
        0, 1, 2, 3, 7, 8, 9, 16, -1, -8, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, (int64_t)1 << 32, (int64_t)1 << 61,
    };
    size_t place = next_operation(file, random, 'J');
    struct built integer = {0};
    pickle_integer(&integer, integers[random_below(random, sizeof integers / sizeof *integers)]);
    if (place + 5 <= file->size) replace_range(file, place, place + 5, (const char *)integer.bytes, integer.size);
    built_free(&integer);
}

static inline void exchange_length(struct mutated *file, struct random *random) {
    static const uint32_t lengths[] = {0, 1, 2, 12, 255, 65536, INT32_MAX, UINT32_MAX};
    size_t place = next_operation(file, random, 'X');
    uint32_t length = lengths[random_below(random, sizeof lengths / sizeof *lengths)];
    if (place + 5 <= file->size) memcpy(file->bytes + place + 1, &length, sizeof length);
}

static inline void repeat_operation(struct mutated *file, struct random *random) {
    char many[2000];
    memset(many, "()]}2N\x94\x85"[random_below(random, 8)], sizeof many);
    size_t place = random_below(random, file->size + 1);
    replace_range(file, place, place, many, 1 + random_below(random, sizeof many));
}

static inline void mutate_pickle(struct mutated *file, struct random *random) {
    static mutation_fn *const mutations[] = {cut_short,        flip_bits,        scribble,          delete_range,
                                             splice,           splice,           insert_operations, exchange_operation,
                                             exchange_integer, exchange_integer, exchange_length,   repeat_operation};
    for (size_t n = 1 + random_below(random, 3); n; n--)
        mutations[random_below(random, sizeof mutations / sizeof *mutations)](file, random);
}

/* ---- Containers --------------------------------------------------------------------------- */

enum { MOST_PARTS = 64 };

/* Exchange the pickle, keep the other entries; now and then all of them are compressed. */
static inline void mutate_entry(struct mutated *file, struct random *random) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(file->bytes, file->size, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    zip_check(zip && zip_get_num_entries(zip, 0) <= MOST_PARTS, "the undamaged file");
    struct zip_part parts[MOST_PARTS];
    struct mutated contents[MOST_PARTS];
    size_t count = (size_t)zip_get_num_entries(zip, 0);
    int method = random_below(random, 4) ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    for (size_t i = 0; i < count; i++) {
        zip_stat_t information;
        zip_check(!zip_stat_index(zip, i, 0, &information), "the undamaged file");
        contents[i] = mutated_copy("", 0);
        replace_range(&contents[i], 0, 0, file->bytes, information.size); /* room, filled right below */
        zip_file_t *opened = zip_fopen_index(zip, i, 0);
        zip_check(opened && zip_fread(opened, contents[i].bytes, information.size) == (zip_int64_t)information.size,
                  information.name);
        zip_fclose(opened);
        if (strstr(information.name, "data.pkl")) mutate_pickle(&contents[i], random);
        parts[i] = (struct zip_part){information.name, contents[i].bytes, contents[i].size, method, false};
    }
    struct built built = zip_of(parts, count);
    replace_range(file, 0, file->size, (const char *)built.bytes, built.size);
    built_free(&built);
    for (size_t i = 0; i < count; i++) free(contents[i].bytes);
    zip_discard(zip);
}

/* The last part of an archive is its directory; there every bit has a meaning. */
static inline void mutate_directory(struct mutated *file, struct random *random) {
    size_t range = file->size < 2000 ? file->size : 2000, first = file->size - range;
    for (size_t n = 1 + random_below(random, 6); n && range; n--) {
        static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xff};
        size_t place = first + random_below(random, range);
        file->bytes[place] = (char)(random_below(random, 2) ? bytes[random_below(random, 5)] : random_next(random));
    }
}

/* The first pickles of a stream, up to its data, or all of it. */
static inline void mutate_stream(struct mutated *file, struct random *random) {
    size_t size = random_below(random, 2) ? file->size : file->size / 2;
    struct mutated beginning = mutated_copy(file->bytes, size);
    mutate_pickle(&beginning, random);
    replace_range(file, 0, size, beginning.bytes, beginning.size);
    free(beginning.bytes);
}

static inline struct mutated mutate_torch(const char *bytes, size_t size, struct random *random) {
    struct mutated file = mutated_copy(bytes, size);
    size_t way = random_below(random, 10);
    if (memcmp(bytes, "PK", 2))
        mutate_stream(&file, random);
    else if (way < 6)
        mutate_entry(&file, random);
    else if (way < 9)
        mutate_directory(&file, random);
    else
        mutate_pickle(&file, random);
    return file;
}

#endif
