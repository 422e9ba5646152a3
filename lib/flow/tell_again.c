#include "flow/tell_again.h"

#include <string.h>

#include "auth/users.h"
#include "base/clock.h"
#include "base/fold.h"
#include "base/log.h"
#include "flow/announce.h"
#include "flow/notify.h"
#include "flow/publish.h"

/* --- which --- */

struct selection {
	struct v2m_services *s;
	struct v2m_users *users;
	const struct v2m_untold_filter *filter;
	int (*each)(void *arg, const struct v2m_record *r,
	    const char *useless);
	void *arg;
	struct v2m_err *err;
};

/* 1, 0, -1. */
static int
has_mp3(struct selection *sel, const struct v2m_record *r)
{
	struct v2m_err err;
	int there;

	if (r->mp3[0] == '\0')
		return 0;
	there = v2m_store_stat(sel->s->store, V2M_MP3, r->mp3, NULL, &err);
	if (there < 0 && err.code == V2M_IO)
		return 0;
	if (there < 0)
		*sel->err = err;
	return there;
}

/* Set *why to the reason why sending again would not help, or NULL.  0, -1. */
static int
find_useless(struct selection *sel, const struct v2m_record *r,
    const char **why)
{
	int there = 1;

	*why = NULL;
	if (r->notify_failure == V2M_DATA) {
		*why = "there is no such address";
	} else if ((there = v2m_users_has(sel->users, r->owner,
	    sel->err)) == 0) {
		*why = "there is no such account any more";
	} else if (there == 1 && r->state == V2M_JOB_DONE &&
	    (there = has_mp3(sel, r)) == 0) {
		*why = "its MP3 is gone";
	}
	return there < 0 ? -1 : 0;
}

static int
visit(void *arg, struct v2m_record *r)
{
	struct selection *sel = arg;
	const struct v2m_untold_filter *f = sel->filter;
	const char *useless;

	if ((r->told != V2M_TOLD_FAILED && !f->maybe) ||
	    r->notify_since < f->since || (f->reason != NULL &&
	    !v2m_fold_has(r->notify_reason, f->reason)))
		return 0;
	return find_useless(sel, r, &useless) < 0 ? -1 :
	    sel->each(sel->arg, r, useless);
}

int
v2m_tell_again_select(struct v2m_services *s,
    const struct v2m_untold_filter *filter, int (*each)(void *arg,
    const struct v2m_record *r, const char *useless), void *arg,
    struct v2m_err *err)
{
	const struct v2m_filter undelivered = { .state = -1,
	    .undelivered = true, .after = filter->after };
	struct selection sel = { s, v2m_users_open(s->conf, err), filter, each,
	    arg, err };
	int ret;

	if (sel.users == NULL)
		return -1;
	ret = v2m_store_each(s->store, &undelivered, visit, &sel, err);
	v2m_users_close(sel.users);
	return ret;
}

/* --- once more --- */

static int
refuse(enum v2m_notify_again why, const struct v2m_record *r,
    const char *hint, struct v2m_err *err)
{
	switch (why) {
	case V2M_NOTIFY_WAS_SENT:
		return v2m_err_set(err, V2M_FAILED, "it was sent (%s)", hint);
	case V2M_NOTIFY_NEVER:
		return v2m_err_set(err, V2M_FAILED,
		    "its owner is not to be told");
	case V2M_NOTIFY_NO_MP3:
		return v2m_err_set(err, V2M_NOINPUT, "its MP3 is gone");
	default:
		break;
	}
	if (r->state == V2M_JOB_CANCELLED)
		return v2m_err_set(err, V2M_NOINPUT, "it was removed");
	return v2m_err_busy(err, "there is nothing to tell yet");
}

/* 1: the record now says that it is to be sent; 0: it said so before; -1. */
static int
begin_anew(struct v2m_services *s, const char *id, bool force,
    const char *hint, struct v2m_record *r, struct v2m_err *err)
{
	int result;

	if (v2m_job_find(s->store, id, r, err) < 0)
		return -1;
	result = v2m_job_notify_again(s->store, r, force, err);
	if (result < 0)
		return -1;
	if (result == V2M_NOTIFY_AGAIN || result == V2M_NOTIFY_WAITS)
		return result == V2M_NOTIFY_AGAIN;
	return refuse((enum v2m_notify_again)result, r, hint, err);
}

/* A foreign notifier would send it as well. */
static bool
is_ours_to_publish(const struct v2m_services *s, const struct v2m_record *r)
{
	return r->state != V2M_JOB_DONE ||
	    strcmp(v2m_conf_text(s->conf, "notifier"), "foreign") != 0;
}

/* Does it wait for a message that may be lost, and no sweep will publish it
 * again? */
static bool
is_left(struct v2m_services *s, const struct v2m_record *r)
{
	struct v2m_err err;

	return r->notify_due <= v2m_wall_ms() &&
	    v2m_announce_covers(s, r, &err) == 0;
}

int
v2m_tell_again(struct v2m_services *s, const char *id, bool force,
    const char *hint, struct v2m_err *err)
{
	struct v2m_record r;
	int begun = begin_anew(s, id, force, hint, &r, err);

	if (begun < 0)
		return -1;
	return begun == 1 || is_left(s, &r) ?
	    v2m_publish_end_anew(s, &r, err) : 0;
}

/* true: it is to be sent; else o is filled. */
static bool
begin(struct v2m_services *s, const char *id,
    const struct v2m_tell_again *again, struct v2m_outcome *o)
{
	struct v2m_record r;
	int begun = begin_anew(s, id, again->force, again->hint, &r, &o->err);

	if (begun < 0) {
		o->verdict = V2M_SETTLED_FAILED;
		return false;
	}
	if (begun == 0 && !is_left(s, &r)) {
		v2m_info("%s: it still waits, and was not changed", id);
		o->verdict = V2M_SETTLED_SILENT;
		return false;
	}
	/* If this fails, the sweep of a notifier publishes it. */
	if (begun == 1 && is_ours_to_publish(s, &r) &&
	    v2m_publish_end_anew(s, &r, &o->err) < 0)
		v2m_debug("%s: %s", id, o->err.msg);
	o->err.code = V2M_OK;
	return true;
}

/* While another notifier has it, the loop calls this again and again: `begun`
 * remembers that the first part was done. */
void
v2m_tell_again_step(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_outcome *o)
{
	struct v2m_tell_again *again = loop->arg;

	if (strcmp(again->begun, task->id) != 0) {
		v2m_text_copy(again->begun, sizeof again->begun, task->id);
		if (!begin(s, task->id, again, o)) {
			again->begun[0] = '\0';
			return;
		}
	}
	v2m_notify_step(loop, s, task, o);
	if (o->verdict != V2M_AGAIN || o->err.code != V2M_OK)
		again->begun[0] = '\0';
}
