#include "flow/orphan.h"

#include <string.h>

#include "base/log.h"

struct search {
	struct v2m_store *store;
	struct v2m_err err;	/* of remove_one() */
};

bool
v2m_orphan_wanted(const struct v2m_record *r, const struct v2m_object *mp3)
{
	if (r->state == V2M_JOB_RUNNING && r->fence == mp3->fence)
		return true;
	return r->state != V2M_JOB_CANCELLED && strcmp(r->mp3, mp3->id) == 0;
}

/* The record is read after the MP3 was seen: an older one would not name the
 * MP3 of a run that stored and committed in between. */
static int
remove_one(void *arg, const struct v2m_object *mp3)
{
	struct search *search = arg;
	struct v2m_record r;

	if (v2m_store_get(search->store, mp3->video, &r, &search->err) < 0)
		return -1;
	if (v2m_orphan_wanted(&r, mp3))
		return 0;
	v2m_debug("%s: removing the MP3 %s of a run that died", r.id, mp3->id);
	return v2m_store_remove(search->store, V2M_MP3, mp3->id,
	    &search->err);
}

int
v2m_orphans_remove(struct v2m_store *s, const char *id, struct v2m_err *err)
{
	struct search search = { .store = s };

	if (v2m_store_objects(s, V2M_MP3, id, remove_one, &search, err) >= 0)
		return 0;
	if (search.err.code != V2M_OK)
		v2m_err_pass(err, &search.err);
	return -1;
}
