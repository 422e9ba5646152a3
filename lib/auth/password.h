/* password.h - passwords: yescrypt hashes through crypt(3) (libxcrypt).
 * Thread-safe.  One computation costs some 13 ms and 16 MiB. */
#ifndef V2M_AUTH_PASSWORD_H
#define V2M_AUTH_PASSWORD_H

#include "base/err.h"

#define V2M_HASH_SIZE 256	/* a crypt(3) hash and its NUL */

/* Hash with yescrypt and a new salt.  V2M_TEMP: no memory; V2M_USAGE: empty,
 * or longer than 511 bytes. */
int v2m_password_hash(const char *password, char hash[V2M_HASH_SIZE],
    struct v2m_err *err);

/* Does it fit the stored hash?  0, or -1: V2M_DENIED, "invalid credentials",
 * or V2M_TEMP, no memory to tell.  hash NULL is an address that nobody has;
 * it, and every value that is no crypt(3) hash, is refused.  In all cases
 * exactly one yescrypt computation is made (that of another method comes on
 * top), and the time of the comparison tells nothing. */
int v2m_password_check(const char *password, const char *hash,
    struct v2m_err *err);

#endif
