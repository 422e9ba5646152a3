/* Jobs, and whether what they name is there. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/stop.h"
#include "flow/check_private.h"
#include "flow/job.h"
#include "flow/lease.h"

#define NEWEST 1000		/* jobs that are looked at in any case */

int
v2m_check_go_on(int ret)
{
	return ret < 0 ? -1 : v2m_stop_count() > 0;
}

int
v2m_check_object(struct v2m_check_run *run, enum v2m_kind kind, const char *id,
    struct v2m_object *object)
{
	int found = v2m_store_stat(run->s->store, kind, id, object,
	    &run->err);

	if (found >= 0)
		return found == 1 ? V2M_CHECK_THERE : V2M_CHECK_MISSING;
	if (run->err.code == V2M_IO && run->err.sys == ENOENT)
		return V2M_CHECK_MISSING;
	return run->err.code == V2M_IO || v2m_err_is_access(&run->err) ?
	    V2M_CHECK_DAMAGED : V2M_CHECK_ERROR;
}

/* Is the record still as it was when its objects were looked for? */
static int
is_unchanged(struct v2m_check_run *run, const struct v2m_record *r)
{
	struct v2m_record now;

	if (v2m_store_get(run->s->store, r->id, &now, &run->err) < 0)
		return run->err.code == V2M_NOINPUT ? 0 : -1;
	return now.rev == r->rev;
}

static int
check_video(struct v2m_check_run *run, const struct v2m_record *r, int has,
    const struct v2m_err *why)
{
	bool ended = v2m_job_has_ended(r);
	int same;

	if (has == V2M_CHECK_THERE || r->state == V2M_JOB_NEW ||
	    r->state == V2M_JOB_CANCELLED || r->video_gone != 0)
		return 0;
	same = is_unchanged(run, r);
	if (same == 1 && has == V2M_CHECK_DAMAGED)
		v2m_check_report(run, r->id, v2m_check_restores(why->sys),
		    "its video: %s", why->msg);
	else if (same == 1)
		v2m_check_report(run, r->id, ended ? V2M_REMEDY_NOTE :
		    V2M_REMEDY_RESTORE, "its video is missing%s", ended ? "" :
		    ": it will fail when its turn comes");
	return same < 0 ? -1 : 0;
}

static int
check_mp3(struct v2m_check_run *run, const struct v2m_record *r, bool has_video)
{
	enum v2m_remedy remedy = has_video ? V2M_REMEDY_AGAIN :
	    V2M_REMEDY_RESTORE;
	struct v2m_object mp3;
	char why[sizeof run->err.msg];
	int has, same;

	if (r->state != V2M_JOB_DONE || r->mp3[0] == '\0')
		return 0;
	has = v2m_check_object(run, V2M_MP3, r->mp3, &mp3);
	if (has == V2M_CHECK_ERROR || (has == V2M_CHECK_THERE && mp3.length ==
	    r->mp3_length))
		return has == V2M_CHECK_ERROR ? -1 : 0;
	memcpy(why, run->err.msg, sizeof why);
	if (has == V2M_CHECK_DAMAGED && v2m_check_restores(run->err.sys) ==
	    V2M_REMEDY_ACCESS)
		remedy = V2M_REMEDY_ACCESS;
	same = is_unchanged(run, r);
	if (same == 1 && has == V2M_CHECK_MISSING)
		v2m_check_report(run, r->id, remedy, "its MP3 %s is missing",
		    r->mp3);
	else if (same == 1 && has == V2M_CHECK_DAMAGED)
		v2m_check_report(run, r->id, remedy, "its MP3: %s", why);
	else if (same == 1)
		v2m_check_report(run, r->id, remedy, "its MP3 %s has %" PRId64
		    " bytes, not %" PRId64, r->mp3, mp3.length, r->mp3_length);
	return same < 0 ? -1 : 0;
}

/* V2M_BUG is a fault of v2m, or an attack: the administrator should know. */
static void
check_failure(struct v2m_check_run *run, const struct v2m_record *r)
{
	if (r->state == V2M_JOB_FAILED && r->failure == V2M_BUG)
		v2m_check_report(run, r->id, V2M_REMEDY_UPGRADE, "failed: %s",
		    r->reason);
}

