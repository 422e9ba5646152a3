#include "flow/upload_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "flow/job.h"
#include "flow/quota.h"
#include "flow/upload_steps.h"
#include "store/partial.h"

/* How long one that nobody can resume lives behind its last sign of life, and
 * how often it gives one. */
#define SINGLE_MS (15 * 60 * 1000)
#define SIGN_MS (5 * 60 * 1000)

#define MOST_ENDED 4		/* idle ones, for one that begins */

/* In front of the caller's text in a partial upload. */
#define SKIP_EXISTING 's'
#define PLAIN '-'

struct v2m_upload_stream {
	struct v2m_record record;
	struct v2m_partial partial;
	enum v2m_upload_stage stage;
	enum v2m_upload_refusal why;
	bool resumable, skip_existing;
	bool unlimited;		/* its owner is; where it began here */
	int64_t sign_at;	/* monotonic ms of the last sign of life */
	struct v2m_object video;	/* as it was stored */
	/* Where it stood when we got it. */
	int64_t start;
	bool start_hashed;
	struct v2m_sha256 start_hash;
	int64_t renewed_at;	/* the same of the record's lease */
};

static int64_t
lease_of(const struct v2m_services *s, bool resumable)
{
	return resumable ? v2m_conf_number(s->conf, "upload_expires") :
	    SINGLE_MS;
}

/* --- the beginning --- */

static int
check_length(struct v2m_services *s, int64_t length, struct v2m_err *err)
{
	int64_t limit = v2m_conf_number(s->conf, "max_upload");

	if (length == 0)
		return v2m_err_set(err, V2M_DATA, "the file is empty");
	return length > limit ? v2m_upload_too_large(limit, err) : 0;
}

/* What the partial upload is to be, apart from its ID. */
static int
plan(struct v2m_services *s, const struct v2m_upload_stream_request *ask,
    struct v2m_upload_stream *r, struct v2m_err *err)
{
	int64_t limit = v2m_conf_number(s->conf, "max_upload");
	int64_t now;

	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	r->partial.length = ask->length;
	r->partial.most = ask->length >= 0 ? ask->length :
	    ask->most > 0 && ask->most < limit ? ask->most : limit;
	r->partial.until = now + lease_of(s, ask->resumable);
	r->partial.text[0] = ask->skip_existing ? SKIP_EXISTING : PLAIN;
	v2m_text_copy(r->partial.text + 1, sizeof r->partial.text - 1,
	    ask->text);
	r->resumable = ask->resumable;
	r->skip_existing = ask->skip_existing;
	r->unlimited = ask->unlimited;
	r->sign_at = r->renewed_at = v2m_mono_ms();
	return 0;
}

static enum v2m_upload_refusal
why_of(enum v2m_quota_verdict verdict)
{
	switch (verdict) {
	case V2M_QUOTA_BYTES:
		return V2M_UPLOAD_BYTES;
	case V2M_QUOTA_JOBS:
	case V2M_QUOTA_UNFINISHED:
		return V2M_UPLOAD_JOBS;
	default:
		return V2M_UPLOAD_OTHER;
	}
}

/* Undo what there is.  What cannot be undone now is found by v2m-prune. */
static void
undo(struct v2m_services *s, struct v2m_upload_stream *r, bool message_out)
{
	struct v2m_err ignored;

	v2m_partial_drop(s->store, r->record.id, &ignored);
	if (v2m_upload_step_undo(s, &r->record, message_out) == 1)
		r->why = V2M_UPLOAD_MAYBE;
	v2m_quota_release(s, r->record.owner, r->record.id, &ignored);
}

static void
remember_start(struct v2m_upload_stream *r)
{
	r->start = r->partial.offset;
	r->start_hashed = r->partial.hashed;
	r->start_hash = r->partial.hash;
}

