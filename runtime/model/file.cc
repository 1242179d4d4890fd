/* A model file: verified, read into plain structs, and its digest. The layout is told in
 * runtime/schema/model.fbs. */
#include <inttypes.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/model/file_reader.h"

namespace file = minnow::file;

enum {
    FILE_VERSION = 2,
    PREFIX_SIZE = 4,   /* the FlatBuffer's size */
    IDENTIFIER_AT = 8, /* behind the prefix and the root's offset */
    IDENTIFIER_SIZE = 4,
    MINIMUM_SIZE = 64,
    MAXIMUM_HEADER = 1 << 30,
    MAX_DEPTH = 8,      /* model, route, layer, convolution, branch, linear are six */
    MAX_TABLES = 80000, /* routes of MINNOW_MAX_LAYERS layers of up to eighteen */
    MAX_ALIGNMENT = 64,
};

/* ---- Is it a model file at all, and whole? ---- */

static bool check_identifier(struct minnow_reader *reader) {
    const char *expected = file::ModelIdentifier();
    const char *found = reinterpret_cast<const char *>(reader->bytes + IDENTIFIER_AT);
    if (memcmp(found, expected, IDENTIFIER_SIZE) == 0) return true;
    if (memcmp(found, expected, IDENTIFIER_SIZE - 1) == 0)
        reader->status = minnow_fail(reader->error, MINNOW_UNSUPPORTED,
                                     "file: format MNW%c, this version reads %s; a newer Minnow is needed",
                                     found[3] >= '!' && found[3] <= '~' ? found[3] : '?', expected);
    else
        reader->status = minnow_fail(reader->error, MINNOW_BAD_MODEL,
                                     "file: not a Minnow model (no %s at byte %d); `minnow convert` makes one",
                                     expected, IDENTIFIER_AT);
    return false;
}

static bool check_start(struct minnow_reader *reader) {
    if (reinterpret_cast<uintptr_t>(reader->bytes) % MAX_ALIGNMENT != 0) {
        reader->status = minnow_fail(reader->error, MINNOW_INVALID_ARGUMENT,
                                     "file: in memory it must begin at a multiple of %d", MAX_ALIGNMENT);
        return false;
    }
    if (reader->size < MINIMUM_SIZE) {
        reader->status = minnow_fail(reader->error, MINNOW_BAD_MODEL, "file: %" PRIu64 " bytes, too short for a model",
                                     reader->size);
        return false;
    }
    if (!check_identifier(reader)) return false;
    reader->header_size = uint64_t{flatbuffers::ReadScalar<uint32_t>(reader->bytes)} + PREFIX_SIZE;
    if (reader->header_size >= MINIMUM_SIZE && reader->header_size <= reader->size &&
        reader->header_size <= MAXIMUM_HEADER)
        return true;
    reader->status = minnow_fail(reader->error, MINNOW_BAD_MODEL,
                                 "file: a header of %" PRIu64 " bytes in %" PRIu64 " bytes; truncated or damaged",
                                 reader->header_size, reader->size);
    return false;
}

static bool check_version_and_size(struct minnow_reader *reader, const file::Model *model) {
    if (model->version() != FILE_VERSION)
        reader->status = minnow_fail(reader->error, MINNOW_UNSUPPORTED, "file: version %" PRIu32 ", expected %d; convert the checkpoint again",
                                     model->version(), FILE_VERSION);
    else if (model->file_size() != reader->size)
        reader->status = minnow_fail(reader->error, MINNOW_BAD_MODEL,
                                     "file: %" PRIu64 " bytes, expected %" PRIu64 "; truncated or damaged",
                                     reader->size, model->file_size());
    return reader->status == MINNOW_OK;
}

/* The verifier sees the FlatBuffer alone, so nothing in it can lead into the tensor region. */
static const file::Model *verified_model(struct minnow_reader *reader) {
    if (!check_start(reader)) return nullptr;
    flatbuffers::Verifier verifier(reader->bytes, static_cast<size_t>(reader->header_size), MAX_DEPTH, MAX_TABLES);
    if (!file::VerifySizePrefixedModelBuffer(verifier)) {
        reader->status =
            minnow_fail(reader->error, MINNOW_BAD_MODEL,
                        "file: the first %" PRIu64 " bytes are not a valid FlatBuffer; damaged", reader->header_size);
        return nullptr;
    }
    const file::Model *model = file::GetSizePrefixedModel(reader->bytes);
    return check_version_and_size(reader, model) ? model : nullptr;
}

/* ---- One block for the structs that the file cannot hold as they are ---- */

struct structs {
    struct minnow_route *routes;
    struct minnow_layer *layers; /* of all routes */
    struct minnow_golden *golden;
};

static uint32_t golden_count(const file::Model *model) { return model->golden() ? model->golden()->size() : 0; }

