#include "flow/upload_steps.h"

#include <string.h>

#include "base/fault.h"
#include "flow/existing.h"
#include "flow/job.h"
#include "flow/publish.h"

_Static_assert(sizeof ((struct v2m_record *)0)->options == V2M_SETTINGS_TEXT,
    "a record has room for the settings");

void
v2m_upload_step_name(struct v2m_record *r, const char *name)
{
	const char *base = strrchr(name, '/');

	v2m_text_copy(r->name, sizeof r->name, base == NULL ? name : base + 1);
}

void
v2m_upload_step_describe(const struct v2m_upload_facts *in,
    struct v2m_record *r)
{
	memset(r, 0, sizeof *r);
	v2m_id_new(r->id);
	v2m_text_copy(r->owner, sizeof r->owner, in->owner);
	v2m_upload_step_name(r, in->name);
	v2m_settings_format(in->settings, r->options);
	r->via = in->queue ? V2M_VIA_QUEUE : V2M_VIA_PIPE;
	r->state = V2M_JOB_NEW;
	r->progress = -1;
}

int
v2m_upload_step_begin(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err)
{
	struct v2m_err ignored;

	if (v2m_store_now(s->store, &r->created_at, err) < 0)
		return -1;
	r->lease_ms = v2m_conf_number(s->conf, "lease");
	r->until = r->created_at + r->lease_ms;
	switch (v2m_store_insert(s->store, r, err)) {
	case 1:
		return 0;
	case 0:
		return v2m_err_set(err, V2M_BUG, "the new ID is taken");
	default:
		/* It may have been written nevertheless. */
		v2m_store_forget(s->store, r->id, &ignored);
		return -1;
	}
}

/* For a result of v2m_store_put(): 0; -1, V2M_TEMP if the record was
 * changed. */
static int
still_ours(int put, struct v2m_err *err)
{
	return put == 0 ? v2m_err_busy(err, "it was removed meanwhile") :
	    put < 0 ? -1 : 0;
}

int
v2m_upload_step_renew(struct v2m_services *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err)
{
	int64_t now;

	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	if (r->until - now > lease_ms / 2)
		return 0;
	r->until = now + lease_ms;
	r->lease_ms = lease_ms;
	return still_ours(v2m_store_put(s->store, r, err), err);
}

int
v2m_upload_too_large(int64_t limit, struct v2m_err *err)
{
	char text[32];

	return v2m_err_set(err, V2M_DATA, "larger than max_upload (%s)",
	    v2m_text_size(text, limit));
}

int
v2m_upload_maybe(const char *id, struct v2m_err *err)
{
	struct v2m_err why = *err;

	return v2m_err_set(err, V2M_TEMP, "it may have been accepted as %s: "
	    "v2m-status %s: %s", id, id, why.msg);
}

static bool
is_queued(const struct v2m_record *r)
{
	return r->via != V2M_VIA_PIPE;
}

/* Accept an earlier upload of the same video, of which it is not known whether
 * it was accepted.  1; 0: it was removed meanwhile; -1. */
static int
accept_other(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct v2m_record other;
	bool out = false;

	if (v2m_store_get(s->store, id, &other, err) < 0)
		return err->code == V2M_NOINPUT ? 0 : -1;
	if (v2m_upload_step_accept(s, &other, &out, err) == 0)
		return 1;
	return other.state == V2M_JOB_CANCELLED || err->code == V2M_NOINPUT ?
	    0 : -1;
}

int
v2m_upload_step_existing(struct v2m_services *s, const struct v2m_record *r,
    const char *sha256, char id[V2M_ID_SIZE], struct v2m_err *err)
{
	const struct v2m_filter filter = { .owner = r->owner, .state = -1,
	    .sha256 = sha256 };
	struct v2m_existing e = { .options = r->options,
	    .queue = is_queued(r), .own = r->id };
	int found = v2m_store_each(s->store, &filter, v2m_existing_visit, &e,
	    err);

	if (found != 1)
		return found;
	memcpy(id, e.id, V2M_ID_SIZE);
	found = e.accepted ? 1 : accept_other(s, id, err);
	if (found == 0)
		id[0] = '\0';
	return found;
}