/* Remove one, whoever has it, unless it is a job.  1; -1. */
static int
end_unfinished(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_upload_stream *r = calloc(1, sizeof *r);
	int got, moved = 1, ret = -1;

	if (r == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot end an upload");
	got = v2m_store_get(s->store, id, &r->record, err);
	if (got == 0)
		moved = v2m_job_cancel(s->store, &r->record, err);
	else if (err->code != V2M_NOINPUT)
		goto out;
	if (moved < 0 && err->code != V2M_NOINPUT)
		goto out;
	/* A job that has its video needs no partial upload any more. */
	if (v2m_partial_drop(s->store, id, err) < 0)
		goto out;
	if (got == 0 && r->record.state == V2M_JOB_CANCELLED)
		undo(s, r, false);
	ret = 1;
out:
	free(r);
	return ret;
}

/* Is there room for what is to come at once?  A resumable one comes when it
 * comes. */
static int
look_for_room(struct v2m_services *s, const struct v2m_upload_stream *r,
    struct v2m_err *err)
{
	int64_t length = r->resumable || r->partial.length < 0 ? 0 :
	    r->partial.length;

	return v2m_partial_room(s->store, length, v2m_conf_number(s->conf,
	    "free_reserve"), err);
}

/* Reserve; the owner's oldest upload that nobody sends to goes where there are
 * too many. */
static int
reserve(struct v2m_services *s, const struct v2m_upload_stream *r,
    enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	struct v2m_quota_request ask = { .owner = r->record.owner,
	    .id = r->record.id, .bytes = r->partial.most,
	    .lease_ms = lease_of(s, r->resumable), .resumable = r->resumable };
	char idle[V2M_ID_SIZE];
	struct v2m_err ignored;
	int reserved, tries = 0;

	*verdict = V2M_QUOTA_FINE;
	if (r->unlimited)
		return 0;
	while ((reserved = v2m_quota_reserve(s, &ask, verdict, idle,
	    err)) < 0 && idle[0] != '\0' && tries++ < MOST_ENDED) {
		end_unfinished(s, idle, &ignored);
		v2m_quota_release(s, ask.owner, idle, &ignored);
	}
	return reserved;
}

/* Reservation, record, partial. */
static int
reserve_and_record(struct v2m_services *s, struct v2m_upload_stream *r,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_record *rec = &r->record;
	enum v2m_quota_verdict verdict;
	struct v2m_err ignored;
	int reserved;

	reserved = reserve(s, r, &verdict, err);
	*why = why_of(verdict);
	if (reserved < 0 || v2m_upload_step_begin(s, rec, err) < 0) {
		if (verdict == V2M_QUOTA_FINE)	/* it may be there */
			v2m_quota_release(s, rec->owner, rec->id, &ignored);
		return -1;
	}
	if (v2m_fault("upload-recorded", err) < 0 ||
	    v2m_partial_create(s->store, &r->partial, err) < 0)
		goto fail;
	remember_start(r);
	return 0;
fail:
	undo(s, r, false);
	return -1;
}

struct v2m_upload_stream *
v2m_upload_stream_begin(struct v2m_services *s,
    const struct v2m_upload_stream_request *ask, enum v2m_upload_refusal *why,
    struct v2m_err *err)
{
	struct v2m_upload_facts in = { ask->owner, ask->name, &ask->settings,
	    !ask->hold };
	struct v2m_upload_stream *r;

	*why = V2M_UPLOAD_LENGTH;
	if (check_length(s, ask->length, err) < 0)
		return NULL;
	*why = V2M_UPLOAD_OTHER;
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot receive an upload");
		return NULL;
	}
	v2m_upload_step_describe(&in, &r->record);
	memcpy(r->partial.id, r->record.id, sizeof r->partial.id);
	memcpy(r->partial.owner, r->record.owner, sizeof r->partial.owner);
	if (plan(s, ask, r, err) < 0)
		goto fail;
	if (look_for_room(s, r, err) < 0) {
		if (err->code == V2M_TEMP)
			*why = V2M_UPLOAD_ROOM;
		goto fail;
	}
	if (reserve_and_record(s, r, why, err) == 0)
		return r;
fail:
	v2m_upload_stream_free(r);
	return NULL;
}

/* --- going on --- */

static int
no_such_job(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_NOINPUT, "no such upload");
}

/* The partial of a record `new`: 1; 0 all its bytes are stored, as this video;
 * -1. */
static int
find_partial(struct v2m_services *s, const struct v2m_record *record,
    struct v2m_partial *partial, struct v2m_object *video,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_err failure;
	int64_t now;
	int has;

	if (v2m_partial_get(s->store, record->id, partial, &failure) < 0) {
		if (failure.code != V2M_NOINPUT)
			return v2m_err_pass(err, &failure);
		has = v2m_store_stat(s->store, V2M_VIDEO, record->id, video,
		    err);
		return has == 1 ? 0 : has < 0 ? -1 : no_such_job(err);
	}
	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	if (partial->until > now)
		return 1;
	*why = V2M_UPLOAD_EXPIRED;
	return v2m_err_set(err, V2M_NOINPUT, "the upload has expired");
}