static bool check_counts(struct minnow_reader *reader, const file::Model *model, size_t *layers) {
    uint32_t routes = model->routes()->size(), most = 0;
    *layers = 0;
    for (uint32_t i = 0; i < routes && i < MINNOW_MAX_ROUTES; i++) {
        uint32_t count = model->routes()->Get(i)->layers()->size();
        most = count > most ? count : most;
        *layers += count;
    }
    if (routes <= MINNOW_MAX_ROUTES && most <= MINNOW_MAX_LAYERS && golden_count(model) <= MINNOW_MAX_GOLDEN)
        return true;
    reader->status = minnow_fail(
        reader->error, MINNOW_BAD_MODEL,
        "file: %" PRIu32 " routes of up to %" PRIu32 " layers and %" PRIu32 " golden texts, limits are %u, %u and %u",
        routes, most, golden_count(model), MINNOW_MAX_ROUTES, MINNOW_MAX_LAYERS, MINNOW_MAX_GOLDEN);
    return false;
}

static bool allocate(struct minnow_reader *reader, const file::Model *model, void **block, struct structs *structs) {
    size_t layers = 0;
    if (!check_counts(reader, model, &layers)) return false;
    size_t routes_size = model->routes()->size() * sizeof(struct minnow_route);
    size_t layers_size = layers * sizeof(struct minnow_layer);
    char *bytes = static_cast<char *>(
        calloc(1, routes_size + layers_size + golden_count(model) * sizeof(struct minnow_golden) + 1));
    if (!bytes) {
        reader->status = minnow_fail(reader->error, MINNOW_OUT_OF_MEMORY, "file: %zu layers", layers);
        return false;
    }
    *block = bytes;
    structs->routes = reinterpret_cast<struct minnow_route *>(bytes);
    structs->layers = reinterpret_cast<struct minnow_layer *>(bytes + routes_size);
    structs->golden = reinterpret_cast<struct minnow_golden *>(bytes + routes_size + layers_size);
    return true;
}

/* ---- Its parts ---- */

static bool read_route(struct minnow_reader *reader, const struct minnow_place *place, const file::Route *in,
                       struct minnow_layer *layers, struct minnow_route *out) {
    out->layers = layers;
    out->layer_count = in->layers()->size();
    out->max_tokens = in->max_tokens();
    out->dimensions = in->dimensions();
    for (uint32_t i = 0; i < out->layer_count; i++) {
        struct minnow_place layer = {place, "layers", i};
        if (!minnow_read_layer(reader, &layer, in->layers()->Get(i), &layers[i])) return false;
    }
    return true;
}

static bool read_routes(struct minnow_reader *reader, const file::Model *model, struct structs *structs,
                        struct minnow_contents *contents) {
    contents->routes = structs->routes;
    contents->route_count = model->routes()->size();
    contents->route_of_role[MINNOW_QUERY] = model->query_route();
    contents->route_of_role[MINNOW_DOCUMENT] = model->document_route();
    contents->joint_route = model->joint_route();
    struct minnow_layer *layers = structs->layers;
    for (uint32_t i = 0; i < contents->route_count; i++) {
        struct minnow_place place = {nullptr, "routes", i};
        if (!read_route(reader, &place, model->routes()->Get(i), layers, &structs->routes[i])) return false;
        layers += structs->routes[i].layer_count;
    }
    return true;
}

static bool read_golden(struct minnow_reader *reader, uint32_t index, const file::Golden *in,
                        struct minnow_golden *out) {
    struct minnow_place place = {nullptr, "golden", index};
    if (in->role() > MINNOW_DOCUMENT) {
        reader->status =
            minnow_fail_at(reader->error, MINNOW_BAD_MODEL, &place, "role is %u, expected 0 or 1", in->role());
        return false;
    }
    out->text.bytes = reinterpret_cast<const char *>(in->text()->Data());
    out->text.size = in->text()->size();
    if (in->document()) {
        out->document.bytes = reinterpret_cast<const char *>(in->document()->Data());
        out->document.size = in->document()->size();
    }
    out->role = in->role() == MINNOW_QUERY ? MINNOW_QUERY : MINNOW_DOCUMENT;
    out->ids = in->ids()->data();
    out->id_count = in->ids()->size();
    out->vector = in->vector()->data();
    out->vector_size = in->vector()->size();
    return true;
}

static bool read_all_golden(struct minnow_reader *reader, const file::Model *model, struct structs *structs,
                            struct minnow_contents *contents) {
    contents->golden = structs->golden;
    contents->golden_count = golden_count(model);
    for (uint32_t i = 0; i < contents->golden_count; i++)
        if (!read_golden(reader, i, model->golden()->Get(i), &structs->golden[i])) return false;
    return true;
}

static bool read_named_text(struct minnow_reader *reader, const char *name, const flatbuffers::String *in,
                            const char **out) {
    struct minnow_place place = {nullptr, name, MINNOW_NO_INDEX};
    return minnow_read_text(reader, &place, in, out);
}

