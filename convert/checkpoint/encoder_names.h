/* What each family of the one encoder block calls its parts, in files of Hugging Face's transformers. */
#ifndef MINNOW_ENCODER_NAMES_H
#define MINNOW_ENCODER_NAMES_H

enum minnow_encoder_family { MINNOW_FAMILY_BERT, MINNOW_FAMILY_DISTILBERT, MINNOW_FAMILIES };

struct minnow_encoder_names {
    const char *model_type, *class_name, *prefix;                    /* "bert", "Bert", "bert." */
    const char *hidden, *layers, *heads, *intermediate, *activation; /* keys of config.json */
    const char *block;                                               /* a tensor's name up to here; %u: its number */
    const char *projections[3]; /* query, key, value */
    const char *attention_output, *attention_norm, *up, *down, *output_norm;
};

extern const struct minnow_encoder_names minnow_encoder_names[MINNOW_FAMILIES];

#endif
