#include "runtime/index/top_k.h"

static void swap(struct minnow_hit *a, struct minnow_hit *b) {
    struct minnow_hit kept = *a;
    *a = *b;
    *b = kept;
}

/* The worst of the heap's first `count` hits belongs to the root; move `at` down to its place. */
static void sift_down(struct minnow_hit *hits, size_t count, size_t at) {
    while (at < count / 2) {
        size_t child = 2 * at + 1;
        if (child + 1 < count && minnow_hit_better(hits[child], hits[child + 1])) child++;
        if (!minnow_hit_better(hits[at], hits[child])) return;
        swap(&hits[at], &hits[child]);
        at = child;
    }
}

static void sift_up(struct minnow_hit *hits, size_t at) {
    while (at && minnow_hit_better(hits[(at - 1) / 2], hits[at])) {
        swap(&hits[(at - 1) / 2], &hits[at]);
        at = (at - 1) / 2;
    }
}

void minnow_top_k_keep(struct minnow_top_k *top, struct minnow_hit hit) {
    if (top->count < top->capacity) {
        top->hits[top->count] = hit;
        sift_up(top->hits, top->count++);
    } else {
        top->hits[0] = hit;
        sift_down(top->hits, top->count, 0);
    }
}

void minnow_top_k_sort(struct minnow_top_k *top) {
    for (size_t left = top->count; left > 1; left--) {
        swap(&top->hits[0], &top->hits[left - 1]);
        sift_down(top->hits, left - 1, 0);
    }
}
