#include "flow/tell_again.h"

#include <string.h>

#include "auth/users.h"
#include "base/clock.h"
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
has_account(struct selection *sel, const char *owner)
{
	struct v2m_user user;
	struct v2m_err err;
	int ret = v2m_users_get(sel->users, owner, &user, &err);

	explicit_bzero(&user, sizeof user);
	if (ret == 0)
		return 1;
	if (err.code == V2M_NOINPUT || err.code == V2M_USAGE)
		return 0;
	*sel->err = err;
	return -1;
}

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

/* 0 with *why, NULL where there is nothing against it; -1. */
static int
find_useless(struct selection *sel, const struct v2m_record *r,
    const char **why)
{
	int there = 1;

	*why = NULL;
	if (r->notify_failure == V2M_DATA) {
		*why = "there is no such address";
	} else if ((there = has_account(sel, r->owner)) == 0) {
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

	if (r->told != V2M_TOLD_FAILED ||
	    r->notify_since < f->since || (f->reason != NULL &&
	    strcasestr(r->notify_reason, f->reason) == NULL))
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
	    .undelivered = true };
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

static void
refuse(struct v2m_outcome *o, enum v2m_code code, const char *why)
{
	o->verdict = V2M_SETTLED_FAILED;
	v2m_err_set(&o->err, code, "%s", why);
}

/* A foreign notifier would send it as well. */
static bool
is_ours_to_publish(const struct v2m_services *s, const struct v2m_record *r)
{
	return r->state != V2M_JOB_DONE ||
	    strcmp(v2m_conf_text(s->conf, "notifier"), "foreign") != 0;
}

/* Does it wait for what may never come?  No sweep looks at it any more. */
static bool
is_left(struct v2m_services *s, const struct v2m_record *r)
{
	struct v2m_err err;

	return r->notify_due <= v2m_wall_ms() &&
	    v2m_announce_covers(s, r, &err) == 0;
}

/* true: it is to be sent; else o is filled. */
static bool
begin(struct v2m_services *s, const char *id, bool force,
    struct v2m_outcome *o)
{
	struct v2m_record r;
	int result = -1;

	if (v2m_job_find(s->store, id, &r, &o->err) == 0)
		result = v2m_job_notify_again(s->store, &r, force, &o->err);
	if (result < 0) {
		o->verdict = V2M_SETTLED_FAILED;
		return false;
	}
	switch ((enum v2m_notify_again)result) {
	case V2M_NOTIFY_AGAIN:
		/* Should it not get through, a notifier's sweep finds it. */
		if (is_ours_to_publish(s, &r) &&
		    v2m_publish_end_anew(s, &r, &o->err) < 0)
			v2m_debug("%s: %s", id, o->err.msg);
		o->err.code = V2M_OK;
		return true;
	case V2M_NOTIFY_WAITS:
		if (is_left(s, &r))
			return true;
		v2m_info("%s: it still waits, and is left alone", id);
		o->verdict = V2M_SETTLED_SILENT;
		break;
	case V2M_NOTIFY_WAS_SENT:
		refuse(o, V2M_FAILED, "it was sent (--force sends it again)");
		break;
	case V2M_NOTIFY_NEVER:
		refuse(o, V2M_FAILED, "its owner is not to be told");
		break;
	case V2M_NOTIFY_NO_MP3:
		refuse(o, V2M_NOINPUT, "its MP3 is gone");
		break;
	case V2M_NOTIFY_NO_END:
		if (r.state == V2M_JOB_CANCELLED)
			refuse(o, V2M_NOINPUT, "it was removed");
		else
			refuse(o, V2M_TEMP, "there is nothing to tell yet");
		break;
	}
	return false;
}

/* While another notifier has it, the loop asks again and again. */
void
v2m_tell_again_step(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_outcome *o)
{
	struct v2m_tell_again *again = loop->arg;

	if (strcmp(again->begun, task->id) != 0) {
		v2m_text_copy(again->begun, sizeof again->begun, task->id);
		if (!begin(s, task->id, again->force, o)) {
			again->begun[0] = '\0';
			return;
		}
	}
	v2m_notify_step(loop, s, task, o);
	if (o->verdict != V2M_AGAIN || o->err.code != V2M_OK)
		again->begun[0] = '\0';
}