int
v2m_upload_stream_inspect(struct v2m_services *s,
    const struct v2m_record *record, struct v2m_upload_stream_state *state,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_partial partial = { .rev = 0 };
	struct v2m_object video;
	int found;

	*why = V2M_UPLOAD_OTHER;
	memset(state, 0, sizeof *state);
	state->offset = state->length = record->length;
	state->stage = V2M_UPLOAD_ACCEPTED;
	if (record->state == V2M_JOB_CANCELLED)
		return no_such_job(err);
	if (record->state != V2M_JOB_NEW)
		return 0;
	found = find_partial(s, record, &partial, &video, why, err);
	state->stage = V2M_UPLOAD_STORED;
	if (found == 0)
		state->offset = state->length = video.length;
	if (found == 1) {
		state->length = partial.length;
		state->offset = partial.saved;
		state->until = partial.until;
		if (partial.length < 0 || partial.saved < partial.length)
			state->stage = V2M_UPLOAD_COMING;
		v2m_text_copy(state->text, sizeof state->text,
		    partial.text[0] == '\0' ? "" : partial.text + 1);
	}
	v2m_partial_clear(&partial);
	return found < 0 ? -1 : 0;
}

static int
resume_partial(struct v2m_services *s, struct v2m_upload_stream *r,
    enum v2m_upload_refusal *why, struct v2m_err *err)
{
	struct v2m_object video;
	int found = find_partial(s, &r->record, &r->partial, &video, why, err);
	int64_t now;

	r->stage = V2M_UPLOAD_STORED;
	if (found == 0)
		r->record.length = video.length;
	if (found <= 0)
		return found;
	if (v2m_store_now(s->store, &now, err) < 0 ||
	    v2m_partial_take(s->store, r->record.id, now + lease_of(s, true),
	    &r->partial, err) < 0)
		return -1;
	r->sign_at = v2m_mono_ms();
	if (v2m_quota_renew(s, r->record.owner, r->record.id, lease_of(s,
	    true), err) < 0)
		return -1;
	remember_start(r);
	r->skip_existing = r->partial.text[0] == SKIP_EXISTING;
	if (r->partial.length < 0 || r->partial.offset < r->partial.length)
		r->stage = V2M_UPLOAD_COMING;
	return 0;
}

struct v2m_upload_stream *
v2m_upload_stream_resume(struct v2m_services *s,
    const struct v2m_record *record, enum v2m_upload_refusal *why,
    struct v2m_err *err)
{
	struct v2m_upload_stream *r = calloc(1, sizeof *r);
	int ret = -1;

	*why = V2M_UPLOAD_OTHER;
	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot receive an upload");
		return NULL;
	}
	r->record = *record;
	r->resumable = true;
	r->stage = V2M_UPLOAD_ACCEPTED;
	if (record->state == V2M_JOB_CANCELLED)
		ret = no_such_job(err);
	else
		ret = record->state == V2M_JOB_NEW ?
		    resume_partial(s, r, why, err) : 0;
	if (ret == 0)
		return r;
	v2m_upload_stream_free(r);
	return NULL;
}

/* --- what is known --- */

const struct v2m_record *
v2m_upload_stream_record(const struct v2m_upload_stream *r)
{
	return &r->record;
}

enum v2m_upload_stage
v2m_upload_stream_stage(const struct v2m_upload_stream *r)
{
	return r->stage;
}

/* There is a partial upload. */
static bool
has_partial(const struct v2m_upload_stream *r)
{
	return r->partial.id[0] != '\0';
}

int64_t
v2m_upload_stream_offset(const struct v2m_upload_stream *r)
{
	return has_partial(r) ? r->partial.offset : r->record.length;
}

int64_t
v2m_upload_stream_saved(const struct v2m_upload_stream *r)
{
	return has_partial(r) ? r->partial.saved : r->record.length;
}

int64_t
v2m_upload_stream_length(const struct v2m_upload_stream *r)
{
	return has_partial(r) ? r->partial.length : r->record.length;
}

int64_t
v2m_upload_stream_until(const struct v2m_upload_stream *r)
{
	return has_partial(r) ? r->partial.until : 0;
}

enum v2m_upload_refusal
v2m_upload_stream_refusal(const struct v2m_upload_stream *r)
{
	return r->why;
}

/* The record is written once more when it is known what was stored. */
void
v2m_upload_stream_set_name(struct v2m_upload_stream *r, const char *name)
{
	v2m_upload_step_name(&r->record, name);
}

