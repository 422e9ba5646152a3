#include "flow/orphan.h"

#include <string.h>

struct hunt {
	struct v2m_store *store;
	const struct v2m_record *r;
	struct v2m_err *err;
};

static int
remove_older(void *arg, const struct v2m_object *o)
{
	struct hunt *h = arg;

	if (o->fence >= h->r->fence || strcmp(o->id, h->r->mp3) == 0)
		return 0;
	return v2m_store_remove(h->store, V2M_MP3, o->id, h->err);
}

int
v2m_orphans_remove(struct v2m_store *s, const struct v2m_record *r,
    struct v2m_err *err)
{
	struct hunt h = { s, r, err };

	/* A first attempt has none before it. */
	if (r->fence <= 1)
		return 0;
	return v2m_store_objects(s, V2M_MP3, r->id, remove_older, &h, err);
}
