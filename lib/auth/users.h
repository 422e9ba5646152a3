/* users.h - accounts, wherever they are kept.
 *
 * The scheme of the key `users` picks the driver.  Addresses are normalised
 * (base/text.h) here, before any driver sees them; drivers hold them unique.
 * Passwords are hashed before they come here.
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
	char email[V2M_ADDRESS_MAX];
	char hash[V2M_HASH_SIZE];	/* crypt(3), or what a foreign row holds */
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

/* email in any spelling.  V2M_NOINPUT: "no such user"; V2M_USAGE: no address. */
int v2m_users_get(struct v2m_users *u, const char *email,
    struct v2m_user *user, struct v2m_err *err);

/* user->email is normalised in place.  V2M_CANTCREATE with sys EEXIST: there
 * is such a user. */
int v2m_users_add(struct v2m_users *u, struct v2m_user *user,
    struct v2m_err *err);

/* Replace the row of user->email as a whole.  V2M_NOINPUT. */
int v2m_users_put(struct v2m_users *u, const struct v2m_user *user,
    struct v2m_err *err);

/* V2M_NOINPUT where there is none. */
int v2m_users_remove(struct v2m_users *u, const char *email,
    struct v2m_err *err);

/* Call each for every user, by address.  It returns 0 to go on, else its
 * value is returned. */
int v2m_users_each(struct v2m_users *u,
    int (*each)(void *arg, const struct v2m_user *user), void *arg,
    struct v2m_err *err);

/* --- for drivers --- */

/* All slots are required.  self is what open returned. */
struct v2m_users_ops {
	const char *scheme;
	int (*init)(const struct v2m_conf *conf, struct v2m_err *err);
	void *(*open)(const struct v2m_conf *conf, struct v2m_err *err);
	void (*close)(void *self);
	int (*get)(void *self, const char *email, struct v2m_user *user,
	    struct v2m_err *err);
	int (*add)(void *self, const struct v2m_user *user,
	    struct v2m_err *err);
	int (*put)(void *self, const struct v2m_user *user,
	    struct v2m_err *err);
	int (*remove)(void *self, const char *email, struct v2m_err *err);
	int (*each)(void *self,
	    int (*each)(void *arg, const struct v2m_user *user), void *arg,
	    struct v2m_err *err);
};

extern const struct v2m_users_ops v2m_users_sqlite;

#endif
