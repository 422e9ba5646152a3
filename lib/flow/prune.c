#include "flow/prune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "flow/job.h"
#include "flow/lease.h"
#include "flow/orphan.h"
#include "flow/quota.h"
#include "flow/upload_mark.h"
#include "flow/upload_stream.h"
#include "store/document.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * 60 * 60 * INT64_C(1000))
#define PAGE 200		/* partial uploads or documents at a time */

struct run {
	struct v2m_services *s;
	const struct v2m_prune *p;
	struct v2m_prune_rules rules;
	struct v2m_err err;	/* what ended it */
};

/* 0 to go on; 1 to end after a signal, or if the store is away: everything else
 * would fail, too. */
static int
note_outcome(struct run *run, const char *id, int ret)
{
	if (ret < 0 && run->err.code == V2M_TEMP)
		return 1;
	if (ret < 0)
		run->p->failed(run->p->arg, id, &run->err);
	run->err.code = V2M_OK;
	return v2m_stop_count() > 0;
}

static int
remove_object(struct run *run, enum v2m_kind kind, const char *id,
    enum v2m_prune_why why)
{
	run->p->found(run->p->arg, id, kind == V2M_VIDEO ? "video" : "mp3",
	    why);
	if (run->p->dry)
		return 0;
	return v2m_store_remove(run->s->store, kind, id, &run->err);
}

/* Change the record first.  If somebody else changed it, leave the object. */
static int
prune_object(struct run *run, enum v2m_kind kind, struct v2m_record *r,
    const char *id, enum v2m_prune_why why)
{
	int moved = 1;

	if (!run->p->dry)
		moved = v2m_job_prune(run->s->store, r, kind == V2M_VIDEO,
		    kind == V2M_MP3, &run->err);
	if (moved == 1 && v2m_fault("prune-recorded", &run->err) < 0)
		return -1;
	return moved == 1 ? remove_object(run, kind, id, why) : moved;
}

/* There is no record.  Our objects have a SHA-256, foreign ones have not. */
static int
judge_unknown(struct run *run, enum v2m_kind kind,
    const struct v2m_object *object)
{
	int64_t keep = kind == V2M_VIDEO ? run->rules.videos :
	    run->rules.unfetched;

	if (run->rules.now - object->created_at < DAY_MS)
		return 0;
	if (object->sha256[0] != '\0')
		return remove_object(run, kind, object->id,
		    V2M_PRUNE_UNKNOWN);
	if (!run->p->foreign ||
	    !v2m_prune_is_over(&run->rules, object->created_at, keep))
		return 0;
	return remove_object(run, kind, object->id, V2M_PRUNE_FOREIGN);
}

static int
judge_video(struct run *run, const struct v2m_object *video)
{
	struct v2m_record r;
	enum v2m_prune_why why;

	if (v2m_store_get(run->s->store, video->id, &r, &run->err) < 0)
		return run->err.code != V2M_NOINPUT ? -1 :
		    judge_unknown(run, V2M_VIDEO, video);
	if (r.state == V2M_JOB_CANCELLED)
		return remove_object(run, V2M_VIDEO, r.id, V2M_PRUNE_REMOVED);
	if (!v2m_job_has_ended(&r))
		return 0;
	if (r.video_gone != 0)
		return remove_object(run, V2M_VIDEO, r.id,
		    V2M_PRUNE_WAS_PRUNED);
	why = v2m_prune_video(&run->rules, &r);
	return why == V2M_PRUNE_STAYS ? 0 :
	    prune_object(run, V2M_VIDEO, &r, r.id, why);
}

