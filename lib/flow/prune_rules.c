#include "flow/prune_rules.h"

#include "flow/job.h"
#include "flow/lease.h"

/* Where give_up_after is never: a week. */
#define NOTIFY_MS (7 * 24 * 60 * 60 * INT64_C(1000))

const char *
v2m_prune_word(enum v2m_prune_why why)
{
	static const char *const words[] = {
		[V2M_PRUNE_STAYS] = "stays",
		[V2M_PRUNE_KEEP_VIDEOS] = "keep_videos",
		[V2M_PRUNE_KEEP_FETCHED] = "keep_fetched",
		[V2M_PRUNE_KEEP_UNFETCHED] = "keep_unfetched",
		[V2M_PRUNE_KEEP_FAILED] = "keep_failed",
		[V2M_PRUNE_KEEP_RECORDS] = "keep_records",
		[V2M_PRUNE_REMOVED] = "removed",
		[V2M_PRUNE_NO_MP3] = "its MP3 is gone",
		[V2M_PRUNE_WAS_PRUNED] = "was pruned",
		[V2M_PRUNE_UNKNOWN] = "no record knows it",
		[V2M_PRUNE_UNNAMED] = "no record names it",
		[V2M_PRUNE_FOREIGN] = "foreign, without a record",
		[V2M_PRUNE_NEVER_ENDED] = "its upload never ended",
		[V2M_PRUNE_NOT_CONTINUED] = "it was not continued",
		[V2M_PRUNE_WRITER_DIED] = "its writer died",
	};

	return words[why];
}

bool
v2m_prune_is_kept_time(enum v2m_prune_why why)
{
	return why >= V2M_PRUNE_KEEP_VIDEOS && why <= V2M_PRUNE_KEEP_RECORDS;
}

void
v2m_prune_rules_read(struct v2m_prune_rules *rules, const struct v2m_conf *conf)
{
	rules->videos = v2m_conf_number(conf, "keep_videos");
	rules->fetched = v2m_conf_number(conf, "keep_fetched");
	rules->unfetched = v2m_conf_number(conf, "keep_unfetched");
	rules->failed = v2m_conf_number(conf, "keep_failed");
	rules->records = v2m_conf_number(conf, "keep_records");
	rules->notify_ms = v2m_conf_number(conf, "give_up_after");
	if (rules->notify_ms == 0)
		rules->notify_ms = NOTIFY_MS;
}

bool
v2m_prune_is_over(const struct v2m_prune_rules *rules, int64_t since,
    int64_t keep)
{
	return keep > 0 && rules->now - since >= keep;
}

int64_t
v2m_prune_ended_at(const struct v2m_record *r)
{
	return r->done_at != 0 ? r->done_at : r->created_at;
}

/* Was the owner notified, or will that not happen any more?  A foreign notifier
 * records nothing, and a job of a pipe may have no notifier. */
static bool
is_notified(const struct v2m_prune_rules *rules, const struct v2m_record *r)
{
	if (r->told == V2M_TOLD_SENDING &&
	    !v2m_notify_lease_is_over(r, rules->now))
		return false;
	return r->via == V2M_VIA_PIPE ||
	    (v2m_told_is_over((enum v2m_told)r->told) &&
	    r->notify_generation == r->generation) ||
	    rules->now - v2m_prune_ended_at(r) >= rules->notify_ms;
}

enum v2m_prune_why
v2m_prune_mp3(const struct v2m_prune_rules *rules, const struct v2m_record *r)
{
	int64_t ended = v2m_prune_ended_at(r);

	if (r->state == V2M_JOB_FAILED)
		return v2m_prune_is_over(rules, ended, rules->failed) ?
		    V2M_PRUNE_KEEP_FAILED : V2M_PRUNE_STAYS;
	if (r->state != V2M_JOB_DONE || !is_notified(rules, r))
		return V2M_PRUNE_STAYS;
	if (r->fetched_at != 0)
		return v2m_prune_is_over(rules, r->fetched_at, rules->fetched) ?
		    V2M_PRUNE_KEEP_FETCHED : V2M_PRUNE_STAYS;
	return v2m_prune_is_over(rules, ended, rules->unfetched) ?
	    V2M_PRUNE_KEEP_UNFETCHED : V2M_PRUNE_STAYS;
}

enum v2m_prune_why
v2m_prune_video(const struct v2m_prune_rules *rules, const struct v2m_record *r)
{
	enum v2m_prune_why why;

	if (r->state != V2M_JOB_DONE)
		return v2m_prune_mp3(rules, r);
	if (v2m_prune_is_over(rules, v2m_prune_ended_at(r), rules->videos))
		return V2M_PRUNE_KEEP_VIDEOS;
	why = v2m_prune_mp3(rules, r);
	if (why == V2M_PRUNE_STAYS && r->mp3[0] == '\0')
		why = V2M_PRUNE_NO_MP3;
	return why;
}

static int64_t
latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When the last thing happened to a job. */
static int64_t
touched_at(const struct v2m_record *r)
{
	return latest(latest(latest(v2m_prune_ended_at(r), r->queued_at),
	    r->fetched_at), r->video_gone);
}

static bool
has_mp3(const struct v2m_record *r)
{
	return r->mp3[0] != '\0' && r->state != V2M_JOB_CANCELLED;
}

bool
v2m_prune_record(const struct v2m_prune_rules *rules,
    const struct v2m_record *r)
{
	return v2m_prune_is_over(rules, touched_at(r), rules->records) &&
	    !has_mp3(r);
}

/* The time of keep_records begins when the video was removed. */
bool
v2m_prune_forgets(const struct v2m_conf *conf, const struct v2m_record *r,
    int64_t now)
{
	struct v2m_prune_rules rules = { .now = now }, before;

	v2m_prune_rules_read(&rules, conf);
	before = rules;
	before.now -= rules.records;
	return (v2m_job_has_ended(r) || r->state == V2M_JOB_CANCELLED) &&
	    v2m_prune_is_over(&rules, touched_at(r), rules.records) &&
	    (!has_mp3(r) || v2m_prune_mp3(&rules, r) != V2M_PRUNE_STAYS) &&
	    (r->video_gone != 0 || r->state == V2M_JOB_CANCELLED ||
	    v2m_prune_video(&before, r) != V2M_PRUNE_STAYS);
}
