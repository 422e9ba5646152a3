/* job.h - the moves of a job: who may change its record, from what to what.
 *
 *	new --accept--> queued --claim--> running --commit--> done
 *	 |  \--accept-> held --claim(named)-^  |  \--fail----> failed
 *	 |                                     \--postpone, hand back--> queued
 *	 \--cancel--> cancelled <--remove-- any                     (or held)
 *
 *	failed, held, with --again done --revive--> queued
 *
 * Every move reads the record, judges, and writes it by compare-and-set; when
 * somebody was faster it reads and judges again.  So each move happens once,
 * whoever else tries, and a message can be late, doubled or lost without
 * harm.  A lease is (holder, fence, until): only who holds it renews, commits,
 * fails, postpones or hands back.
 *
 * All functions leave in *r the record as it was last seen.  Where the
 * comment says "1 or 0": 1 done, 0 the record was not in a state to do it;
 * -1 with err, V2M_NOINPUT where there is no such record.
 */
#ifndef V2M_FLOW_JOB_H
#define V2M_FLOW_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/* The record of an ID: the job's own, or that of its MP3. */
int v2m_job_find(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err);

/* --- upload --- */

/* new -> queued or held.  1 or 0: a worker was faster, which is fine too. */
int v2m_job_accept(struct v2m_store *s, struct v2m_record *r,
    enum v2m_state state, struct v2m_err *err);

