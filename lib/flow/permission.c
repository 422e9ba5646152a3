#include "flow/permission.h"

#include <string.h>

#include "flow/job.h"

int
v2m_permitted_job(struct v2m_store *s, const struct v2m_claims *identity,
    const char *id, struct v2m_record *r, struct v2m_err *err)
{
	struct v2m_err why;
	int got = v2m_job_find(s, id, r, &why);

	if (got < 0 && (why.code != V2M_NOINPUT || !v2m_id_valid(id)))
		return v2m_err_pass(err, &why);
	if (got < 0 || (!identity->admin && strcmp(r->owner,
	    identity->username) != 0))
		return v2m_err_set(err, V2M_NOINPUT, "no such ID");
	return 0;
}

/* Find an MP3 without owner and job, as foreign services store them.  1, 0,
 * -1. */
static int
find_nobodys(struct v2m_store *s, const char *id, struct v2m_object *mp3,
    struct v2m_err *err)
{
	int found = v2m_store_stat(s, V2M_MP3, id, mp3, err);

	return found != 1 ? found :
	    mp3->owner[0] == '\0' && mp3->video[0] == '\0';
}

int
v2m_permitted_mp3(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, struct v2m_record *r, struct v2m_err *err)
{
	const char *rule = v2m_conf_text(s->conf, "foreign_files");
	struct v2m_object mp3;
	struct v2m_err why, ignored;
	int found;

	if (v2m_permitted_job(s->store, identity, id, r, &why) == 0)
		return 0;
	found = why.code != V2M_NOINPUT || !v2m_id_valid(id) ? 0 :
	    v2m_job_find(s->store, id, r, &ignored) == 0 ? 0 :
	    find_nobodys(s->store, id, &mp3, &why);
	if (found != 1)
		return v2m_err_pass(err, &why);
	if (!identity->admin && strcmp(rule, "any-user") != 0)
		return v2m_err_set(err, V2M_DENIED, "its owner is not known: "
		    "an administrator may fetch it, or everybody with "
		    "foreign_files = any-user");
	memset(r, 0, sizeof *r);
	memcpy(r->id, mp3.id, sizeof r->id);
	memcpy(r->mp3, mp3.id, sizeof r->mp3);
	memcpy(r->name, mp3.name, sizeof r->name);
	memcpy(r->mp3_sha256, mp3.sha256, sizeof r->mp3_sha256);
	r->mp3_length = mp3.length;
	r->created_at = r->done_at = mp3.created_at;
	r->state = V2M_JOB_DONE;
	r->progress = -1;
	return 0;
}