bool
v2m_check_wrong_lease(const struct v2m_check_run *run,
    const struct v2m_record *r)
{
	return r->state == V2M_JOB_RUNNING &&
	    v2m_lease_is_wrong(r->until, r->lease_ms, run->now);
}

/* A wrong lease holds nothing up, but it shows that a clock was wrong. */
static void
check_leases(struct v2m_check_run *run, const struct v2m_record *r)
{
	int64_t hour = INT64_C(3600000);

	if (v2m_check_wrong_lease(run, r))
		v2m_check_report(run, r->id, V2M_REMEDY_PUBLISH,
		    "its worker's lease "
		    "ends in %" PRId64 " h: a clock was ahead, so it counts "
		    "as run out", (r->until - run->now) / hour);
	if (r->told == V2M_TOLD_SENDING &&
	    v2m_lease_is_wrong(r->notify_until, r->notify_lease_ms, run->now))
		v2m_check_report(run, r->id, V2M_REMEDY_NOTIFY,
		    "its notifier's lease "
		    "ends in %" PRId64 " h: a clock was ahead, so it counts "
		    "as run out", (r->notify_until - run->now) / hour);
}

static int
check_record(void *arg, struct v2m_record *r)
{
	struct v2m_check_run *run = arg;
	int has = v2m_check_object(run, V2M_VIDEO, r->id, NULL);
	struct v2m_err why = run->err;

	check_failure(run, r);
	check_leases(run, r);
	if (has == V2M_CHECK_ERROR || check_video(run, r, has, &why) < 0)
		return -1;
	return v2m_check_go_on(check_mp3(run, r, has == V2M_CHECK_THERE));
}

static int
check_new(void *arg, struct v2m_record *r)
{
	struct v2m_check_run *run = arg;

	memcpy(run->oldest, r->id, sizeof run->oldest);
	return check_record(run, r);
}

static int
check_old(void *arg, struct v2m_record *r)
{
	struct v2m_check_run *run = arg;

	return strcmp(r->id, run->oldest) >= 0 ? 0 : check_record(run, r);
}

/* Waiting jobs, and failures with V2M_BUG, are checked by check_old(). */
static int
check_old_notice(void *arg, struct v2m_record *r)
{
	struct v2m_check_run *run = arg;

	if (strcmp(r->id, run->oldest) < 0 && (r->state == V2M_JOB_DONE ||
	    (r->state == V2M_JOB_FAILED && r->failure != V2M_BUG)))
		check_leases(run, r);
	return v2m_stop_count() > 0;
}

static int
each(struct v2m_check_run *run, const struct v2m_filter *filter,
    int (*check)(void *arg, struct v2m_record *r))
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_store_each(run->s->store, filter, check, run, &err);

	if (err.code != V2M_OK)
		run->err = err;
	return ret;
}

/* The newest jobs, and of the older ones those that wait or are in trouble. */
static int
check_likely(struct v2m_check_run *run)
{
	static const enum v2m_state waiting[] = { V2M_JOB_HELD, V2M_JOB_QUEUED,
		V2M_JOB_RUNNING };
	const struct v2m_filter newest = { .state = -1, .newest_first = true,
	    .limit = NEWEST };
	const struct v2m_filter faults = { .state = V2M_JOB_FAILED,
	    .failure = V2M_BUG };
	const struct v2m_filter notices = { .state = -1,
	    .sending = true };
	struct v2m_filter filter = { .state = -1 };
	int ret = each(run, &newest, check_new);
	size_t i;

	for (i = 0; i < 3 && ret == 0; i++) {
		filter.state = (int)waiting[i];
		ret = each(run, &filter, check_old);
	}
	if (ret == 0)
		ret = each(run, &faults, check_old);
	if (ret == 0)
		ret = each(run, &notices, check_old_notice);
	return ret;
}

int
v2m_check_records(struct v2m_check_run *run)
{
	const struct v2m_filter all = { .state = -1 };

	return run->depth == V2M_CHECK_INDEXED ? check_likely(run) :
	    each(run, &all, check_record);
}
