/* Remedies, in words and as repairs. */
#include "flow/check_private.h"
#include "flow/job.h"
#include "flow/requeue.h"

static const char *const texts[] = {
	[V2M_REMEDY_RESTORE] = "restore it from a backup, or upload "
	    "the video again and remove this job (v2m-remove)",
	[V2M_REMEDY_ACCESS] = "give the owner of the state the rights "
	    "to that file",
	[V2M_REMEDY_COPY] = "replace it by a copy: it is a link, or "
	    "has another name elsewhere",
	[V2M_REMEDY_RABBITMQ] = "look at them in that queue, then "
	    "rabbitmqctl purge_queue with its name",
	[V2M_REMEDY_SQLITE] = "look at them with sqlite3, then remove "
	    "them: see v2m-check(1)",
	[V2M_REMEDY_PRUNE] = "v2m-prune removes it",
	[V2M_REMEDY_ROOT] = "v2m-check --repair, run by root",
	[V2M_REMEDY_ACCOUNT] = "v2m-user add --adopt-jobs gives them "
	    "to a new account, v2m-user remove --jobs=remove removes "
	    "them, --jobs=keep lets them be",
	[V2M_REMEDY_STORE_TLS] = "?tls=true in its URL, or "
	    "store_tls = off in a private network",
	[V2M_REMEDY_OBJECTS_TLS] = "?tls=true in its URL, or "
	    "objects_tls = off in a private network",
	[V2M_REMEDY_QUEUE_TLS] = "amqps: in its URL, or "
	    "queue_tls = off in a private network",
	[V2M_REMEDY_BUCKET] = "see S3 in v2m.conf(5) for the bucket's "
	    "rules",
	[V2M_REMEDY_PROXY] = "trusted_proxies with that address, and "
	    "start the gateway again; no more is told after an hour",
	[V2M_REMEDY_LIMIT] = "set it in the configuration; 0 means no "
	    "limit",
	[V2M_REMEDY_IMPORT] = "v2m-init --import copies it, when it "
	    "is run again",
	[V2M_REMEDY_FETCH] = "the move is complete, so nothing copies "
	    "it: v2m-fetch with the other configuration, if the other "
	    "store has the MP3, or upload the video again",
	[V2M_REMEDY_USER] = "v2m-user changes it, unless it was "
	    "changed here on purpose",
	[V2M_REMEDY_MOVE] = "with the new configuration, v2m-init "
	    "--import with --final completes the move, with --cancel "
	    "ends it",
	[V2M_REMEDY_MOVED] = "use the other configuration, and remove "
	    "this one when v2m-check --against finds nothing there",
	[V2M_REMEDY_NOTIFY] = "v2m-notify with this ID",
	[V2M_REMEDY_TELL] = "v2m-notify --again with this ID",
	[V2M_REMEDY_UPGRADE] = "v2m-requeue --failed=70 after an "
	    "upgrade",
	[V2M_REMEDY_PUBLISH] = "publish its message again",
	[V2M_REMEDY_AGAIN] = "convert it once more",
	[V2M_REMEDY_NOTE] = "note that its video is gone",
	[V2M_REMEDY_OWNER] = "give it to the owner of the state",
};

const char *
v2m_remedy_text(enum v2m_remedy remedy)
{
	return texts[remedy];
}

bool
v2m_remedy_is_ours(enum v2m_remedy remedy)
{
	return remedy > V2M_REMEDY_UPGRADE;
}

/* The file of the video is gone: note that in the record, and remove what the
 * store still has of it. */
static int
note_gone(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_check_run run = { .s = s };
	struct v2m_record r;

	if (v2m_job_find(s->store, id, &r, err) < 0)
		return -1;
	if (v2m_check_object(&run, V2M_VIDEO, id, NULL) != V2M_CHECK_MISSING)
		return 0;
	if (v2m_job_prune(s->store, &r, true, false, err) < 0)
		return -1;
	return v2m_store_remove(s->store, V2M_VIDEO, id, err);
}

int
v2m_check_repair(struct v2m_services *s, const struct v2m_finding *f,
    struct v2m_err *err)
{
	switch (f->remedy) {
	case V2M_REMEDY_PUBLISH:
		return v2m_requeue_lost(s, f->item, err);
	case V2M_REMEDY_AGAIN:
		return v2m_requeue(s, f->item, true, NULL, err);
	case V2M_REMEDY_NOTE:
		return note_gone(s, f->item, err);
	default:
		return v2m_err_set(err, V2M_BUG, "no such remedy");
	}
}
