/* POST /files/: begins an upload. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gateway/fail.h"
#include "gateway/stream.h"
#include "gateway/tus.h"

#define METADATA_MAX 3072	/* kept, and returned by HEAD */

/* The keys of the metadata that have a meaning for v2m. */
struct metadata {
	char name[V2M_NAME_MAX];
	char options[V2M_SETTINGS_TEXT];
	bool hold, skip_existing;
};

/* "key" alone, or with "1", "yes", "true". */
static int
read_flag(const char *header, const char *key, bool *flag)
{
	char value[8];
	int found = v2m_tus_read_metadata(header, key, value, sizeof value);

	*flag = found == 1 && (value[0] == '\0' || strcmp(value, "1") == 0 ||
	    strcmp(value, "yes") == 0 || strcmp(value, "true") == 0);
	return found;
}

/* A name that is too long is cut, not refused, as it is only shown. */
static int
read_name(const char *header, char dst[V2M_NAME_MAX])
{
	char name[METADATA_MAX];
	int found = v2m_tus_read_metadata(header, "filename", name,
	    sizeof name);

	if (found == 0)
		found = v2m_tus_read_metadata(header, "name", name,
		    sizeof name);
	v2m_text_copy(dst, V2M_NAME_MAX, name[0] == '\0' ? "upload" : name);
	return found;
}

static bool
read_metadata(struct v2m_rq *rq, const char *header, struct metadata *m)
{
	if (strlen(header) < METADATA_MAX && read_name(header, m->name) >= 0 &&
	    v2m_tus_read_metadata(header, "options", m->options,
	    sizeof m->options) >= 0 &&
	    read_flag(header, "hold", &m->hold) >= 0 &&
	    read_flag(header, "skip_existing", &m->skip_existing) >= 0)
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Metadata is malformed, or "
	    "too long");
	return false;
}

/* Upload-Length, or Upload-Defer-Length: 1. */
static bool
read_length(struct v2m_rq *rq, int64_t *length)
{
	const char *text = v2m_rq_header(rq, "Upload-Length");
	const char *defer = v2m_rq_header(rq, "Upload-Defer-Length");

	*length = -1;
	if ((text != NULL && defer == NULL &&
	    v2m_tus_read_number(text, length)) ||
	    (text == NULL && defer != NULL && strcmp(defer, "1") == 0))
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Length, or "
	    "Upload-Defer-Length: 1, is required");
	return false;
}

static void
create(struct v2m_rq *rq, struct v2m_tus *t, const struct v2m_claims *identity)
{
	const char *header = v2m_rq_header(rq, "Upload-Metadata");
	struct v2m_upload_stream_request ask = { .owner = identity->username,
	    .unlimited = identity->admin, .resumable = true, .text = header };
	struct metadata m;
	struct v2m_err err;

	if (v2m_rq_header(rq, "Upload-Concat") != NULL) {
		v2m_fail_text(rq, 400, V2M_USAGE, "Upload-Concat is not "
		    "supported");
		return;
	}
	if (!read_length(rq, &ask.length) ||
	    !read_metadata(rq, header == NULL ? "" : header, &m))
		return;
	if (v2m_settings_parse(&ask.settings, m.options, &err) < 0) {
		v2m_err_prefix(&err, "options");
		v2m_rq_reply_error(rq, 400, &err);
		return;
	}
	ask.name = m.name;
	ask.hold = m.hold;
	ask.skip_existing = m.skip_existing;
	t->stream = v2m_stream_begin(rq, &ask);
}

void
v2m_tus_post_begin(struct v2m_rq *rq)
{
	struct v2m_claims identity;
	struct v2m_tus *t;

	if (v2m_tus_overrides(rq, "PATCH")) {
		v2m_tus_patch_begin(rq);
		return;
	}
	if (v2m_tus_overrides(rq, "DELETE")) {
		v2m_tus_delete(rq);
		return;
	}
	if (!v2m_tus_enter(rq, &identity))
		return;
	if (strcmp(v2m_rq_path(rq), V2M_TUS_PATH) != 0) {
		v2m_fail_text(rq, 404, V2M_NOINPUT, "uploads begin at "
		    V2M_TUS_PATH);
		return;
	}
	t = v2m_tus_begin(rq);
	if (t == NULL)
		return;
	t->created = true;
	if (v2m_rq_length(rq) != 0 && !v2m_tus_has_bytes(rq)) {
		v2m_fail_text(rq, 415, V2M_USAGE, "Content-Type: "
		    "application/offset+octet-stream is required of a body");
		return;
	}
	if (v2m_tus_take_sum(rq, t))
		create(rq, t, &identity);
}
