/* users.h - accounts, wherever they are kept.
 *
 * The scheme of the key `users` picks the driver.  Addresses are normalised
 * (base/text.h) here, before any driver sees them; drivers hold them unique.
 * Passwords are hashed before they come here (but see auth/legacy.h).
 *
 * A struct v2m_users belongs to one thread.
 */
#ifndef V2M_AUTH_USERS_H
#define V2M_AUTH_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/password.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"

struct v2m_user {
	char email[V2M_EMAIL_MAX];
	char hash[V2M_HASH_SIZE];	/* crypt(3), or a foreign row's value */
	bool admin;
	int64_t created_ms;		/* wall time; 0: unknown */
	int64_t tokens_valid_from_s;	/* tokens issued before are void */
};

struct v2m_users;

/* Open what the configuration names.  V2M_CONFIG (unknown scheme; not set up:
 * run v2m-init), V2M_TEMP, V2M_DENIED. */
struct v2m_users *v2m_users_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_users_close(struct v2m_users *u);	/* NULL is fine */

/* Make or upgrade the tables; safe to repeat.  For v2m-init. */
int v2m_users_init(const struct v2m_conf *conf, struct v2m_err *err);

/* email in any spelling.  V2M_NOINPUT, "no such user"; V2M_USAGE, "not an
 * e-mail address". */
int v2m_users_get(struct v2m_users *u, const char *email,
    struct v2m_user *user, struct v2m_err *err);

/* user->email is normalised in place; created_ms and tokens_valid_from_s are
 * set to now where they are 0: no token of an earlier account of this name
 * counts, unless that was removed within this very second.  V2M_CANTCREATE
 * with sys EEXIST: there is such a user. */
int v2m_users_add(struct v2m_users *u, struct v2m_user *user,
    struct v2m_err *err);

/* Change a user: the row is read, handed to change, and written back, and
 * nobody else changes it meanwhile.  change leaves the address alone and does
 * not use u; it returns 0, or -1 with err set to have nothing changed.  Where
 * a connection was lost it may be called once more, with a row read anew.
 * V2M_NOINPUT, V2M_USAGE as above. */
typedef int v2m_user_change(void *arg, struct v2m_user *user,
    struct v2m_err *err);
int v2m_users_change(struct v2m_users *u, const char *email,
    v2m_user_change *change, void *arg, struct v2m_err *err);

/* Put another hash in place of the one that `seen` has, for the same password:
 * its tokens stay good.  1; 0 where the row has another by now, or is gone;
 * -1. */
int v2m_users_rehash(struct v2m_users *u, const struct v2m_user *seen,
    const char *hash, struct v2m_err *err);

/* V2M_NOINPUT where there is none. */
int v2m_users_remove(struct v2m_users *u, const char *email,
    struct v2m_err *err);

/* Call each for every user, by address, which a foreign row's may not be.  It
 * may use u; it returns 0 to go on, else its value is returned. */
typedef int v2m_users_visit(void *arg, const struct v2m_user *user);
int v2m_users_each(struct v2m_users *u, v2m_users_visit *each, void *arg,
    struct v2m_err *err);

/* Void all tokens issued to the user so far; for a v2m_user_change.  Tokens
 * know whole seconds only, so the first that counts again is one of the next
 * second: v2m_session_login() waits for it. */
void v2m_user_end_tokens(struct v2m_user *user);

/* --- for drivers --- */

/* All slots are required.  self is what open returned.  Addresses are
 * normalised.  V2M_NOINPUT means that there is no such user and nothing else;
 * its message is set by users.c. */
struct v2m_users_ops {
	const char *scheme;
	int (*init)(const struct v2m_conf *conf, struct v2m_err *err);
	void *(*open)(const struct v2m_conf *conf, struct v2m_err *err);
	void (*close)(void *self);
	int (*get)(void *self, const char *email, struct v2m_user *user,
	    struct v2m_err *err);
	int (*add)(void *self, const struct v2m_user *user,
	    struct v2m_err *err);
	int (*change)(void *self, const char *email, v2m_user_change *change,
	    void *arg, struct v2m_err *err);
	int (*remove)(void *self, const char *email, struct v2m_err *err);

	/* Up to n users whose addresses come behind `after` (in the order of
	 * the database), by address.  Returns their number, -1. */
	int (*page)(void *self, const char *after, struct v2m_user *users,
	    int n, struct v2m_err *err);
};

extern const struct v2m_users_ops v2m_users_sqlite;

#endif
