/* landlock.h - deny access to files, sockets and processes by Landlock.
 *
 * The kernel's headers may be older than the kernel, so newer constants are
 * defined in landlock.c, and the system calls are made by number.
 */
#ifndef ENGINE_LANDLOCK_H
#define ENGINE_LANDLOCK_H

/* Deny this thread, and those it creates from now on, all that Landlock can
 * deny; open descriptors can still be used.  Needs no_new_privs.  Returns the
 * ABI version of Landlock; 0: the kernel does not offer it; -1 with errno. */
int landlock_close(void);

#endif