static ssize_t
read_object(void *arg, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	return v2m_reader_pread(arg, buf, n, offset, err);
}

int
v2m_upload_step_check(struct v2m_media *media, const struct v2m_media_input *in,
    const struct v2m_settings *settings, v2m_media_tick *tick,
    void *tick_arg, struct v2m_err *err)
{
	struct v2m_media_result result;

	if (v2m_media_probe(media, in, settings, tick, tick_arg, &result,
	    err) == 0)
		return 0;
	return v2m_media_is_spent(err) || v2m_media_is_forbidden(err) ||
	    v2m_media_lacks_sandbox(err) ? 1 : -1;
}

int
v2m_upload_step_probe(struct v2m_services *s, struct v2m_media *media,
    const struct v2m_record *r, v2m_media_tick *tick, struct v2m_err *err)
{
	struct v2m_settings settings;
	struct v2m_media_input in;
	struct v2m_reader *reader;
	int ret;

	if (v2m_settings_parse(&settings, r->options, err) < 0)
		return -1;
	reader = v2m_store_read(s->store, V2M_VIDEO, r->id, NULL, err);
	if (reader == NULL)
		return -1;
	in.fd = v2m_reader_fd(reader);
	in.length = v2m_reader_length(reader);
	in.pread = read_object;
	in.ahead = NULL;	/* a check reads little */
	in.arg = reader;
	in.name = r->name;
	ret = v2m_upload_step_check(media, &in, &settings, tick, NULL, err);
	v2m_reader_free(reader);
	return ret;
}

int
v2m_upload_step_stored(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_object *video, struct v2m_err *err)
{
	struct v2m_record now;
	int put;

	r->length = video->length;
	memcpy(r->sha256, video->sha256, sizeof r->sha256);
	r->until = r->lease_ms = 0;
	/* Write again if only the lease was changed: a connection that lost the
	 * upload may have renewed it a last time. */
	while ((put = v2m_store_put(s->store, r, err)) == 0 &&
	    v2m_store_get(s->store, r->id, &now, err) == 0 &&
	    now.state == V2M_JOB_NEW)
		r->rev = now.rev;
	return still_ours(put, err);
}

/* If it was cancelled meanwhile, it is not accepted: its video is removed. */
static int
accept_as(struct v2m_services *s, struct v2m_record *r, enum v2m_state state,
    struct v2m_err *err)
{
	if (v2m_job_accept(s->store, r, state, err) < 0)
		return -1;
	return r->state == V2M_JOB_CANCELLED ?
	    v2m_err_busy(err, "it was removed meanwhile") : 0;
}

int
v2m_upload_step_accept(struct v2m_services *s, struct v2m_record *r, bool *out,
    struct v2m_err *err)
{
	if (!is_queued(r))
		return accept_as(s, r, V2M_JOB_HELD, err);
	*out = true;
	if (v2m_fault("publish", err) < 0 ||
	    v2m_publish_job(s, r, err) < 0 ||
	    v2m_fault("published", err) < 0)
		return -1;
	return accept_as(s, r, V2M_JOB_QUEUED, err);
}

/* The video could not be removed: the record stays, so that v2m-prune finds the
 * video, but without a lease, as the upload has ended. */
static void
end_lease(struct v2m_services *s, struct v2m_record *r)
{
	struct v2m_err ignored;

	r->until = r->created_at;
	v2m_store_put(s->store, r, &ignored);
}

int
v2m_upload_step_undo(struct v2m_services *s, struct v2m_record *r,
    bool message_out)
{
	struct v2m_err err;

	if (message_out) {
		int cancelled = v2m_job_cancel(s->store, r, &err);

		if (cancelled == 0 && r->state != V2M_JOB_CANCELLED)
			return 0;
		if (cancelled < 0)
			return 1;
	}
	if (v2m_store_remove(s->store, V2M_VIDEO, r->id, &err) < 0)
		end_lease(s, r);
	else if (!message_out)
		v2m_store_forget(s->store, r->id, &err);
	return -1;
}
