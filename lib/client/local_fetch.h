/* local_fetch.h - the last step: an MP3 out of the store, whole and verified. */
#ifndef V2M_CLIENT_LOCAL_FETCH_H
#define V2M_CLIENT_LOCAL_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/err.h"
#include "flow/services.h"

/* A file that was written. */
struct v2m_fetched {
	char id[V2M_ID_SIZE];	/* as in the record, not the MP3's */
	char *path;
};

struct v2m_fetch {
	const char *dir;	/* folder to write into; NULL: see file, fd */
	const char *file;	/* or the path to write; NULL: see fd */
	int fd;			/* or an open descriptor; -1 */
	bool force;		/* replace what is there */
	/* What this command wrote so far, not to be replaced by another ID's. */
	const struct v2m_fetched *before;
	size_t nbefore;
	int64_t wait_ms;	/* for the conversion: 0 not, -1 for ever */
	void (*progress)(void *arg, int64_t done, int64_t total); /* or NULL */
	void *progress_arg;
};

/* Fetch the MP3 of a job (its ID or the MP3's).  Its length and SHA-256 are
 * checked before it gets its name (to a descriptor: before the call returns
 * 0).  path, of size bytes, receives the path written ("" for fd), job the
 * ID of the record.  *warned: it was done with warnings.
 *
 * V2M_NOINPUT: no such ID, or nobody's but another's; it was removed.
 * V2M_TEMP: not ready (or not within wait_ms); a service away.  V2M_FAILED:
 * the job failed, with the reason.  V2M_CANTCREATE: the name is taken, and no
 * force.  V2M_IO: what is stored is damaged. */
int v2m_fetch(struct v2m_services *s, const struct v2m_claims *who,
    const char *id, const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);

#endif