/* new -> cancelled.  1 or 0: the job is taken already. */
int v2m_job_cancel(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* --- convert --- */

enum v2m_claim {
	V2M_CLAIMED,		/* ours: r->holder, r->fence, r->until */
	V2M_CLAIM_OVER,		/* done, failed or cancelled */
	V2M_CLAIM_TAKEN,	/* somebody's lease lives, until r->until */
	V2M_CLAIM_LATER,	/* it pauses, until r->due */
	V2M_CLAIM_HELD,		/* held, and nobody named it */
	V2M_CLAIM_UNSTORED,	/* its upload is still going on, or died */
	V2M_CLAIM_DIED,		/* its third worker died: it is failed now */
};

/* Claim for lease_ms.  named: an administrator named it, so `held` and pauses
 * do not matter.  Returns an enum v2m_claim or -1. */
int v2m_job_claim(struct v2m_store *s, const char *id, bool named,
    int64_t lease_ms, struct v2m_record *r, struct v2m_err *err);

/* Go on holding it, and note the percentage.  1 or 0: it is not ours any
 * more (taken over, or cancelled). */
int v2m_job_renew(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, int progress, struct v2m_err *err);

/* running -> done, with mp3, mp3_length, mp3_sha256, duration_ms and warnings
 * of *result, the rest of which is not looked at.  1 or 0: lost. */
int v2m_job_commit(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_record *result, struct v2m_err *err);

/* running -> failed, for good.  1 or 0: lost. */
int v2m_job_fail(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_err *why, struct v2m_err *err);

/* running -> back, to be tried again when r->due has come.  own_fault counts
 * an attempt; at max_attempts, or when the trouble has lasted give_up_after, it
 * fails for good instead (look at r->state).  1 or 0: lost. */
int v2m_job_postpone(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_err *why, bool own_fault, const struct v2m_conf *conf,
    struct v2m_err *err);

/* running -> back as it was, nothing counted.  1 or 0: lost. */
int v2m_job_hand_back(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* queued -> queued, queued_at and requeued_at now: of many sweepers that see a
 * job without a message, one may publish it again; and a message that was
 * passed over is as good as new.  1 or 0. */
int v2m_job_requeued(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* And back, where that failed: as it was before, unless it changed since. */
int v2m_job_not_requeued(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_record *before, struct v2m_err *err);

/* --- how it ended, for others: job_end.c --- */

/* Of many who see that an end was not published, or that its message is lost,
 * one may do it: who takes the lease, which a job that has ended needs for
 * nothing else.  Only where the record is still as it was read.  1 or 0. */
int v2m_job_claim_end(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err);

/* It was published; again: once more.  Whoever had the lease for that has it no
 * longer.  1 or 0: that was known, or it is another end by now. */
int v2m_job_end_published(struct v2m_store *s, struct v2m_record *r,
    bool again, struct v2m_err *err);

/* It could not be: anybody may, as if nobody had tried. */
int v2m_job_release_end(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* --- notify --- */

enum v2m_notify_claim {
	V2M_NOTIFY_CLAIMED,	/* ours: r->notify_holder, r->notify_until */
	V2M_NOTIFY_OVER,	/* sent before, or given up */
	V2M_NOTIFY_TAKEN,	/* another notifier has it until notify_until */
	V2M_NOTIFY_LATER,	/* it waits until notify_due */
	V2M_NOTIFY_NOTHING,	/* neither done nor failed: nothing to send */
};

/* Claim the notification of this job's end.  named: its ID was given, so that
 * it need not wait.  restored: when a copy of the store was put back, or 0;
 * whether an earlier end was told is not known, so that it becomes "sent?",
 * unless it is named.  Returns an enum v2m_notify_claim or -1. */
int v2m_job_claim_notification(struct v2m_store *s, const char *id,
    bool named, int64_t restored, int64_t lease_ms, struct v2m_record *r,
    struct v2m_err *err);

/* The last check before it is sent: is there still something to send, and is
 * it ours?  Then it is for another lease_ms, so that nobody else begins while
 * we send it, and the try counts from here: who dies before has not tried.
 * 1 or 0. */
int v2m_job_renew_notification(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err);

/* It was sent, or not: outcome SENT, MAYBE or FAILED (for good, with why), or
 * NOT_YET, to be tried again in pause_ms.  The counts of tries and refusals
 * become those of *r, where the caller counts, and takes back the try where it
 * is known that nothing was sent.
 * 1 or 0: not ours any more. */
int v2m_job_end_notification(struct v2m_store *s, struct v2m_record *r,
    enum v2m_told outcome, int64_t pause_ms, const struct v2m_err *why,
    struct v2m_err *err);

enum v2m_notify_again {
	V2M_NOTIFY_AGAIN,	/* it is to be told once more */
	V2M_NOTIFY_WAITS,	/* it is to be told anyhow */
	V2M_NOTIFY_WAS_SENT,
	V2M_NOTIFY_NEVER,	/* nobody is to be told */
	V2M_NOTIFY_NO_MP3,	/* there is none any more to tell of */
	V2M_NOTIFY_NO_END,	/* neither done nor failed */
};

/* A notification that failed, or may not have arrived, begins anew; force: one
 * that was sent as well.  Returns an enum v2m_notify_again or -1. */
int v2m_job_notify_again(struct v2m_store *s, struct v2m_record *r, bool force,
    struct v2m_err *err);

/* Nobody is to be told any more how this generation ends, or ended: it is
 * V2M_TOLD_NEVER.  1 or 0: it was told, or given up, or somebody is
 * telling now. */
int v2m_job_silence(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* --- fetch and remove --- */

/* Note that the MP3 that *r has was fetched.  1 or 0: that was known, or there
 * is to be another. */
int v2m_job_fetched(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Anything -> cancelled; a running job loses its lease with that.  1 or 0: it
 * was cancelled already. */
int v2m_job_remove(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* --- for administrators --- */

enum v2m_revive {
	V2M_REVIVED,		/* queued: publish it */
	V2M_REVIVE_BUSY,	/* a worker has it */
	V2M_REVIVE_DONE,	/* done, and not to be done again */
	V2M_REVIVE_UNSTORED,	/* its upload has not ended */
	V2M_REVIVE_GONE,	/* removed */
	V2M_REVIVE_NO_VIDEO,	/* its video was pruned */
};

/* Put a job into the queue, whatever it waits for: a failed or held one, with
 * again a done one as well, as a new generation with a clean slate; one that
 * is queued, or whose lease ran out, as it is.  The MP3 of a done one stays
 * until there is another.  Returns an enum v2m_revive or -1. */
int v2m_job_revive(struct v2m_store *s, struct v2m_record *r, bool again,
    struct v2m_err *err);

/* What is going to be removed leaves the record: the video, the MP3.  Only
 * from one that has ended, and is as *r has it: with this MP3 and
 * generation.  1 or 0. */
int v2m_job_prune(struct v2m_store *s, struct v2m_record *r, bool video,
    bool mp3, struct v2m_err *err);

#endif
