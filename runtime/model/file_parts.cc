/* Tensors, texts and the tokenizer of a model file. */
#include <inttypes.h>
#include <string.h>

#include "runtime/model/file_reader.h"

namespace file = minnow::file;

static const uint64_t ALIGNMENT = 64;

bool minnow_read_tensor(struct minnow_reader *reader, const struct minnow_place *place, const char *name,
                        const file::Tensor *tensor, uint64_t size, const void **out) {
    struct minnow_place own = {place, name, MINNOW_NO_INDEX};
    uint64_t found = tensor ? tensor->size() : 0, offset = tensor ? tensor->offset() : 0;
    if (found == 0)
        reader->status =
            minnow_fail_at(reader->error, MINNOW_BAD_MODEL, &own, "missing, expected %" PRIu64 " bytes", size);
    else if (found != size)
        reader->status =
            minnow_fail_at(reader->error, MINNOW_BAD_MODEL, &own, "%" PRIu64 " bytes, expected %" PRIu64, found, size);
    else if (offset % ALIGNMENT != 0)
        reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, &own,
                                        "offset %" PRIu64 " is not a multiple of %" PRIu64, offset, ALIGNMENT);
    else if (offset < reader->header_size || offset > reader->size || size > reader->size - offset)
        reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, &own,
                                        "%" PRIu64 " bytes from offset %" PRIu64
                                        " are not inside the tensor region, %" PRIu64 " to %" PRIu64,
                                        size, offset, reader->header_size, reader->size);
    else
        *out = reader->bytes + offset;
    return reader->status == MINNOW_OK;
}

bool minnow_read_text(struct minnow_reader *reader, const struct minnow_place *place, const flatbuffers::String *in,
                      const char **out) {
    *out = in->c_str();
    if (strlen(*out) != in->size())
        reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, place, "holds a zero byte");
    return reader->status == MINNOW_OK;
}

static uint64_t tensor_size(const file::Tensor *tensor) { return tensor ? tensor->size() : 0; }

static bool read_tables(struct minnow_reader *reader, const struct minnow_place *place, const file::Tokenizer *in,
                        struct minnow_tokenizer *out) {
    uint64_t text_bytes = tensor_size(in->text()), slots = tensor_size(in->slots()) / sizeof(uint32_t);
    if (text_bytes > UINT32_MAX || slots > UINT32_MAX) {
        reader->status =
            minnow_fail_at(reader->error, MINNOW_BAD_MODEL, place,
                           "%" PRIu64 " bytes of text and %" PRIu64 " slots, over 32 bits", text_bytes, slots);
        return false;
    }
    uint64_t texts = uint64_t{in->vocabulary()} + in->stop_words();
    out->text_bytes = static_cast<uint32_t>(text_bytes);
    out->slot_count = static_cast<uint32_t>(slots);
    return minnow_read_array(reader, place, "text", in->text(), text_bytes, &out->text) &&
           minnow_read_array(reader, place, "offsets", in->offsets(), texts + 1, &out->offsets) &&
           minnow_read_array(reader, place, "slots", in->slots(), slots, &out->slots);
}

static void read_added_tokens(const file::Tokenizer *in, struct minnow_tokenizer *out) {
    static_assert(sizeof(file::AddedToken) == sizeof(struct minnow_added_token), "the same four words");
    if (!in->added()) return;
    out->added = reinterpret_cast<const struct minnow_added_token *>(in->added()->Data());
    out->added_count = in->added()->size();
}

bool minnow_read_tokenizer(struct minnow_reader *reader, uint32_t index, const file::Tokenizer *in,
                           struct minnow_tokenizer *out) {
    struct minnow_place place = {nullptr, "tokenizers", index};
    struct minnow_place continuation = {&place, "continuation", MINNOW_NO_INDEX};
    out->kind = static_cast<enum minnow_tokenizer_kind>(in->kind());
    out->vocabulary = in->vocabulary();
    out->stop_words = in->stop_words();
    out->options = in->options();
    out->unknown_id = in->unknown_id();
    out->cls_id = in->cls_id();
    out->sep_id = in->sep_id();
    out->pad_id = in->pad_id();
    out->mask_id = in->mask_id();
    out->max_word_characters = in->max_word_characters();
    read_added_tokens(in, out);
    return read_tables(reader, &place, in, out) &&
           minnow_read_text(reader, &continuation, in->continuation(), &out->continuation);
}

static bool read_leading(struct minnow_reader *reader, const struct minnow_place *place, const file::Input *in,
                         struct minnow_input *out) {
    const uint32_t most = sizeof out->leading / sizeof *out->leading;
    out->leading_count = in->leading()->size();
    if (out->leading_count > most) {
        reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, place,
                                        "%" PRIu32 " leading tokens, expected at most %" PRIu32, out->leading_count,
                                        most);
        return false;
    }
    for (uint32_t i = 0; i < out->leading_count; i++) out->leading[i] = in->leading()->Get(i);
    return true;
}

bool minnow_read_input(struct minnow_reader *reader, const char *name, const file::Input *in,
                       struct minnow_input *out) {
    struct minnow_place place = {nullptr, name, MINNOW_NO_INDEX}, prompt = {&place, "prompt", MINNOW_NO_INDEX};
    out->tokenizer = in->tokenizer();
    out->max_tokens = in->max_tokens();
    out->trailing = in->trailing();
    out->mask_count = in->mask_count();
    out->fill_to = in->fill_to();
    out->masks_before_trailing = in->masks_before_trailing();
    out->masks_unseen = in->masks_unseen();
    out->first_position = in->first_position();
    out->type = in->type();
    out->max_characters = in->max_characters();
    out->drops_unknown = in->drops_unknown();
    out->cuts_trailing = in->cuts_trailing();
    if (in->skipped()) {
        out->skipped = in->skipped()->data();
        out->skipped_count = in->skipped()->size();
    }
    return read_leading(reader, &place, in, out) && minnow_read_text(reader, &prompt, in->prompt(), &out->prompt);
}