/* The record is read after the MP3 was seen, as v2m_orphans_remove() has it. */
static int
judge_mp3(struct run *run, const struct v2m_object *mp3)
{
	struct v2m_store *store = run->s->store;
	struct v2m_record r;
	enum v2m_prune_why why;
	int got = mp3->video[0] != '\0' ?
	    v2m_store_get(store, mp3->video, &r, &run->err) :
	    v2m_store_get_by_mp3(store, mp3->id, &r, &run->err);

	if (got < 0)
		return run->err.code != V2M_NOINPUT ? -1 :
		    judge_unknown(run, V2M_MP3, mp3);
	if (!v2m_orphan_wanted(&r, mp3)) {
		if (r.state != V2M_JOB_CANCELLED &&
		    run->rules.now - mp3->created_at < DAY_MS)
			return 0;
		return remove_object(run, V2M_MP3, mp3->id,
		    r.state == V2M_JOB_CANCELLED ? V2M_PRUNE_REMOVED :
		    V2M_PRUNE_UNNAMED);
	}
	if (strcmp(r.mp3, mp3->id) != 0)
		return 0;
	why = v2m_prune_mp3(&run->rules, &r);
	return why == V2M_PRUNE_STAYS ? 0 :
	    prune_object(run, V2M_MP3, &r, mp3->id, why);
}

/* The same of a record that the store found to be old. */
static int
judge_old_mp3(struct run *run, struct v2m_record *r)
{
	enum v2m_prune_why why = r->mp3[0] == '\0' ? V2M_PRUNE_STAYS :
	    v2m_prune_mp3(&run->rules, r);
	char mp3[V2M_ID_SIZE];

	memcpy(mp3, r->mp3, sizeof mp3);
	return why == V2M_PRUNE_STAYS ? 0 :
	    prune_object(run, V2M_MP3, r, mp3, why);
}

/* The store lists the video of a done job without MP3 as one that no record
 * wants: each_object() finds it. */
static int
judge_old_video(struct run *run, struct v2m_record *r)
{
	enum v2m_prune_why why = r->video_gone != 0 ||
	    (r->state == V2M_JOB_DONE && r->mp3[0] == '\0') ? V2M_PRUNE_STAYS :
	    v2m_prune_video(&run->rules, r);

	return why == V2M_PRUNE_STAYS ? 0 :
	    prune_object(run, V2M_VIDEO, r, r->id, why);
}

/* The same, without those that V2M_OLD_VIDEO found: in a dry run they are still
 * there, and would be reported twice. */
static int
judge_other_video(struct run *run, struct v2m_record *r)
{
	return v2m_prune_is_over(&run->rules, v2m_prune_ended_at(r),
	    run->rules.videos) ? 0 : judge_old_video(run, r);
}

static int
each_video(void *arg, const struct v2m_object *video)
{
	return note_outcome(arg, video->id, judge_video(arg, video));
}

static int
each_mp3(void *arg, const struct v2m_object *mp3)
{
	return note_outcome(arg, mp3->id, judge_mp3(arg, mp3));
}

/* 1, 0, -1.  A video that the store lists without a file counts as there, so
 * that it is removed: an upload on a full disk may leave one. */
static int
find_video(struct run *run, const char *id, struct v2m_object *video)
{
	int has = v2m_store_stat(run->s->store, V2M_VIDEO, id, video,
	    &run->err);

	return has < 0 && run->err.code == V2M_IO &&
	    run->err.sys == ENOENT ? 1 : has;
}

static int
has_video(struct run *run, const char *id)
{
	return find_video(run, id, NULL);
}

static int
forget_job(struct run *run, const char *id, enum v2m_prune_why why)
{
	run->p->found(run->p->arg, id, "record", why);
	if (run->p->dry)
		return 0;
	return v2m_store_forget(run->s->store, id, &run->err);
}

/* A job that has ended, and whose video and MP3 are gone. */
static int
judge_ended(struct run *run, struct v2m_record *r)
{
	int has;

	if (!v2m_prune_record(&run->rules, r))
		return 0;
	has = has_video(run, r->id);
	return has != 0 ? has : forget_job(run, r->id, V2M_PRUNE_KEEP_RECORDS);
}

/* May more bytes of the upload come, or did some come in the last day?  1, 0,
 * -1. */
static int
is_young(struct run *run, const struct v2m_record *r)
{
	struct v2m_partial partial = { .rev = 0 };
	struct v2m_object video = { .created_at = 0 };
	int has;

	if (v2m_lease_upload_ended(r, run->rules.now))
		return run->rules.now - r->until < HOUR_MS;
	if (run->rules.now - r->created_at < DAY_MS)
		return 1;
	if (v2m_partial_get(run->s->store, r->id, &partial, &run->err) == 0) {
		v2m_partial_clear(&partial);
		return 1;	/* judge_partial()'s, in its time */
	}
	if (run->err.code != V2M_NOINPUT)
		return -1;
	has = find_video(run, r->id, &video);
	return has != 1 ? has : run->rules.now - video.created_at < DAY_MS;
}

