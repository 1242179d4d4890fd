/* The model file DEFAULT_MODEL, as it is, where minnow_model_open_default finds it. */
    .section .rodata
    .balign 64
    .hidden minnow_default_model_bytes
    .global minnow_default_model_bytes
minnow_default_model_bytes:
    .incbin DEFAULT_MODEL
    .hidden minnow_default_model_end
    .global minnow_default_model_end
minnow_default_model_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
