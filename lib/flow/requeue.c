#include "flow/requeue.h"

#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "flow/announce.h"
#include "flow/job.h"
#include "flow/remove.h"
#include "flow/sweep.h"

#define PAGE 200		/* records in memory at a time */

static int
each_failed(struct v2m_services *s, const char *reason,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct v2m_filter filter = { .state = V2M_FAILED_STATE,
	    .limit = PAGE };
	char after[V2M_ID_SIZE] = "";
	struct v2m_record *list;
	size_t i, n;
	int ret = 0;

	filter.after = after;
	do {
		if (v2m_store_list(s->store, &filter, &list, &n, err) < 0)
			return -1;
		for (i = 0; i < n && ret == 0; i++)
			if (reason == NULL ||
			    strcasestr(list[i].reason, reason) != NULL)
				ret = each(arg, &list[i]);
		if (n > 0)
			memcpy(after, list[n - 1].id, sizeof after);
		free(list);
	} while (ret == 0 && n == PAGE);
	return ret;
}

struct lost {
	int (*each)(void *arg, const struct v2m_record *r);
	void *arg;
	bool failed_too;
	int ended;
};

/* A failure that nobody was told of is a failed job in the first place. */
static int
look(void *arg, const struct v2m_record *r)
{
	struct lost *l = arg;

	if (r->state == V2M_FAILED_STATE && l->failed_too)
		return 0;
	l->ended = l->each(l->arg, r);
	return l->ended;
}

int
v2m_requeue_select(struct v2m_services *s, unsigned which,
    const char *reason, int (*each)(void *arg, const struct v2m_record *r),
    void *arg, struct v2m_err *err)
{
	struct lost l = { each, arg, (which & V2M_STUCK_FAILED) != 0, 0 };
	int ret = 0;

	/* The lost ones first: a failed one that is requeued has a message
	 * then, and the queue is no longer empty. */
	if ((which & V2M_STUCK_LOST) != 0) {
		ret = v2m_sweep_look(s, look, &l, err);
		if (l.ended != 0)
			return l.ended;
	}
	if (ret == 0 && (which & V2M_STUCK_FAILED) != 0)
		ret = each_failed(s, reason, each, arg, err);
	return ret;
}

/* Without it there is nothing to start anew. */
static int
has_video(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_reader *reader = v2m_store_read(s->store, V2M_VIDEO, id,
	    NULL, err);

	if (reader != NULL) {
		v2m_reader_free(reader);
		return 0;
	}
	if (err->code == V2M_NOINPUT)
		v2m_err_set(err, V2M_NOINPUT, "its video is no longer kept");
	return -1;
}

static bool
would_start_anew(const struct v2m_record *r, bool again)
{
	return r->state == V2M_FAILED_STATE || r->state == V2M_HELD ||
	    (r->state == V2M_DONE && again);
}

static int
refuse(enum v2m_revive why, struct v2m_err *err)
{
	switch (why) {
	case V2M_REVIVE_DONE:
		return v2m_err_set(err, V2M_FAILED,
		    "it is done (--again converts it once more)");
	case V2M_REVIVE_UNSTORED:
		return v2m_err_set(err, V2M_TEMP, "its upload has not ended");
	case V2M_REVIVE_NO_VIDEO:
		return v2m_err_set(err, V2M_NOINPUT,
		    "its video is no longer kept");
	default:
		return v2m_err_set(err, V2M_NOINPUT, "it was removed");
	}
}

int
v2m_requeue(struct v2m_services *s, const char *id, bool again,
    struct v2m_err *err)
{
	struct v2m_record r;
	int revived;

	if (v2m_job_find(s->store, id, &r, err) < 0 ||
	    (would_start_anew(&r, again) && has_video(s, r.id, err) < 0))
		return -1;
	revived = v2m_job_revive(s->store, &r, again, err);
	if (revived < 0)
		return -1;
	switch ((enum v2m_revive)revived) {
	case V2M_REVIVED:
		return v2m_announce_video(s, &r, err);
	case V2M_REVIVE_BUSY:
		return 0;
	case V2M_REVIVE_DONE:
		if (r.announced == 0)
			return v2m_announce_end(s, &r, NULL, err);
		break;
	default:
		break;
	}
	return refuse((enum v2m_revive)revived, err);
}

int
v2m_requeue_drop(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	const struct v2m_claims all = { .admin = true };
	struct v2m_record r;

	if (v2m_job_find(s->store, id, &r, err) < 0)
		return -1;
	if (r.state == V2M_DONE)
		return v2m_err_set(err, V2M_FAILED,
		    "it is done (v2m-remove deletes it)");
	return v2m_remove(s, &all, id, err);
}
