/* client.h - what a user's command can ask for.
 *
 * With `url` in the configuration a gateway is asked, by HTTP; without it the
 * services that the configuration names are used directly, from this process.
 * A command sees no difference: arguments, results, messages and exit statuses
 * are the same.
 *
 * For one thread.  Of a gateway, errors have the codes and words that it gave,
 * or: V2M_TEMP, it did not answer within url_timeout; V2M_UNAVAILABLE, what
 * answers is not a gateway of v2m; V2M_CONFIG, its certificate is not trusted.
 */
#ifndef V2M_CLIENT_CLIENT_H
#define V2M_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/conf.h"
#include "base/err.h"
#include "flow/status_filter.h"
#include "media/media.h"
#include "media/settings.h"
#include "store/record.h"

struct v2m_client;

/* Connect as the user whose token is kept on this machine (or is in
 * V2M_TOKEN); where a gateway refuses it or there is none, as the user that
 * ~/.netrc names for the gateway.  with_queue: uploads are to be queued.  conf
 * is borrowed until v2m_client_close().  NULL: V2M_DENIED, not logged in, or
 * the token is not valid; or what the services or the gateway say. */
struct v2m_client *v2m_client_open(const struct v2m_conf *conf,
    bool with_queue, struct v2m_err *err);
void v2m_client_close(struct v2m_client *c);	/* NULL is fine */

/* --- upload --- */

struct v2m_upload_file {
	const char *owner;		/* set by v2m_client_upload() */
	const char *name;		/* the file's name, any bytes */
	struct v2m_settings settings;
	struct v2m_media *media;	/* to check for sound; NULL: do not */
	bool queue;			/* false: hold it, for a pipe */
	bool skip_existing;		/* take the owner's equal live job */
	void (*progress)(void *arg, int64_t done);	/* or NULL */
	void *progress_arg;
};

/* Start the program that checks videos for sound before they are uploaded:
 * *media is the caller's to free.  NULL with 0 where this machine cannot, and
 * a gateway will do it. */
int v2m_client_media(const struct v2m_client *c, struct v2m_media **media,
    struct v2m_err *err);

/* Upload what fd (borrowed) still holds.  length is the file's in bytes, -1
 * for a pipe.  id receives the job's ID.  *existed: it was there already.  On
 * failure id is "", or names the job that may have been accepted nevertheless,
 * as err says as well.
 *
 * V2M_DATA: no sound in it, no media file, empty, over max_upload.  V2M_TEMP:
 * no room, a service away, a signal, a file that grew or shrank meanwhile.
 * V2M_IO: cannot read. */
int v2m_client_upload(struct v2m_client *c, const struct v2m_upload_file *u,
    int fd, int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err);

/* --- fetch --- */

/* A file that was written. */
struct v2m_fetched {
	char id[V2M_ID_SIZE];	/* the job's, not the MP3's */
	char *path;
};

struct v2m_fetch {
	const char *dir;	/* folder to write into; NULL: see file, fd */
	const char *file;	/* or the path to write; NULL: see fd */
	int fd;			/* or an open descriptor; -1 */
	bool force;		/* replace an MP3 that is there */
	/* What this command wrote so far, not to be replaced by another ID. */
	const struct v2m_fetched *before;
	size_t nbefore;
	int64_t wait_ms;	/* for the conversion: 0 not, -1 for ever */
	/* Called at each look while it waits; or NULL.  asked: when a worker
	 * last asked for work, wall ms; 0: not known. */
	void (*waiting)(void *arg, const struct v2m_record *r, int64_t asked);
	void (*progress)(void *arg, int64_t done, int64_t total); /* or NULL */
	void *progress_arg;
};

/* Fetch the MP3 of a job (its ID or the MP3's).  Its length and SHA-256 are
 * checked before it gets its name (to a descriptor: before the call returns
 * 0).  path, of size bytes, receives the path written ("" for fd), job the
 * ID of the record.  *warned: it was done with warnings.
 *
 * V2M_NOINPUT: no such ID, or it is another user's; it was removed.
 * V2M_TEMP: not ready (or not within wait_ms); a service away.  V2M_FAILED:
 * the job failed, with the reason.  V2M_CANTCREATE: the name is taken, and no
 * force.  V2M_IO: what is stored is damaged. */
int v2m_client_fetch(struct v2m_client *c, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

/* --- status, remove --- */

/* The record of a job, by its ID or its MP3's.  V2M_NOINPUT: there is none, or
 * it is another user's. */
int v2m_client_find(struct v2m_client *c, const char *id,
    struct v2m_record *r, struct v2m_err *err);

/* Call each for those of the user's own jobs that match, or of everybody's
 * (V2M_DENIED but for administrators), in the order of their IDs, which is that
 * of their age: page by page, so that any number of them costs the memory of a
 * page.  0 goes on,
 * another value of each ends it and is returned; -1 with err is the
 * services'. */
int v2m_client_each(struct v2m_client *c, bool everybody,
    const struct v2m_status_filter *which,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* Delete a job with its video and MP3, whatever state it is in.  V2M_NOINPUT as
 * v2m_client_find() has it, also for one that was removed before. */
int v2m_client_remove(struct v2m_client *c, const char *id,
    struct v2m_err *err);

/* --- without a connection: v2m-login, v2m-passwd --- */

/* Is there something to log in to?  Asked before a person is.  -1: V2M_CONFIG,
 * v2m is not set up here, and what to do; or what the services or the gateway
 * say. */
int v2m_client_ready(const struct v2m_conf *conf, struct v2m_err *err);

/* A new token for this e-mail address and password, and its claims.  Caller
 * wipes and frees.  NULL: V2M_DENIED, the two do not fit. */
char *v2m_client_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

/* A new password in place of the old one; the tokens issued before are void.
 * Returns a new token as v2m_client_login() does.  NULL: V2M_DENIED, the old
 * one is wrong; V2M_USAGE, the new one will not do; else err says whether it
 * was changed. */
char *v2m_client_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, struct v2m_claims *claims,
    struct v2m_err *err);

/* The claims of the token in use.  V2M_DENIED: there is none, or it is not
 * valid. */
int v2m_client_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* Has ~/.netrc a password for the gateway?  address: whose, or "" for the
 * first, whose it then becomes.  1 with *password (caller wipes and frees); 0,
 * also without a gateway; -1: V2M_CONFIG, others can read the file. */
int v2m_client_netrc(const struct v2m_conf *conf,
    char email[V2M_EMAIL_MAX], char **password, struct v2m_err *err);

#endif
