/* password.h - passwords: yescrypt hashes through crypt(3) (libxcrypt).
 * Thread-safe.  One computation costs some 13 ms and 16 MiB. */
#ifndef V2M_AUTH_PASSWORD_H
#define V2M_AUTH_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"

#define V2M_HASH_SIZE 256	/* a crypt(3) hash and its NUL */

/* Hash with yescrypt and a new salt.  V2M_TEMP: no memory; V2M_USAGE: empty,
 * longer than 511 bytes or not to be hashed. */
int v2m_password_hash(const char *password, char hash[V2M_HASH_SIZE],
    struct v2m_err *err);

/* Does it fit the stored hash?  hash NULL is an address that nobody has: the
 * same one computation is made, and the answer is false.  So is every value
 * that is no crypt(3) hash.  The comparison's time tells nothing. */
bool v2m_password_matches(const char *password, const char *hash);

#endif
