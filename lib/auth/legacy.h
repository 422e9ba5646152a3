/* legacy.h - passwords in plain text, which other programs may have put into
 * the table of users, and replacing them by hashes.
 *
 * The keys are legacy_passwords, which accepts such passwords, and
 * password_format, which stores new ones in plain text for another program that
 * can read nothing else.  Neither depends on the driver.
 */
#ifndef V2M_AUTH_LEGACY_H
#define V2M_AUTH_LEGACY_H

#include <stdint.h>

#include "auth/password.h"
#include "auth/users.h"
#include "base/conf.h"
#include "base/err.h"

enum v2m_legacy {
	V2M_LEGACY_NO,		/* plain text is not accepted */
	V2M_LEGACY_YES,		/* it is */
	V2M_LEGACY_UPGRADE,	/* and then replaced by its hash */
};

/* The mode of the configuration.  V2M_CONFIG: the two keys contradict each
 * other. */
int v2m_legacy_mode(const struct v2m_conf *conf, enum v2m_legacy *mode,
    struct v2m_err *err);

/* Are new passwords stored in plain text? */
bool v2m_legacy_keeps_plain(const struct v2m_conf *conf);

/* May it be a new password: at least password_min characters, not too long, and
 * possible in the configured format?  V2M_USAGE, with the reason. */
int v2m_legacy_acceptable(const struct v2m_conf *conf, const char *password,
    struct v2m_err *err);

/* The value to store for a new password, in the configured format.  As
 * v2m_password_hash(); V2M_USAGE: not acceptable. */
int v2m_legacy_store(const struct v2m_conf *conf, const char *password,
    char stored[V2M_HASH_SIZE], struct v2m_err *err);

/* v2m_password_check() for a user (NULL: no such user), also for plain text, as
 * mode says.  If plain text was replaced by its hash, user->hash is set; if
 * replacing fails, the login still succeeds, with a warning.  Exactly one
 * yescrypt computation. */
int v2m_legacy_check(enum v2m_legacy mode, struct v2m_users *users,
    const char *password, struct v2m_user *user, struct v2m_err *err);

/* Replace all plain text by hashes; it can be repeated and interrupted.  *n is
 * how many were replaced, also after a failure.  V2M_CONFIG: new passwords are
 * stored in plain text. */
int v2m_legacy_hash_all(const struct v2m_conf *conf, struct v2m_users *users,
    int64_t *n, struct v2m_err *err);

#endif
