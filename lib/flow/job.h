/* job.h - the moves of a job: who may change its record, from what to what.
 *
 *	new --accept--> queued --claim--> running --commit--> done
 *	 |  \--accept-> held --claim(named)-^  |  \--fail----> failed
 *	 |                                     \--postpone, hand back--> queued
 *	 \--cancel--> cancelled <--remove-- any                     (or held)
 *
 *	failed, held, with --again done --revive--> queued
 *
 * Every move reads the record, decides, and writes it by compare-and-set; if
 * another process changed the record in between, it reads and decides again.
 * So each move happens once, however many processes try, and a message can be
 * late, doubled or lost without harm.  A lease is (holder, fence, until): only
 * its holder may renew, commit, fail, postpone or hand back.
 *
 * All functions leave in *r the record as it was last seen.  Where the
 * comment says "1 or 0": 1: done; 0: the state of the record did not allow it;
 * -1 with err, V2M_NOINPUT: there is no such record.
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

/* Is it done or failed? */
bool v2m_job_has_ended(const struct v2m_record *r);

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
	V2M_CLAIM_TAKEN,	/* another's lease is valid until r->until */
	V2M_CLAIM_LATER,	/* it pauses until r->due */
	V2M_CLAIM_HELD,		/* held, and it was not named */
	V2M_CLAIM_UNSTORED,	/* its upload goes on, or was broken off */
	V2M_CLAIM_DIED,		/* its third worker died: it is failed now */
};

/* Claim for lease_ms.  named: an administrator named it, so `held` and pauses
 * do not matter.  Returns an enum v2m_claim or -1. */
int v2m_job_claim(struct v2m_store *s, const char *id, bool named,
    int64_t lease_ms, struct v2m_record *r, struct v2m_err *err);

/* Renew the lease, and note the progress in percent.  1 or 0: the lease is lost
 * (another worker took the job over, or it was cancelled). */
int v2m_job_renew(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, int progress, struct v2m_err *err);

/* running -> done.  Of *result only mp3, mp3_length, mp3_sha256, duration_ms
 * and warnings are used.  1 or 0: the lease is lost. */
int v2m_job_commit(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_record *result, struct v2m_err *err);

/* running -> failed, for good.  1 or 0: the lease is lost. */
int v2m_job_fail(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_err *why, struct v2m_err *err);

/* running -> queued or held, to be tried again at r->due.  own_fault: the job
 * itself is the cause; that counts as an attempt.  After max_attempts, or after
 * trouble for give_up_after, the job fails for good instead: see r->state.
 * 1 or 0: the lease is lost. */
int v2m_job_postpone(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_err *why, bool own_fault, const struct v2m_conf *conf,
    struct v2m_err *err);

/* running -> queued or held, without counting anything.  1 or 0: the lease is
 * lost. */
int v2m_job_hand_back(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* queued -> queued: set queued_at and requeued_at to now.  If several sweepers
 * find a job without a message, the one that succeeds publishes it again.  Also
 * for a job whose message was given back, so that this message does not look
 * old.  1 or 0. */
int v2m_job_requeued(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Undo v2m_job_requeued() after publishing failed, unless the record
 * changed. */
int v2m_job_not_requeued(struct v2m_store *s, struct v2m_record *r,
    const struct v2m_record *before, struct v2m_err *err);

/* --- publishing that a job has ended: job_end.c --- */

/* Take the lease of a job that has ended, in order to publish its end: so only
 * one of several processes does that.  Only if the record is still as it was
 * read.  1 or 0. */
int v2m_job_claim_end(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err);

/* Note that the end was published (again: once more), and end the lease.  1 or
 * 0: that was noted before, or the job is in another generation now. */
int v2m_job_end_published(struct v2m_store *s, struct v2m_record *r,
    bool again, struct v2m_err *err);

/* Publishing failed: end the lease, so that any process may try. */
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

/* Claim the notification of this job's end.  named: an administrator gave its
 * ID, so pauses do not matter.  restored: when a backup of the store was put
 * back (wall ms), or 0.  Of a job that ended before, it is not known whether
 * its notice was sent: unless it is named, it is recorded as "sent?" and
 * V2M_NOTIFY_OVER.  Returns an enum v2m_notify_claim or -1. */
int v2m_job_claim_notification(struct v2m_store *s, const char *id,
    bool named, int64_t restored, int64_t lease_ms, struct v2m_record *r,
    struct v2m_err *err);

/* The last check before sending: is there still something to send, and is the
 * claim still ours?  If so, the claim is renewed for lease_ms, and the try is
 * counted: a process that dies before this has not tried.  1 or 0. */
int v2m_job_renew_notification(struct v2m_store *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err);

/* Record how sending ended: outcome is SENT, MAYBE, FAILED (for good, with
 * why), or NOT_YET, to be tried again in pause_ms.  notify_tries and
 * notify_refusals of *r are recorded as well: the caller counts refusals there,
 * and takes the try back if it is certain that nothing was sent.  1 or 0: the
 * claim is lost. */
int v2m_job_end_notification(struct v2m_store *s, struct v2m_record *r,
    enum v2m_told outcome, int64_t pause_ms, const struct v2m_err *why,
    struct v2m_err *err);

enum v2m_notify_again {
	V2M_NOTIFY_AGAIN,	/* it will be sent once more */
	V2M_NOTIFY_WAITS,	/* it still waits to be sent */
	V2M_NOTIFY_WAS_SENT,
	V2M_NOTIFY_NEVER,	/* none is to be sent */
	V2M_NOTIFY_NO_MP3,	/* the MP3 is gone */
	V2M_NOTIFY_NO_END,	/* neither done nor failed */
};

/* Start a notification again that failed, or may not have arrived; force: also
 * one that was sent.  Returns an enum v2m_notify_again or -1. */
int v2m_job_notify_again(struct v2m_store *s, struct v2m_record *r, bool force,
    struct v2m_err *err);

/* Send no notice of this generation: `told` becomes V2M_TOLD_NEVER.  1 or 0: it
 * was sent or given up before, or is being sent now. */
int v2m_job_silence(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* --- fetch and remove --- */

/* Note that the MP3 in *r was fetched.  1 or 0: that was noted before, or the
 * record has another MP3, or none, by now. */
int v2m_job_fetched(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err);

/* Any state -> cancelled; a running job loses its lease.  1 or 0: it was
 * cancelled already. */
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

/* Make a job queued, so that it can be published: a failed or (with again) a
 * done one as a new generation, without its old counts and reason; a held one;
 * a queued one, and a running one whose lease ran out, as they are.  The MP3 of
 * a done job stays until there is a new one.  Returns an enum v2m_revive or
 * -1. */
int v2m_job_revive(struct v2m_store *s, struct v2m_record *r, bool again,
    struct v2m_err *err);

/* Note in the record that its video or MP3, which will be removed next, is
 * gone.  Only if the job has ended, and has the MP3 and the generation of *r.
 * 1 or 0. */
int v2m_job_prune(struct v2m_store *s, struct v2m_record *r, bool video,
    bool mp3, struct v2m_err *err);

#endif