/* An upload that was broken off. */
static int
judge_new(struct run *run, struct v2m_record *r)
{
	int moved = 1, has, young = is_young(run, r);

	if (young != 0)
		return young < 0 ? -1 : 0;
	if (!run->p->dry)
		moved = v2m_job_cancel(run->s->store, r, &run->err);
	if (moved != 1)
		return moved;
	has = has_video(run, r->id);
	if (has < 0 || (has == 1 && remove_object(run, V2M_VIDEO, r->id,
	    V2M_PRUNE_NEVER_ENDED) < 0))
		return -1;
	if (!run->p->dry && (v2m_partial_drop(run->s->store, r->id,
	    &run->err) < 0 || v2m_quota_release(run->s, r->owner, r->id,
	    &run->err) < 0))
		return -1;
	return forget_job(run, r->id, V2M_PRUNE_NEVER_ENDED);
}

struct turn {
	struct run *run;
	int (*judge)(struct run *run, struct v2m_record *r);
};

static int
judge_record(void *arg, struct v2m_record *r)
{
	struct turn *t = arg;

	return note_outcome(t->run, r->id, t->judge(t->run, r));
}

static int
each_record(struct run *run, const struct v2m_filter *filter,
    int (*judge)(struct run *run, struct v2m_record *r))
{
	struct turn t = { run, judge };

	return v2m_store_each(run->s->store, filter, judge_record, &t,
	    &run->err);
}

/* Judge the records of a state (-1: any) that have been `old` in this way for
 * the time keep; keep 0 means for ever. */
static int
each_old(struct run *run, int state, enum v2m_old old, int64_t keep,
    int (*judge)(struct run *run, struct v2m_record *r))
{
	const struct v2m_filter filter = { .state = state, .old = old,
	    .before_ms = run->rules.now - keep };

	return keep == 0 ? 0 : each_record(run, &filter, judge);
}

/* Does the store know which objects no record wants, so that we need not look
 * at all of them? */
static bool
is_indexed(const struct run *run)
{
	return !run->p->full && v2m_store_knows_loose(run->s->store);
}

static int
each_object(struct run *run, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object))
{
	struct v2m_store *store = run->s->store;

	if (is_indexed(run))
		return v2m_store_loose(store, kind, each, run, &run->err);
	if (run->p->indexed)
		return 0;
	return v2m_store_objects(store, kind, NULL, each, run, &run->err);
}

static int
each_old_mp3(struct run *run)
{
	int ret = each_old(run, -1, V2M_OLD_FETCHED, run->rules.fetched,
	    judge_old_mp3);

	if (ret == 0)
		ret = each_old(run, -1, V2M_OLD_UNFETCHED, run->rules.unfetched,
		    judge_old_mp3);
	if (ret == 0)
		ret = each_old(run, -1, V2M_OLD_FAILED, run->rules.failed,
		    judge_old_mp3);
	return ret;
}

static int
each_old_video(struct run *run)
{
	int ret = each_old(run, -1, V2M_OLD_VIDEO, run->rules.videos,
	    judge_old_video);

	if (ret == 0)
		ret = each_old(run, -1, V2M_OLD_FETCHED, run->rules.fetched,
		    judge_other_video);
	if (ret == 0)
		ret = each_old(run, -1, V2M_OLD_UNFETCHED, run->rules.unfetched,
		    judge_other_video);
	if (ret == 0)
		ret = each_old(run, -1, V2M_OLD_FAILED, run->rules.failed,
		    judge_old_video);
	return ret;
}

static int
judge_partial(struct run *run, const struct v2m_partial *partial)
{
	int gone = run->p->dry ? 1 :
	    v2m_upload_stream_expire(run->s, partial->id, &run->err);

	if (gone == 1)
		run->p->found(run->p->arg, partial->id, "part",
		    V2M_PRUNE_NOT_CONTINUED);
	return gone < 0 ? -1 : 0;
}