void
v2m_upload_stream_set_settings(struct v2m_upload_stream *r,
    const struct v2m_settings *settings)
{
	v2m_settings_format(settings, r->record.options);
}

/* --- bytes --- */

static int
set_refusal(struct v2m_upload_stream *r, const struct v2m_err *err)
{
	r->why = err->code == V2M_DENIED && !v2m_err_is_access(err) ?
	    V2M_UPLOAD_TAKEN : V2M_UPLOAD_OTHER;
	return -1;
}

static bool
needs_sign(const struct v2m_upload_stream *r)
{
	return v2m_mono_ms() - r->sign_at >= SIGN_MS;
}

bool
v2m_upload_stream_gathers(const struct v2m_upload_stream *r, size_t n)
{
	return v2m_partial_gathers(&r->partial, n) && !needs_sign(r);
}

/* The record's lease: as long as a worker's while bytes come, and as the part
 * where there are bytes to go on from. */
static int
renew_record(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	int64_t lease_ms = v2m_conf_number(s->conf, "lease");

	if (r->resumable && r->partial.saved > 0 &&
	    lease_of(s, true) > lease_ms)
		lease_ms = lease_of(s, true);
	r->renewed_at = v2m_mono_ms();
	return v2m_upload_step_renew(s, &r->record, lease_ms, err);
}

static bool
needs_renewal(const struct v2m_upload_stream *r,
    const struct v2m_services *s)
{
	return v2m_mono_ms() - r->renewed_at >= v2m_conf_number(s->conf,
	    "lease") / 2;
}

static int
renew_upload(struct v2m_upload_stream *r, struct v2m_services *s, bool leave,
    struct v2m_err *err)
{
	int64_t lease = lease_of(s, r->resumable), now;

	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	r->partial.until = now + lease;
	if (v2m_partial_save(s->store, &r->partial, leave, err) < 0 ||
	    renew_record(r, s, err) < 0)
		return -1;
	if (!leave && !needs_sign(r))
		return 0;
	r->sign_at = v2m_mono_ms();
	return v2m_quota_renew(s, r->record.owner, r->record.id, lease, err);
}

/* Uploads under way go on into half of the reserve. */
static int
look_on(struct v2m_services *s, struct v2m_upload_stream *r, size_t n,
    struct v2m_err *err)
{
	int64_t reserve = v2m_conf_number(s->conf, "free_reserve");

	if (v2m_partial_room(s->store, (int64_t)n - reserve / 2, reserve,
	    err) == 0)
		return 0;
	r->why = err->code == V2M_TEMP ? V2M_UPLOAD_ROOM : V2M_UPLOAD_OTHER;
	return -1;
}

int
v2m_upload_stream_write(struct v2m_upload_stream *r, struct v2m_services *s,
    const void *buf, size_t n, struct v2m_err *err)
{
	int64_t most = r->partial.length >= 0 ? r->partial.length :
	    r->partial.most;

	if (r->stage != V2M_UPLOAD_COMING ||
	    (int64_t)n > most - r->partial.offset) {
		r->why = V2M_UPLOAD_LENGTH;
		return r->partial.length >= 0 ? v2m_err_set(err, V2M_DATA,
		    "more bytes than were announced (%lld)", (long long)most) :
		    v2m_upload_too_large(most, err);
	}
	if (s != NULL && look_on(s, r, n, err) < 0)
		return -1;
	if (v2m_partial_append(s == NULL ? NULL : s->store, &r->partial, buf, n,
	    err) < 0)
		return set_refusal(r, err);
	if (s != NULL && needs_sign(r) && renew_upload(r, s, false, err) < 0)
		return set_refusal(r, err);
	if (s != NULL && needs_renewal(r, s) && renew_record(r, s, err) < 0)
		return set_refusal(r, err);
	if (r->partial.offset == r->partial.length)
		r->stage = V2M_UPLOAD_STORED;
	return 0;
}

int
v2m_upload_stream_set_length(struct v2m_upload_stream *r,
    struct v2m_services *s, int64_t length, struct v2m_err *err)
{
	int64_t known = v2m_upload_stream_length(r);
	struct v2m_quota_request ask = { .owner = r->record.owner,
	    .id = r->record.id, .bytes = length,
	    .lease_ms = lease_of(s, r->resumable), .resumable = r->resumable };
	enum v2m_quota_verdict verdict;
	char idle[V2M_ID_SIZE];
	struct v2m_err ignored;

