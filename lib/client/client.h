/* client.h - the requests of a user's command.
 *
 * With `url` in the configuration, a gateway is asked by HTTP.  Without it,
 * this process uses the services that the configuration names.  A command sees
 * no difference: arguments, results, messages and exit statuses are the same.
 *
 * Each client is for one thread.  An error of a gateway has the code and the
 * message that it sent.  Others are: V2M_TEMP, it did not answer within
 * url_timeout; V2M_UNAVAILABLE, the server is not a gateway of v2m; V2M_CONFIG,
 * its certificate is not trusted.
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

/* Connect as the user whose token is stored on this machine or is in V2M_TOKEN.
 * If there is none, or the gateway refuses it: as the user that ~/.netrc has
 * for the gateway.  with_queue: uploads are to be queued.  conf is borrowed
 * until v2m_client_close().  NULL: V2M_DENIED, not logged in, or the token is
 * not valid; or an error of the services or the gateway. */
struct v2m_client *v2m_client_open(const struct v2m_conf *conf,
    bool with_queue, struct v2m_err *err);
void v2m_client_close(struct v2m_client *c);	/* NULL is fine */

/* --- upload --- */

struct v2m_upload_file {
	const char *owner;		/* set by v2m_client_upload() */
	const char *name;		/* the file's name, any bytes */
	struct v2m_settings settings;
	struct v2m_media *media;	/* checks for sound; NULL: no check */
	bool queue;			/* false: hold it, for a pipe */
	bool skip_existing;		/* use an equal job of the owner if
				 * there is one */
	void (*progress)(void *arg, int64_t done);	/* or NULL */
	void *progress_arg;
};

/* Start the program that checks videos for sound before they are uploaded.  The
 * caller frees *media.  0 with NULL: this machine cannot check, and the gateway
 * will. */
int v2m_client_media(const struct v2m_client *c, struct v2m_media **media,
    struct v2m_err *err);

/* Upload the rest of fd (borrowed).  length: of the file, in bytes; -1: a pipe.
 * id receives the job's ID.  *existed: the job was there already.  After an
 * error id is "", or the job that may have been accepted all the same; err says
 * so.
 *
 * V2M_DATA: no sound, no media file, empty, larger than max_upload.  V2M_TEMP:
 * no room, a service away, a signal, or the file grew or shrank meanwhile.
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
	const char *dir;	/* folder to write to; NULL: see file, fd */
	const char *file;	/* or the file to write; NULL: see fd */
	int fd;			/* or an open descriptor; -1 */
	bool force;		/* replace an MP3 that is there */
	/* The files that this command has written: the MP3 of another ID must
	 * not replace them. */
	const struct v2m_fetched *before;
	size_t nbefore;
	int64_t wait_ms;	/* for the conversion; 0: do not wait,
				 * -1: without limit */
	/* Called at each check while it waits; or NULL.  asked: when a worker
	 * last asked for work (wall ms); 0: not known. */
	void (*waiting)(void *arg, const struct v2m_record *r, int64_t asked);
	void (*progress)(void *arg, int64_t done, int64_t total); /* or NULL */
	void *progress_arg;
};

/* Fetch the MP3 of a job; id is the job's or the MP3's.  Its length and SHA-256
 * are checked before the file gets its name (for fd: before 0 is returned).
 * path, of size bytes, receives the path of the file ("" for fd), job the ID of
 * the job.  *warned: the conversion had warnings.
 *
 * V2M_NOINPUT: no such ID, another user's, or removed.
 * V2M_TEMP: not ready (or not within wait_ms); a service away.  V2M_FAILED:
 * the job failed, with the reason.  V2M_CANTCREATE: the file exists, and force
 * is not set.  V2M_IO: the stored MP3 is damaged. */
int v2m_client_fetch(struct v2m_client *c, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

/* --- status, remove --- */

/* The record of a job; id is the job's or the MP3's.  V2M_NOINPUT: there is
 * none, or it is another user's. */
int v2m_client_find(struct v2m_client *c, const char *id,
    struct v2m_record *r, struct v2m_err *err);

/* Call each for the user's own jobs that match, or for everybody's (V2M_DENIED
 * unless the user is an administrator), in the order of their IDs, so the
 * oldest first.  They are read in pages, so their number does not matter for
 * memory.  If each returns 0 it goes on; another value ends it and is returned.
 * -1 with err: an error of the services. */
int v2m_client_each(struct v2m_client *c, bool everybody,
    const struct v2m_status_filter *which,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err);

/* Delete a job in any state, with its video and MP3.  V2M_NOINPUT as for
 * v2m_client_find(), and if it was removed before. */
int v2m_client_remove(struct v2m_client *c, const char *id,
    struct v2m_err *err);

/* --- without a connection: v2m-login, v2m-passwd --- */

/* Can somebody log in?  To be called before asking for a password.  -1:
 * V2M_CONFIG, v2m is not set up here, with what to do; or an error of the
 * services or the gateway. */
int v2m_client_ready(const struct v2m_conf *conf, struct v2m_err *err);

/* A new token for this e-mail address and password, and its claims.  Caller
 * wipes and frees.  NULL: V2M_DENIED, the address or the password is wrong. */
char *v2m_client_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err);

/* Change the password; tokens issued before are void then.  Returns a new token
 * as v2m_client_login() does.  NULL: V2M_DENIED, the old password is wrong;
 * V2M_USAGE, the new one is not allowed; after other errors err says whether it
 * was changed. */
char *v2m_client_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, struct v2m_claims *claims,
    struct v2m_err *err);

/* The claims of the token in use.  V2M_DENIED: there is none, or it is not
 * valid. */
int v2m_client_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err);

/* The password that ~/.netrc has for the gateway.  email: whose; if "", it
 * receives the first user that the file has for it.  1 with *password (caller
 * wipes and frees); 0: there is none, or no gateway; -1: V2M_CONFIG, others can
 * read the file. */
int v2m_client_netrc(const struct v2m_conf *conf,
    char email[V2M_EMAIL_MAX], char **password, struct v2m_err *err);

#endif