static int
each_partial(struct run *run)
{
	char after[V2M_ID_SIZE] = "";
	struct v2m_partial *list;
	size_t i, n;
	int ret = 0;

	do {
		if (v2m_partial_list(run->s->store, run->rules.now, after, PAGE,
		    &list, &n, &run->err) < 0)
			return -1;
		for (i = 0; i < n && ret == 0; i++)
			ret = note_outcome(run, list[i].id, judge_partial(run,
			    &list[i]));
		if (n > 0)
			memcpy(after, list[n - 1].id, sizeof after);
		free(list);
	} while (ret == 0 && n == PAGE);
	return ret;
}

/* Remove documents (tickets, ledgers, ...) whose time is over.  They are not
 * reported: users do not know them. */
static int
drop_notes(struct run *run, const char *kind)
{
	struct v2m_document *list;
	char after[V2M_DOCUMENT_KEY] = "";
	size_t i, n;
	int ret = 0;

	do {
		if (v2m_document_list(run->s->store, kind, run->rules.now,
		    after, PAGE, &list, &n, &run->err) < 0)
			return -1;
		for (i = 0; i < n && ret == 0 && !run->p->dry; i++)
			ret = v2m_document_drop(run->s->store, kind,
			    list[i].key, list[i].rev, &run->err) < 0 ? -1 : 0;
		if (n > 0)
			memcpy(after, list[n - 1].key, sizeof after);
		v2m_documents_free(list, n);
	} while (ret == 0 && n == PAGE);
	return ret;
}

static int
each_note(struct run *run)
{
	static const char *const kinds[] = { V2M_QUOTA_DOCUMENT,
	    V2M_TICKET_DOCUMENT, V2M_TICKETS_DOCUMENT, V2M_PROXY_DOCUMENT,
	    V2M_MARK_DOCUMENT };
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof kinds / sizeof *kinds && ret == 0; i++)
		ret = note_outcome(run, kinds[i], drop_notes(run, kinds[i]));
	return ret;
}

static void
report_file(void *arg, const char *name)
{
	struct run *run = arg;

	run->p->found(run->p->arg, name, "file", V2M_PRUNE_WRITER_DIED);
}

static int
prune_objects(struct run *run)
{
	int ret = each_object(run, V2M_MP3, each_mp3);

	if (ret == 0 && is_indexed(run))
		ret = each_old_mp3(run);
	if (ret == 0)
		ret = each_object(run, V2M_VIDEO, each_video);
	if (ret == 0 && is_indexed(run))
		ret = each_old_video(run);
	return ret;
}

/* Videos before their records: a record goes only after its video. */
static int
prune_all(struct run *run)
{
	static const enum v2m_state ended[] = { V2M_JOB_DONE, V2M_JOB_FAILED,
		V2M_JOB_CANCELLED };
	const struct v2m_filter new = { .state = V2M_JOB_NEW };
	size_t i;
	int ret;

	ret = each_partial(run);
	if (ret == 0)
		ret = each_note(run);
	if (ret == 0)
		ret = each_record(run, &new, judge_new);
	if (ret == 0)
		ret = prune_objects(run);
	for (i = 0; i < sizeof ended / sizeof *ended && ret == 0; i++)
		ret = each_old(run, (int)ended[i], V2M_OLD_RECORD,
		    run->rules.records, judge_ended);
	if (ret == 0 && !run->p->indexed)
		ret = v2m_store_tidy(run->s->store, run->rules.now - DAY_MS,
		    run->p->dry, run->p->full, report_file, run, &run->err);
	return ret;
}

int
v2m_prune(struct v2m_services *s, const struct v2m_prune *p,
    struct v2m_err *err)
{
	struct run run = { .s = s, .p = p };
	int ret;

	v2m_prune_rules_read(&run.rules, s->conf);
	if (v2m_store_now(s->store, &run.rules.now, err) < 0)
		return -1;
	ret = prune_all(&run);
	if (ret < 0 || run.err.code == V2M_TEMP)
		return v2m_err_pass(err, &run.err);
	return 0;
}