	r->why = V2M_UPLOAD_LENGTH;
	if (known >= 0)
		return known == length ? 0 : v2m_err_set(err, V2M_DATA,
		    "its length was %lld before", (long long)known);
	if (check_length(s, length, err) < 0)
		return -1;
	if (length < r->partial.offset || length > r->partial.most)
		return v2m_err_set(err, V2M_DATA, "%lld is not between what "
		    "came and what was announced", (long long)length);
	r->partial.length = length;
	/* So much less is reserved from now on; where not, it ends in time. */
	v2m_quota_reserve(s, &ask, &verdict, idle, &ignored);
	if (r->partial.offset == length)
		r->stage = V2M_UPLOAD_STORED;
	return 0;
}

int
v2m_upload_stream_save(struct v2m_upload_stream *r, struct v2m_services *s,
    bool leave, struct v2m_err *err)
{
	if (!has_partial(r))
		return 0;
	return renew_upload(r, s, leave, err) < 0 ? set_refusal(r, err) : 0;
}

/* What came since stays in the store, behind the end, until who takes it next
 * cuts it off. */
int
v2m_upload_stream_rewind(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	if (!has_partial(r))
		return 0;
	r->partial.offset = r->start;
	r->partial.ngathered = 0;
	r->partial.hashed = r->start_hashed;
	r->partial.hash = r->start_hash;
	return v2m_upload_stream_save(r, s, true, err);
}

/* --- the end --- */

/* The partial upload becomes the video. */
static int
store_video(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_object *video, struct v2m_err *err)
{
	int has;

	memset(video, 0, sizeof *video);
	if (!has_partial(r)) {
		has = v2m_store_stat(s->store, V2M_VIDEO, r->record.id, video,
		    err);
		return has == 1 ? 0 : has < 0 ? -1 : no_such_job(err);
	}
	memcpy(video->name, r->record.name, sizeof video->name);
	memcpy(video->owner, r->record.owner, sizeof video->owner);
	if (v2m_partial_finish(s->store, &r->partial, video, err) < 0)
		return -1;
	v2m_partial_clear(&r->partial);
	r->record.length = video->length;
	r->stage = V2M_UPLOAD_STORED;
	return v2m_fault("upload-stored", err);
}

/* 1: the owner has an equal job, which is the record now. */
static int
take_existing(struct v2m_upload_stream *r, struct v2m_services *s,
    const struct v2m_object *video, struct v2m_err *err)
{
	char id[V2M_ID_SIZE];
	struct v2m_record other;
	int found;

	if (!r->skip_existing)
		return 0;
	found = v2m_upload_step_existing(s, &r->record, video->sha256, id, err);
	if (found <= 0)
		return found;
	if (v2m_store_get(s->store, id, &other, err) < 0)
		return -1;
	undo(s, r, false);
	r->record = other;
	return 1;
}

static int
refuse(struct v2m_upload_stream *r, const struct v2m_err *refused,
    struct v2m_err *err)
{
	if (refused->code == V2M_DATA)
		r->why = V2M_UPLOAD_CONTENT;
	return v2m_err_pass(err, refused);
}

static int
accept(struct v2m_upload_stream *r, struct v2m_services *s, bool *out,
    struct v2m_err *err)
{
	if (v2m_upload_step_stored(s, &r->record, &r->video, err) < 0)
		return -1;
	return v2m_upload_step_accept(s, &r->record, out, err);
}

enum found { UNKNOWN = -1, A_JOB, UNFINISHED, REMOVED };

/* Somebody else may be at the same: what he has done counts. */
static enum found
look_again(struct v2m_upload_stream *r, struct v2m_services *s)
{
	struct v2m_record now;
	struct v2m_err err;

	if (v2m_store_get(s->store, r->record.id, &now, &err) < 0)
		return err.code == V2M_NOINPUT ? REMOVED : UNKNOWN;
	if (now.state == V2M_JOB_NEW)
		return UNFINISHED;
	r->record = now;
	return now.state == V2M_JOB_CANCELLED ? REMOVED : A_JOB;
}

/* Has somebody else the partial upload, or nobody any more? */
static bool
is_taken(const struct v2m_upload_stream *r, struct v2m_services *s)
{
	struct v2m_partial now = { .rev = 0 };
	struct v2m_err err;
	bool taken;

	if (!has_partial(r))
		return false;
	if (v2m_partial_get(s->store, r->record.id, &now, &err) < 0)
		taken = err.code == V2M_NOINPUT && r->resumable;
	else
		taken = now.rev != r->partial.rev;
	v2m_partial_clear(&now);
	return taken;
}

