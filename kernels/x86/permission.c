/* Tiles are large, so a process must ask its system for them. */
#include "kernels/x86/permission.h"

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>

enum { REQUEST_STATE = 0x1023, TILE_DATA = 18 }; /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA */

_Bool minnow_amx_permitted(void) { return syscall(SYS_arch_prctl, REQUEST_STATE, TILE_DATA) == 0; }

#else

_Bool minnow_amx_permitted(void) { return 0; }

#endif
