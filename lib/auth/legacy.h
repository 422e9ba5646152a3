/* legacy.h - passwords in plain text, where other programs have left them in
 * the table of users, and the way out of them.
 *
 * The keys are legacy_passwords, which lets such a password in, and
 * password_format, which makes new ones for another program that reads no
 * other.  Neither depends on the driver.
 */
#ifndef V2M_AUTH_LEGACY_H
#define V2M_AUTH_LEGACY_H

#include <stdint.h>

#include "auth/password.h"
#include "auth/users.h"
#include "base/conf.h"
#include "base/err.h"

enum v2m_legacy {
	V2M_LEGACY_NO,		/* plain text fits nothing */
	V2M_LEGACY_YES,		/* it is compared */
	V2M_LEGACY_UPGRADE,	/* and its hash put in its place */
};

/* What the configuration says.  V2M_CONFIG: the two keys contradict each
 * other. */
int v2m_legacy_mode(const struct v2m_conf *conf, enum v2m_legacy *mode,
    struct v2m_err *err);

/* Are new passwords kept as plain text? */
bool v2m_legacy_keeps_plain(const struct v2m_conf *conf);

/* May it be a new password: of password_min characters, not too long, and fit
 * to be kept as the configuration says?  V2M_USAGE, with the reason. */
int v2m_legacy_acceptable(const struct v2m_conf *conf, const char *password,
    struct v2m_err *err);

/* What to keep for a new password, in the format that the configuration says.
 * As v2m_password_hash(); V2M_USAGE: not acceptable. */
int v2m_legacy_store(const struct v2m_conf *conf, const char *password,
    char stored[V2M_HASH_SIZE], struct v2m_err *err);

/* v2m_password_check() of a user (NULL: an address that nobody has), plain
 * text included where mode says so.  user->hash becomes the new hash where one
 * was put in place of plain text; where that fails the login still succeeds,
 * with a warning.  Exactly one yescrypt computation. */
int v2m_legacy_check(enum v2m_legacy mode, struct v2m_users *users,
    const char *password, struct v2m_user *user, struct v2m_err *err);

/* Put hashes in place of all plain text; safe to repeat and to interrupt.
 * *n is their number, also after a failure.  V2M_CONFIG where new passwords
 * are kept as plain text. */
int v2m_legacy_hash_all(const struct v2m_conf *conf, struct v2m_users *users,
    int64_t *n, struct v2m_err *err);

#endif
