#include "client/remote_send.h"

#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "client/remote_tus.h"
#include "flow/upload_steps.h"

/* Bytes sent in one request.  Proxies limit them; and a piece that was accepted
 * is not lost if a later one fails. */
#define PIECE (INT64_C(32) * 1024 * 1024)
#define PIECE_LEAST (INT64_C(256) * 1024)

#define ATTEMPTS 2	/* for one file, from its start */

/* How much longer the gateway may take for the last step: making the job. */
#define FINISH_MS (4 * 60 * 1000)

static int
changed(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_TEMP,
	    "it changed its length while it was read");
}

static ssize_t
read_piece(void *arg, void *buf, size_t n, int64_t at, struct v2m_err *err)
{
	struct v2m_send *s = arg;
	ssize_t got = v2m_io_pread(s->fd, buf, n, s->offset + at, "it", err);
	char one;

	if (got < 0)
		return -1;
	at += s->offset + got;
	/* Before the last byte is sent, check that the file has not grown. */
	if (got == 0 || (at == s->length &&
	    pread(s->fd, &one, 1, s->length) == 1))
		return changed(err);
	s->sent |= at == s->length;
	if (s->progress != NULL)
		s->progress(s->progress_arg, at);
	return got;
}

static int
create_upload(struct v2m_send *s, struct v2m_err *err)
{
	const char *base = strrchr(s->name, '/');
	char name[V2M_NAME_MAX], metadata[4096];
	struct v2m_tus_pair pairs[] = {
		{ "filename", name }, { "options", s->options },
		{ NULL, "1" }, { NULL, "1" }, { NULL, NULL },
	};
	size_t n = 2;

	if (s->hold)
		pairs[n++].key = "hold";
	if (s->skip_existing)
		pairs[n++].key = "skip_existing";
	v2m_text_copy(name, sizeof name, base == NULL ? s->name : base + 1);
	if (!v2m_tus_metadata(metadata, sizeof metadata, pairs))
		return v2m_err_set(err, V2M_BUG, "too much metadata");
	s->offset = 0;
	s->stored = false;
	return v2m_tus_create(s->r, s->length, metadata, s->id, err);
}

/* What has become of an upload. */
enum fate { LOST = 0, ACCEPTED = 1, UNFINISHED = 2, BUSY = 3 };

static int
look_at_job(struct v2m_send *s, struct v2m_err *err)
{
	struct v2m_record record;

	if (v2m_remote_find(s->r, s->id, &record, NULL, err) < 0)
		return err->code == V2M_NOINPUT ? LOST : -1;
	switch ((enum v2m_state)record.state) {
	case V2M_JOB_NEW:
		return UNFINISHED;
	case V2M_JOB_CANCELLED:
		return LOST;
	default:
		return ACCEPTED;
	}
}

/* After a piece failed, ask where to go on.  An enum fate, or -1. */
static int
find_offset(struct v2m_send *s, struct v2m_err *err)
{
	int64_t was = s->offset, now;
	int got = v2m_tus_offset(s->r, s->id, &now, err), job;

	if (got < 0)
		return -1;
	if (!s->stored && (got == 2 || now == s->length)) {
		v2m_http_extend(s->r->http, FINISH_MS);
		s->stored = true;
	}
	if (got == 2)
		return BUSY;
	if (got == 1 && now > s->length)
		return v2m_err_set(err, V2M_UNAVAILABLE, "the gateway claims "
		    "to have more of it than there is");
	if (got == 1) {
		s->offset = now;
		if (now > was)
			v2m_http_calm(s->r->http);
		if (now < s->length)
			return UNFINISHED;
	}
	job = look_at_job(s, err);
	/* The part is gone, and there is no job. */
	return got == 0 && job == UNFINISHED ? LOST : job;
}

/* Halve the size of pieces, if a proxy found one too large.  An error of the
 * gateway itself has another cause. */
static bool
halve(struct v2m_send *s, int64_t length, struct v2m_err *err)
{
	if (length > PIECE_LEAST) {
		s->piece = length / 2 < PIECE_LEAST ? PIECE_LEAST : length / 2;
		return true;
	}
	v2m_err_prefix(err, "a proxy on the way may not let %lld bytes "
	    "through (nginx: client_max_body_size)", (long long)length);
	return false;
}

/* Should it ask how much has arrived, and go on? */
static bool
is_passing(const struct v2m_http_answer *a)
{
	switch (a->status) {
	case 404:	/* expired, or a job already */
	case 408:
	case 409:	/* the offset is another */
	case 410:
	case 423:	/* an older connection holds it */
		return true;
	default:
		return a->fate != V2M_HTTP_ANSWERED ||
		    v2m_http_answer_is_later(a);
	}
}

/* An enum fate, or -1. */
static int
send_pieces(struct v2m_send *s, struct v2m_err *err)
{
	struct v2m_http_request piece = { .read = read_piece, .arg = s };
	struct v2m_http_answer a;
	int came;

	for (;;) {
		piece.length = s->length - s->offset < s->piece ?
		    s->length - s->offset : s->piece;
		if (v2m_tus_patch(s->r, s->id, &s->offset, &piece, &a,
		    err) == 0) {
			v2m_http_calm(s->r->http);
			if (s->offset < s->length)
				continue;
			/* It may be an equal job that was there before. */
			if (v2m_id_valid(a.job))
				memcpy(s->id, a.job, sizeof s->id);
			return ACCEPTED;
		}
		if (a.fate == V2M_HTTP_ANSWERED && a.status == 413 &&
		    halve(s, piece.length, err))
			continue;
		if (!is_passing(&a))
			return -1;
		do {
			if (v2m_http_wait(s->r->http, &a, err) < 0)
				return -1;
			a.retry_after_ms = -1;
			came = find_offset(s, err);
		} while (came == BUSY);
		if (came != UNFINISHED)
			return came;
		if (s->progress != NULL)
			s->progress(s->progress_arg, s->offset);
	}
}

int
v2m_send(struct v2m_send *s, char id[V2M_ID_SIZE], struct v2m_err *err)
{
	int came = LOST, i;

	s->piece = PIECE;
	for (i = 0; i < ATTEMPTS && came == LOST; i++) {
		if (create_upload(s, err) < 0)
			return -1;
		came = send_pieces(s, err);
	}
	v2m_http_calm(s->r->http);
	if (came == ACCEPTED) {
		memcpy(id, s->id, V2M_ID_SIZE);
		return 0;
	}
	if (came == LOST)
		return v2m_err_set(err, V2M_TEMP, "the gateway has lost what "
		    "was sent: try again");
	if (v2m_tus_drop(s->r, s->id) || !s->sent || err->code != V2M_TEMP)
		return -1;
	memcpy(id, s->id, V2M_ID_SIZE);
	return v2m_upload_maybe(s->id, err);
}
