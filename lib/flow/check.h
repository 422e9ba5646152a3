/* check.h - do accounts, store, queues and the records of jobs agree?
 *
 * A check changes nothing.  What looks wrong while jobs come and go is read
 * again before it is reported, so that a busy system reports nothing false.
 * Some findings a program can repair; that is safe at any time and safe to
 * repeat, as it uses the moves of flow/job.h.
 */
#ifndef V2M_FLOW_CHECK_H
#define V2M_FLOW_CHECK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"
#include "flow/services.h"

enum v2m_remedy {
	V2M_REMEDY_RESTORE,	/* a backup, or the same upload again */
	V2M_REMEDY_ACCESS,	/* the rights to a file */
	V2M_REMEDY_COPY,	/* a file that is not the state's alone */
	V2M_REMEDY_RABBITMQ,	/* look at messages, and remove them */
	V2M_REMEDY_SQLITE,
	V2M_REMEDY_PRUNE,	/* v2m-prune removes it */
	V2M_REMEDY_ROOT,	/* root can do what OWNER does */
	V2M_REMEDY_ACCOUNT,	/* a new account, or v2m-user remove */
	V2M_REMEDY_STORE_TLS,	/* an encrypted way, or a key */
	V2M_REMEDY_OBJECTS_TLS,
	V2M_REMEDY_QUEUE_TLS,
	V2M_REMEDY_BUCKET,	/* a rule of the bucket's */
	V2M_REMEDY_PROXY,	/* trusted_proxies, and the gateway anew */
	V2M_REMEDY_LIMIT,	/* set that key */
	V2M_REMEDY_NOTIFY,	/* v2m-notify with its ID */
	V2M_REMEDY_TELL,	/* v2m-notify --again with its ID */
	V2M_REMEDY_UPGRADE,	/* another v2m, then v2m-requeue */
	V2M_REMEDY_PUBLISH,	/* publish its message again */
	V2M_REMEDY_AGAIN,	/* convert it once more */
	V2M_REMEDY_NOTE,	/* note that its video is gone */
	V2M_REMEDY_OWNER,	/* give it to the state's owner: see owners.h */
};

struct v2m_finding {
	char item[V2M_EMAIL_MAX];	/* an ID, e-mail, queue or file */
	char what[256];			/* what is wrong with it, clean */
	enum v2m_remedy remedy;
};

enum v2m_check_depth {
	V2M_CHECK_INDEXED,	/* the newest jobs, and what an index of the
				 * store tells of the others */
	V2M_CHECK_FULL,		/* every job and all that is stored */
	V2M_CHECK_BYTES,	/* and compare it with its SHA-256 */
};

/* Check as deep as that, or less when a signal comes (base/stop.h).  found is
 * called for each.  -1: a service is away or cannot be read. */
int v2m_check(struct v2m_services *s, enum v2m_check_depth depth,
    void (*found)(void *arg, const struct v2m_finding *f), void *arg,
    struct v2m_err *err);

/* What the remedy is, for people: "publish its message again". */
const char *v2m_remedy_text(enum v2m_remedy remedy);

/* Does v2m_check_repair() know it? */
bool v2m_remedy_is_ours(enum v2m_remedy remedy);

/* Apply it.  What is no longer wrong stays as it is, and that is fine. */
int v2m_check_repair(struct v2m_services *s, const struct v2m_finding *f,
    struct v2m_err *err);

#endif
