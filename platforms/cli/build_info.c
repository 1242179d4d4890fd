#include "platforms/cli/build_info.h"

#include "commit.h" /* written by the Makefile */

#define TEXT_OF(x) #x
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

#if defined(__clang__)
const char minnow_compiler[] = "clang " VERSION_TEXT(__clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
const char minnow_compiler[] = "gcc " __VERSION__;
#else
const char minnow_compiler[] = "unknown";
#endif

const char minnow_commit[] = MINNOW_COMMIT;
