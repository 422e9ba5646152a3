/* Begins an upload. */
#include "flow/upload_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "flow/upload_steps.h"

/* Fill the partial upload, apart from its ID. */
static int
plan(struct v2m_services *s, const struct v2m_upload_stream_request *ask,
    struct v2m_upload_stream *r, struct v2m_err *err)
{
	int64_t limit = v2m_conf_limit(s->conf, "max_upload");
	int64_t now;

	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	r->partial.length = ask->length;
	r->partial.most = ask->length >= 0 ? ask->length :
	    ask->most > 0 && ask->most < limit ? ask->most : limit;
	r->partial.until = now + v2m_upload_lease(s, ask->resumable);
	r->partial.text[0] = ask->skip_existing ? V2M_UPLOAD_SKIP :
	    V2M_UPLOAD_PLAIN;
	v2m_text_copy(r->partial.text + 1, sizeof r->partial.text - 1,
	    ask->text);
	r->resumable = ask->resumable;
	r->skip_existing = ask->skip_existing;
	r->unlimited = ask->unlimited;
	r->is_bounded = ask->length >= 0 || ask->most > 0;
	r->sign_at = r->renewed_at = v2m_mono_ms();
	return 0;
}

/* Is there room on the disk for it?  The bytes of a resumable upload may come
 * much later, so they are not counted. */
static int
look_for_room(struct v2m_services *s, const struct v2m_upload_stream *r,
    struct v2m_err *err)
{
	int64_t length = r->resumable || r->partial.length < 0 ? 0 :
	    r->partial.length;

	return v2m_partial_room(s->store, length, v2m_conf_number(s->conf,
	    "free_reserve"), err);
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

	reserved = v2m_upload_reserve(s, r, &verdict, err);
	*why = v2m_upload_why(verdict);
	if (reserved < 0 || v2m_upload_step_begin(s, rec, err) < 0) {
		if (verdict == V2M_QUOTA_FINE)	/* it may be there */
			v2m_quota_release(s, rec->owner, rec->id, &ignored);
		return -1;
	}
	if (v2m_fault("upload-recorded", err) < 0 ||
	    v2m_partial_create(s->store, &r->partial, err) < 0)
		goto fail;
	v2m_upload_remember(r);
	return 0;
fail:
	v2m_upload_undo(s, r, false);
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
	if (v2m_upload_check(s, ask->length, err) < 0)
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