/* What stays of one that failed; 0: it is a job nevertheless. */
static int
give_up(struct v2m_upload_stream *r, struct v2m_services *s, bool message_out,
    struct v2m_err *err)
{
	enum found found = look_again(r, s);

	if (found == A_JOB)
		return 0;
	/* Whoever removed it may not have seen what was stored since. */
	if (found == REMOVED) {
		undo(s, r, r->record.state == V2M_JOB_CANCELLED &&
		    message_out);
		r->why = V2M_UPLOAD_OTHER;
		return no_such_job(err);
	}
	if (is_taken(r, s)) {
		r->why = V2M_UPLOAD_TAKEN;
		return -1;
	}
	if (r->resumable && v2m_err_retry(err->code)) {
		if (message_out)
			r->why = V2M_UPLOAD_MAYBE;
		return -1;
	}
	undo(s, r, message_out);
	return look_again(r, s) == A_JOB ? 0 : -1;
}

/* The same, with a stage to it. */
static int
end_failed(struct v2m_upload_stream *r, struct v2m_services *s,
    bool message_out, struct v2m_err *err)
{
	if (give_up(r, s, message_out, err) < 0)
		return r->why == V2M_UPLOAD_MAYBE ?
		    v2m_upload_maybe(r->record.id, err) : -1;
	r->stage = V2M_UPLOAD_ACCEPTED;
	return 0;
}

int
v2m_upload_stream_finish_begin(struct v2m_upload_stream *r,
    struct v2m_services *s, bool *existed, struct v2m_err *err)
{
	int found;

	*existed = false;
	r->why = V2M_UPLOAD_OTHER;
	if (r->stage == V2M_UPLOAD_ACCEPTED)
		return 0;
	if (v2m_upload_stream_offset(r) == 0 && has_partial(r)) {
		r->why = V2M_UPLOAD_LENGTH;
		v2m_err_set(err, V2M_DATA, "the file is empty");
		return give_up(r, s, false, err);
	}
	if (store_video(r, s, &r->video, err) < 0)
		return end_failed(r, s, false, err);
	found = take_existing(r, s, &r->video, err);
	if (found < 0)
		return end_failed(r, s, false, err);
	*existed = found == 1;
	if (*existed)
		r->stage = V2M_UPLOAD_ACCEPTED;
	return !*existed;
}

int
v2m_upload_stream_finish_end(struct v2m_upload_stream *r,
    struct v2m_services *s, const struct v2m_err *refused, struct v2m_err *err)
{
	bool message_out = false;
	struct v2m_err ignored;

	if ((refused != NULL && refuse(r, refused, err) < 0) ||
	    accept(r, s, &message_out, err) < 0)
		return end_failed(r, s, message_out, err);
	if (v2m_fault("upload-accepted", err) == 0)
		v2m_quota_release(s, r->record.owner, r->record.id, &ignored);
	r->stage = V2M_UPLOAD_ACCEPTED;
	return 0;
}

int
v2m_upload_stream_abort(struct v2m_upload_stream *r, struct v2m_services *s,
    struct v2m_err *err)
{
	int moved;

	if (r->stage == V2M_UPLOAD_ACCEPTED || is_taken(r, s))
		return 0;
	/* A worker or a removal may have been faster than we know. */
	moved = v2m_job_cancel(s->store, &r->record, err);
	if (moved < 0 && err->code != V2M_NOINPUT)
		return -1;
	if (moved == 0 && r->record.state != V2M_JOB_CANCELLED)
		return 0;
	undo(s, r, false);
	return 0;
}

void
v2m_upload_stream_free(struct v2m_upload_stream *r)
{
	if (r == NULL)
		return;
	v2m_partial_clear(&r->partial);
	free(r);
}

/* Seen when it was listed; somebody may have gone on with it since. */
static int
lives(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_partial partial = { .rev = 0 };
	int got = v2m_partial_get(s->store, id, &partial, err), ret;
	int64_t now;

	if (got < 0)
		ret = err->code == V2M_NOINPUT || err->code == V2M_IO ? 0 : -1;
	else
		ret = v2m_store_now(s->store, &now, err) < 0 ? -1 :
		    partial.until > now;
	v2m_partial_clear(&partial);
	return ret;
}

int
v2m_upload_stream_expire(struct v2m_services *s, const char *id,
    struct v2m_err *err)
{
	int alive = lives(s, id, err);

	if (alive != 0)
		return alive < 0 ? -1 : 0;
	return end_unfinished(s, id, err);
}
