#include "platforms/cli/build_info.h"

#include "commit.h" /* written by the Makefile */

#if defined(__clang__)
const char minnow_compiler[] = "clang " __clang_version__;
#elif defined(__GNUC__)
const char minnow_compiler[] = "gcc " __VERSION__;
#else
const char minnow_compiler[] = "unknown";
#endif

const char minnow_commit[] = MINNOW_COMMIT;
