/* May this process use the tiles of AMX? */
#ifndef MINNOW_PERMISSION_H
#define MINNOW_PERMISSION_H

/* Asks the system, which then keeps the permission for all threads. To ask again changes nothing. False where the
 * system has no such request, or refuses it. */
_Bool minnow_amx_permitted(void);

#endif
