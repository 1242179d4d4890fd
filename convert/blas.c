#include "convert/blas.h"

#include <cpuinfo.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char library_name[] = "libopenblas.so.0";
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct minnow_blas functions;
static const struct minnow_blas *loaded;
static char why_not[200];

/* What OpenBLAS takes a CPU for that is younger than itself: SSE3 alone, at a fifth of the speed or less. */
static bool is_fallback(const char *core) { return strcmp(core, "Prescott") == 0 || strcmp(core, "Barcelona") == 0; }

static const char *core_of_this_cpu(void) {
    if (!cpuinfo_initialize()) return NULL;
    if (cpuinfo_has_x86_avx512f() && cpuinfo_has_x86_avx512bw() && cpuinfo_has_x86_avx512dq() &&
        cpuinfo_has_x86_avx512vl())
        return "SKYLAKEX";
    return cpuinfo_has_x86_avx2() && cpuinfo_has_x86_fma3() ? "HASWELL" : NULL;
}

/* It chooses its kernels while it is loaded, by this variable if there is one. */
static void *load(void) {
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (!library) return NULL;
    __typeof__(&openblas_get_corename) core_name = (__typeof__(core_name))dlsym(library, "openblas_get_corename");
    const char *core = core_name && is_fallback(core_name()) ? core_of_this_cpu() : NULL;
    if (!core || getenv("OPENBLAS_CORETYPE") || setenv("OPENBLAS_CORETYPE", core, 0) != 0) return library;
    dlclose(library);
    return dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
}

static const struct {
    const char *name;
    size_t offset;
} names[] = {{"cblas_sgemm", offsetof(struct minnow_blas, sgemm)},
             {"cblas_ssyrk", offsetof(struct minnow_blas, ssyrk)},
             {"cblas_dsyrk", offsetof(struct minnow_blas, dsyrk)},
             {"cblas_sdot", offsetof(struct minnow_blas, sdot)},
             {"openblas_get_num_threads", offsetof(struct minnow_blas, get_num_threads)},
             {"openblas_set_num_threads", offsetof(struct minnow_blas, set_num_threads)},
             {"dpotrf_", offsetof(struct minnow_blas, dpotrf)},
             {"dpotri_", offsetof(struct minnow_blas, dpotri)},
             {"dpotrs_", offsetof(struct minnow_blas, dpotrs)},
             {"dsyevd_", offsetof(struct minnow_blas, dsyevd)}};

static void open_once(void) {
    void *library = load();
    bool all = library != NULL;
    for (size_t i = 0; all && i < sizeof names / sizeof *names; i++) {
        void *function = dlsym(library, names[i].name);
        memcpy((char *)&functions + names[i].offset, &function, sizeof function);
        all = function != NULL;
    }
    if (all)
        loaded = &functions;
    else
        snprintf(why_not, sizeof why_not, "%s", dlerror());
}

const struct minnow_blas *minnow_blas(void) {
    pthread_once(&once, open_once);
    return loaded;
}

enum minnow_status minnow_blas_check(struct minnow_error *error) {
    if (minnow_blas()) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: %s; OpenBLAS multiplies where checkpoints are converted and trained: install it "
                       "(libopenblas0)",
                       library_name, why_not);
}
