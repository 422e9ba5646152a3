/* landlock.h - no file, socket or process of this machine, by Landlock.
 *
 * The kernel's headers may be older than the kernel, so the numbers of what is
 * newer stand in here, and the system calls are made as they are.
 */
#ifndef ENGINE_LANDLOCK_H
#define ENGINE_LANDLOCK_H

/* Deny this thread, and those it makes from now on, whatever Landlock can
 * deny; descriptors that are open stay good.  Needs no_new_privs.  The version
 * of Landlock, 0 where the kernel has none for us, or -1 with
 * errno. */
int landlock_close(void);

#endif
