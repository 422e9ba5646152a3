/* check.h - do accounts, store, queues and the records of jobs agree?
 *
 * A check changes nothing.  Jobs may change while it runs: what looks wrong is
 * read again before it is reported, so there are no false reports.  Some
 * findings can be repaired by v2m_check_repair(); that is safe at any time, and
 * can be repeated, as it uses the moves of flow/job.h.
 */
#ifndef V2M_FLOW_CHECK_H
#define V2M_FLOW_CHECK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"
#include "flow/services.h"

/* What to do about a finding; v2m_remedy_text() says it to people. */
enum v2m_remedy {
	V2M_REMEDY_RESTORE,	/* a backup, or the same upload again */
	V2M_REMEDY_ACCESS,	/* the rights to a file */
	V2M_REMEDY_COPY,	/* a file that is not the state's alone */
	V2M_REMEDY_RABBITMQ,	/* look at messages, and remove them */
	V2M_REMEDY_SQLITE,
	V2M_REMEDY_PRUNE,	/* v2m-prune removes it */
	V2M_REMEDY_ROOT,	/* the same as OWNER, but only root can */
	V2M_REMEDY_ACCOUNT,	/* a new account, or v2m-user remove */
	V2M_REMEDY_STORE_TLS,	/* an encrypted way, or a key */
	V2M_REMEDY_OBJECTS_TLS,
	V2M_REMEDY_QUEUE_TLS,
	V2M_REMEDY_BUCKET,	/* a rule of the bucket's */
	V2M_REMEDY_PROXY,	/* trusted_proxies, and the gateway anew */
	V2M_REMEDY_LIMIT,	/* set that key */
	V2M_REMEDY_IMPORT,	/* copy it from the other store */
	V2M_REMEDY_FETCH,	/* fetch it by hand, as the move is complete */
	V2M_REMEDY_USER,	/* v2m-user, unless it is meant to be so */
	V2M_REMEDY_MOVE,	/* complete the move, or end it */
	V2M_REMEDY_MOVED,	/* use the other one */
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
	V2M_CHECK_INDEXED,	/* the newest jobs, and others as far as an
				 * index of the store finds them */
	V2M_CHECK_FULL,		/* every job and every object */
	V2M_CHECK_BYTES,	/* and the SHA-256 of every object */
};

/* Check, and call found for each finding.  A signal ends it early
 * (base/stop.h).  -1: a service is away or cannot be read. */
int v2m_check(struct v2m_services *s, enum v2m_check_depth depth,
    void (*found)(void *arg, const struct v2m_finding *f), void *arg,
    struct v2m_err *err);

/* Compare with the v2m of another configuration, from which v2m_import() copies
 * or has moved the jobs: is everything here?  bytes: also check the SHA-256 of
 * every object here.  Nothing else is checked.  Returns as v2m_check(). */
int v2m_check_against(struct v2m_services *s, const struct v2m_conf *from,
    bool bytes, void (*found)(void *arg, const struct v2m_finding *f),
    void *arg, struct v2m_err *err);

/* The remedy in words: "publish its message again". */
const char *v2m_remedy_text(enum v2m_remedy remedy);

/* Can v2m_check_repair() do it? */
bool v2m_remedy_is_ours(enum v2m_remedy remedy);

/* Repair a finding.  0 also if nothing is wrong any more. */
int v2m_check_repair(struct v2m_services *s, const struct v2m_finding *f,
    struct v2m_err *err);

#endif
