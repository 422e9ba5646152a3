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

/* Does it fit the stored hash?  0, or -1: V2M_DENIED, "invalid credentials",
 * or V2M_TEMP, no memory to tell.  hash NULL is an address that nobody has;
 * it, and every value that is not a crypt(3) hash, is refused.  In all cases
 * exactly one yescrypt computation is made (that of another method comes on
 * top), and the time of the comparison tells nothing. */
int v2m_password_check(const char *password, const char *hash,
    struct v2m_err *err);

/* Can a stored value be a password in plain text?  Not what is empty, what
 * begins like a hash of crypt(3) ("$", a name, "$"), known here or not, and
 * what crypt(3) returns where it fails: those never count as plain text. */
bool v2m_password_is_plain(const char *stored);

/* Is it the same text?  0, or -1 as above.  One yescrypt computation is made
 * here too, and is that of a new hash: where the password fits it is the
 * password's. */
int v2m_password_check_plain(const char *password, const char *stored,
    char hash[V2M_HASH_SIZE], struct v2m_err *err);

#endif
