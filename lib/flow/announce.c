#include "flow/announce.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/line.h"
#include "flow/publish.h"
#include "flow/taken.h"
#include "store/document.h"

#define KIND V2M_SINCE_DOCUMENT
#define KEY "notices"
#define RESTORED "restored"

/* --- since when --- */

struct since {
	int64_t at;		/* wall ms */
	bool foreign;		/* a foreign notifier was configured then */
};

/* Stored as "TIME" or "TIME foreign". */
#define FOREIGN "foreign"

/* 1; 0: there is no such document, and *since is zeroed; -1. */
static int
read_since(struct v2m_store *store, const char *key, struct since *since,
    struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	int ret = v2m_document_get(store, KIND, key, &d, err);
	char *end;

	memset(since, 0, sizeof *since);
	if (ret == 1) {
		since->at = strtoll(v2m_document_text(&d), &end, 10);
		since->foreign = strcmp(end, " " FOREIGN) == 0;
	}
	v2m_document_clear(&d);
	return ret;
}

static int
begin_now(struct v2m_store *store, const char *key, bool anew, bool foreign,
    struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	char text[32];
	int64_t now;
	int ret = v2m_document_get(store, KIND, key, &d, err);

	if (ret == 0 || (ret == 1 && anew)) {
		ret = -1;
		if (v2m_store_now(store, &now, err) < 0)
			goto out;
		snprintf(text, sizeof text, "%" PRId64 "%s", now,
		    foreign ? " " FOREIGN : "");
		if (v2m_document_set(&d, text, err) == 0)
			ret = v2m_document_put(store, &d, err);
	}
out:
	v2m_document_clear(&d);
	return ret < 0 ? -1 : 0;
}

int
v2m_announce_init(const struct v2m_conf *conf, bool anew, struct v2m_err *err)
{
	struct v2m_store *store = v2m_store_open(conf, err);
	int ret;

	if (store == NULL)
		return -1;
	ret = begin_now(store, KEY, anew, false, err);
	if (ret == 0 && anew)
		ret = begin_now(store, RESTORED, true, false, err);
	v2m_store_close(store);
	return ret;
}

int
v2m_announce_restored(struct v2m_services *s, int64_t *when,
    struct v2m_err *err)
{
	struct since restored;
	int ret = read_since(s->store, RESTORED, &restored, err);

	*when = restored.at;
	return ret < 0 ? -1 : 0;
}

int
v2m_announce_is_set_up(struct v2m_store *store, struct v2m_err *err)
{
	struct since since;

	return read_since(store, KEY, &since, err);
}

/* From which time on ends are published again (*since).  1; 0: none are; -1. */
static int
get_since(struct v2m_services *s, bool look, int64_t *since,
    struct v2m_err *err)
{
	int64_t give_up = v2m_conf_number(s->conf, "give_up_after"), now;
	struct since begun;
	int ret;

	/* When a notifier of ours takes over from it, it will not know which
	 * notices were sent: so note the time, at each sweep. */
	if (strcmp(v2m_conf_text(s->conf, "notifier"), "foreign") == 0)
		return look ? 0 : begin_now(s->store, KEY, true, true, err);
	if ((ret = read_since(s->store, KEY, &begun, err)) <= 0)
		return ret;
	/* It may have sent more notices since that time: begin now. */
	if (begun.foreign)
		return look ? 0 : begin_now(s->store, KEY, true, false, err);
	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	*since = begun.at;
	if (give_up > 0 && *since < now - give_up)
		*since = now - give_up;
	return 1;
}

/* --- the lost ones --- */

static bool
has_something_to_tell(const struct v2m_record *r)
{
	return r->owner[0] != '\0' && (r->state == V2M_JOB_FAILED ||
	    r->mp3[0] != '\0');
}

struct ends {
	struct v2m_services *s;
	struct v2m_line line;
	unsigned most, n;
	int (*look)(void *arg, const struct v2m_record *r);	/* or NULL */
	void *arg;
	struct v2m_err *err;
};

static int
one_end(void *arg, struct v2m_record *r)
{
	struct ends *e = arg;
	int done;

	if (!v2m_line_lost_end(&e->line, r) || !has_something_to_tell(r))
		return 0;
	if (e->look != NULL)
		return e->look(e->arg, r);
	done = v2m_publish_end_again(e->s, r, e->err);
	if (done < 0)
		return -1;
	e->n += (unsigned)done;
	return 0;
}

/* The oldest first, as many as may be published. */
static int
publish_lost(struct ends *e, struct v2m_filter *filter, struct v2m_err *err)
{
	if (e->line.before <= 0 || e->n >= e->most)
		return 0;
	filter->untold_before = e->line.before;
	filter->oldest = true;
	filter->limit = (int)(e->most - e->n);
	return v2m_store_each(e->s->store, filter, one_end, e, err);
}

static int
each_of(struct ends *e, enum v2m_state state, const char *queue,
    int64_t since, struct v2m_err *err)
{
	struct v2m_filter pausing = { .state = (int)state, .untold = true };
	struct v2m_filter filter = { .state = (int)state, .untold = true,
	    .done_after = since };

	if (v2m_store_now(e->s->store, &pausing.notify_due_after, err) < 0 ||
	    v2m_line_look(e->s, queue, &pausing, &e->line, err) < 0)
		return -1;
	return e->look == NULL ? publish_lost(e, &filter, err) :
	    v2m_store_each(e->s->store, &filter, one_end, e, err);
}

/* Foreign notifiers read the queue of MP3s, too.  If no notifier of ours has
 * read it since, it may be theirs, and which notices they sent is not known. */
static int
is_ours(struct ends *e, const char *queue, int64_t since, struct v2m_err *err)
{
	int64_t newest, seen;

	if (e->look != NULL)
		return 1;
	return v2m_taken_newest(e->s, queue, &newest, &seen, err) < 0 ? -1 :
	    seen > since;
}

static int
announce(struct ends *e, struct v2m_err *err)
{
	const char *mp3 = v2m_conf_text(e->s->conf, "queue_mp3");
	int64_t since = 0;
	int ours, ret = get_since(e->s, e->look != NULL, &since, err);

	e->err = err;
	if (ret != 1)
		return ret;
	ours = is_ours(e, mp3, since, err);
	if (ours < 0)
		return -1;
	ret = each_of(e, V2M_JOB_FAILED, V2M_QUEUE_NOTIFY, since, err);
	if (ret == 0 && ours == 1)
		ret = each_of(e, V2M_JOB_DONE, mp3, since, err);
	return ret;
}

int
v2m_announce_covers(struct v2m_services *s, const struct v2m_record *r,
    struct v2m_err *err)
{
	int64_t since = 0;
	int ret = get_since(s, true, &since, err);

	return ret != 1 ? ret : r->done_at > since &&
	    r->via != V2M_VIA_PIPE;
}

int
v2m_announce_lost(struct v2m_services *s, unsigned most, unsigned *n,
    struct v2m_err *err)
{
	struct ends e = { .s = s, .most = most };
	int ret = announce(&e, err);

	*n = e.n;
	return ret;
}

int
v2m_announce_look(struct v2m_services *s,
    int (*each)(void *arg, const struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct ends e = { .s = s, .look = each, .arg = arg };

	return announce(&e, err);
}