static bool read_texts(struct minnow_reader *reader, const file::Model *model, struct minnow_contents *contents) {
    return read_named_text(reader, "name", model->name(), &contents->name) &&
           read_named_text(reader, "license", model->license(), &contents->license) &&
           read_named_text(reader, "source", model->source(), &contents->source) &&
           read_named_text(reader, "source_sha256", model->source_sha256(), &contents->source_sha256) &&
           read_named_text(reader, "converter", model->converter(), &contents->converter) &&
           read_named_text(reader, "quantization", model->quantization(), &contents->quantization);
}

static bool read_similarity(struct minnow_reader *reader, file::Similarity in, enum minnow_similarity *out) {
    switch (in) {
    case file::Similarity_Cosine:
        *out = MINNOW_COSINE;
        return true;
    case file::Similarity_Dot:
        *out = MINNOW_DOT;
        return true;
    case file::Similarity_MaxSim:
        *out = MINNOW_MAXSIM;
        return true;
    case file::Similarity_Joint:
        *out = MINNOW_JOINT;
        return true;
    }
    reader->status = minnow_fail(reader->error, MINNOW_UNSUPPORTED, "similarity: %u is not known to this version", in);
    return false;
}

static bool read_tokenizers(struct minnow_reader *reader, const file::Model *model, struct minnow_contents *contents) {
    contents->tokenizer_count = model->tokenizers()->size();
    if (contents->tokenizer_count > MINNOW_MAX_TOKENIZERS) {
        reader->status = minnow_fail(reader->error, MINNOW_BAD_MODEL, "tokenizers: %" PRIu32 ", limit is %u",
                                     contents->tokenizer_count, MINNOW_MAX_TOKENIZERS);
        return false;
    }
    for (uint32_t i = 0; i < contents->tokenizer_count; i++)
        if (!minnow_read_tokenizer(reader, i, model->tokenizers()->Get(i), &contents->tokenizers[i])) return false;
    return true;
}

static bool read_inputs(struct minnow_reader *reader, const file::Model *model, struct minnow_contents *contents) {
    return minnow_read_input(reader, "query_input", model->query_input(), &contents->inputs[MINNOW_QUERY]) &&
           minnow_read_input(reader, "document_input", model->document_input(), &contents->inputs[MINNOW_DOCUMENT]);
}

static bool read_model(struct minnow_reader *reader, const file::Model *model, struct structs *structs,
                       struct minnow_contents *contents) {
    if (model->matryoshka()) {
        contents->matryoshka = model->matryoshka()->data();
        contents->matryoshka_count = model->matryoshka()->size();
    }
    memcpy(contents->space, model->space(), sizeof contents->space);
    return read_similarity(reader, model->similarity(), &contents->similarity) &&
           read_tokenizers(reader, model, contents) && read_inputs(reader, model, contents) &&
           read_routes(reader, model, structs, contents) && read_all_golden(reader, model, structs, contents) &&
           read_texts(reader, model, contents);
}

enum minnow_status minnow_file_read(const uint8_t *bytes, size_t size, struct minnow_contents *contents,
                                    void **structs_block, struct minnow_error *error) {
    struct minnow_reader reader = {bytes, size, 0, error, MINNOW_OK};
    struct structs structs;
    memset(contents, 0, sizeof *contents);
    *structs_block = nullptr;
    const file::Model *model = verified_model(&reader);
    if (!model || !allocate(&reader, model, structs_block, &structs)) return reader.status;
    if (!read_model(&reader, model, &structs, contents)) {
        free(*structs_block);
        *structs_block = nullptr;
    }
    return reader.status;
}

/* ---- Digest ---- */

static void digest_without(const uint8_t *bytes, size_t size, size_t hole, uint8_t digest[SHA256_DIGEST_LENGTH]) {
    static const uint8_t zeros[SHA256_DIGEST_LENGTH] = {0};
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, bytes, hole);
    SHA256Update(&context, zeros, sizeof zeros);
    SHA256Update(&context, bytes + hole + sizeof zeros, size - hole - sizeof zeros);
    SHA256Final(digest, &context);
}

enum minnow_status minnow_file_check_digest(const uint8_t *bytes, size_t size, struct minnow_error *error) {
    struct minnow_reader reader = {bytes, size, 0, error, MINNOW_OK};
    const file::Model *model = verified_model(&reader);
    if (!model) return reader.status;
    const uint8_t *stored = reinterpret_cast<const uint8_t *>(model->digest());
    uint8_t computed[SHA256_DIGEST_LENGTH];
    digest_without(bytes, size, static_cast<size_t>(stored - bytes), computed);
    if (memcmp(stored, computed, sizeof computed) == 0) return MINNOW_OK;
    return minnow_fail(error, MINNOW_MISMATCH,
                       "file: its SHA-256 begins %02x%02x%02x%02x, expected %02x%02x%02x%02x; bytes were changed",
                       computed[0], computed[1], computed[2], computed[3], stored[0], stored[1], stored[2], stored[3]);
}
