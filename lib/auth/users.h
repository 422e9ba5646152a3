/* users.h - accounts, in the database that the configuration names.
 *
 * The scheme of the key `users` selects the driver.  Addresses are normalised
 * (base/text.h) here, before a driver gets them; drivers keep them unique.
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
	int64_t tokens_valid_from_s;	/* tokens issued before are not valid */
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

/* Is there such a user?  1; 0, also for what is not an address; -1. */
int v2m_users_has(struct v2m_users *u, const char *email, struct v2m_err *err);

/* Add a user.  user->email is normalised in place.  created_ms and
 * tokens_valid_from_s are set to now if they are 0; so tokens of an earlier
 * account of this address are not valid, unless that was removed within the
 * same second.  V2M_CANTCREATE with sys EEXIST: the user exists. */
int v2m_users_add(struct v2m_users *u, struct v2m_user *user,
    struct v2m_err *err);

/* The same, but both times stay as they are: for an account that is moved here
 * and whose tokens stay valid. */
int v2m_users_copy(struct v2m_users *u, struct v2m_user *user,
    struct v2m_err *err);

/* Change a user: the row is read, passed to change(), and written back, in one
 * transaction.  change() must not change the address or use u; it returns 0, or
 * -1 with err set: then nothing is changed.  If the connection is lost, it may
 * be called again, with the row read again.  V2M_NOINPUT, V2M_USAGE as
 * above. */
typedef int v2m_user_change(void *arg, struct v2m_user *user,
    struct v2m_err *err);
int v2m_users_change(struct v2m_users *u, const char *email,
    v2m_user_change *change, void *arg, struct v2m_err *err);

/* Replace the hash of `seen` by another one for the same password; tokens stay
 * valid.  1; 0: the hash was changed meanwhile, or the user removed; -1. */
int v2m_users_rehash(struct v2m_users *u, const struct v2m_user *seen,
    const char *hash, struct v2m_err *err);

/* Remove a user.  V2M_NOINPUT: there is none. */
int v2m_users_remove(struct v2m_users *u, const char *email,
    struct v2m_err *err);

/* Call each for every user, in the order of addresses; the address of a row of
 * another program may be invalid.  each may use u; it returns 0 to go on, else
 * its value is returned. */
typedef int v2m_users_visit(void *arg, const struct v2m_user *user);
int v2m_users_each(struct v2m_users *u, v2m_users_visit *each, void *arg,
    struct v2m_err *err);

/* The same for those whose addresses come behind `after`. */
int v2m_users_each_after(struct v2m_users *u, const char *after,
    v2m_users_visit *each, void *arg, struct v2m_err *err);

/* End all tokens issued to the user so far; for a v2m_user_change.  Tokens have
 * whole seconds, so the first valid one is of the next second:
 * v2m_session_login() waits for it. */
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
