/* password.h - passwords: yescrypt hashes through crypt(3) (libxcrypt).
 * Thread-safe.  One computation costs some 13 ms and 16 MiB. */
#ifndef V2M_AUTH_PASSWORD_H
#define V2M_AUTH_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"

#define V2M_HASH_SIZE 256	/* a crypt(3) hash and its NUL */
#define V2M_PASSWORD_SIZE 512	/* a password and its NUL */

/* Hash with yescrypt and a new salt.  V2M_TEMP: no memory; V2M_USAGE: empty,
 * or longer than 511 bytes. */
int v2m_password_hash(const char *password, char hash[V2M_HASH_SIZE],
    struct v2m_err *err);

/* Does it fit the stored hash?  0; -1: V2M_DENIED, "invalid credentials", or
 * V2M_TEMP, no memory.  NULL, for a user that does not exist, and every value
 * that is not a crypt(3) hash are refused.  In all cases exactly one yescrypt
 * computation is made (and one of another method, if the hash has one), and the
 * comparison always takes the same time. */
int v2m_password_check(const char *password, const char *hash,
    struct v2m_err *err);

/* Can a stored value be a password in plain text?  Not if it is empty, or
 * begins like a hash of crypt(3) ("$", a name, "$"), of whatever method, or is
 * what crypt(3) returns when it fails. */
bool v2m_password_is_plain(const char *stored);

/* Is it the same text?  0, or -1 as above.  One yescrypt computation is made
 * here, too: if the text is the same, its result is in hash. */
int v2m_password_check_plain(const char *password, const char *stored,
    char hash[V2M_HASH_SIZE], struct v2m_err *err);

#endif
