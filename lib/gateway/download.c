/* GET /download: the MP3 of a job, whole or from where it broke off.
 *
 * Where the store has a file, its descriptor goes to the server and no
 * connection to the store is held; else the MP3 comes out of it in pieces,
 * with a connection for each. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/session.h"
#include "base/text.h"
#include "flow/job.h"
#include "flow/permission.h"
#include "flow/status.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "gateway/ticket.h"
#include "http/disposition.h"
#include "http/etag.h"
#include "http/range.h"

#define RETRY_QUEUED_S 10
#define RETRY_RUNNING_S 3
#define PIECE (4 << 20)
#define SMALL_PIECE (512 << 10)
#define MOST_LARGE 32		/* downloads at a time by large pieces */

/* What goes out.  Freed in release. */
struct download {
	struct v2m_record record;
	char etag[V2M_SHA256_HEX + 2];
	int64_t length, first, last;	/* of the MP3; bytes that are sent */
	bool complete;			/* with them the client has it all */
	bool listen;			/* a player's, who keeps nothing */
};

/* --- who may, and is it there? --- */

static void
not_ready(struct v2m_rq *rq, const struct v2m_record *r)
{
	const char *word = v2m_status_word(r);
	int64_t percent = r->state == V2M_JOB_RUNNING ? r->progress : -1;

	v2m_fail_retry_after(rq, r->state == V2M_JOB_RUNNING ? RETRY_RUNNING_S :
	    RETRY_QUEUED_S);
	v2m_rq_reply_header(rq, "V2M-State", word);
	v2m_rq_reply_header(rq, "V2M-Id", r->id);
	if (!v2m_rq_wants_json(rq)) {
		v2m_fail_text(rq, 503, V2M_TEMP, "not converted yet (%s): try "
		    "again", word);
		return;
	}
	v2m_rq_reply_json(rq, 202, json_pack("{s:s, s:s, s:o}", "id", r->id,
	    "state", v2m_state_word((enum v2m_state)r->state), "percent",
	    percent >= 0 ? json_integer(percent) : json_null()));
}

/* false: answered. */
static bool
is_ready(struct v2m_rq *rq, const struct v2m_record *r)
{
	switch ((enum v2m_state)r->state) {
	case V2M_JOB_DONE:
		if (r->mp3[0] != '\0')
			return true;
		v2m_fail_text(rq, 404, V2M_NOINPUT, "its MP3 is no longer "
		    "kept");
		return false;
	case V2M_JOB_FAILED:
		v2m_rq_reply_header(rq, "V2M-State", "failed");
		v2m_fail_text(rq, 410, V2M_FAILED, "the conversion failed: %s",
		    r->reason);
		return false;
	case V2M_JOB_CANCELLED:
		v2m_fail_text(rq, 404, V2M_NOINPUT, "it was removed");
		return false;
	default:
		not_ready(rq, r);
		return false;
	}
}

/* --- the answer's header --- */

static void
describe(struct v2m_rq *rq, const struct download *d)
{
	char disposition[V2M_DISPOSITION_MAX], name[V2M_NAME_MAX];

	v2m_text_file_name(name, d->record.name, ".mp3", d->record.id);
	v2m_rq_reply_header(rq, "Content-Type", "audio/mpeg");
	v2m_rq_reply_header(rq, "Content-Disposition",
	    v2m_disposition(disposition, name));
	v2m_rq_reply_header(rq, "X-Content-Type-Options", "nosniff");
	v2m_rq_reply_header(rq, "Content-Security-Policy", "sandbox");
	v2m_rq_reply_header(rq, "Accept-Ranges", "bytes");
	v2m_rq_reply_header(rq, "V2M-Id", d->record.id);
	if (d->record.warnings[0] != '\0')
		v2m_rq_reply_header(rq, "V2M-Warnings", "1");
}

/* For the 304 and the rest alike. */
static void
describe_version(struct v2m_rq *rq, const struct download *d)
{
	v2m_rq_reply_header(rq, "ETag", d->etag);
	v2m_rq_reply_header(rq, "Cache-Control", "private, no-cache");
}

/* Which bytes?  The status of the answer: 200, 206, 304, or 416. */
static int
choose_bytes(struct v2m_rq *rq, struct download *d)
{
	const char *listed = v2m_rq_header(rq, "If-None-Match");
	const char *range = v2m_rq_header(rq, "Range");
	const char *if_range = v2m_rq_header(rq, "If-Range");

	d->first = 0;
	d->last = d->length - 1;
	d->complete = true;
	if (listed != NULL && v2m_etag_listed(listed, d->etag))
		return 304;
	if (range == NULL || !v2m_if_range(if_range, d->etag))
		return 200;
	switch (v2m_range_parse(range, d->length, &d->first, &d->last)) {
	case V2M_RANGE_PART:
		/* Who asks for a rest of this very version has had the
		 * beginning; a player that looks at the end has not. */
		d->complete = d->last == d->length - 1 &&
		    (d->first == 0 || if_range != NULL);
		return 206;
	case V2M_RANGE_NONE:
		return 416;
	default:
		d->first = 0;
		d->last = d->length - 1;
		return 200;
	}
}

/* --- its bytes --- */

/* An MP3 on its way out of a store without files: one piece in memory. */
struct stream {
	struct v2m_pool *pool;
	char mp3[V2M_ID_SIZE];
	int64_t first, length;		/* bytes asked for; of the MP3 */
	int64_t at;			/* of the piece in buf */
	bool large;			/* is counted */
	size_t n, size;
	char buf[];
};

static atomic_int large_pieces;

/* Is there memory for one more? */
static bool
take_large(void)
{
	if (atomic_fetch_add(&large_pieces, 1) < MOST_LARGE)
		return true;
	atomic_fetch_sub(&large_pieces, 1);
	return false;
}

static void
give_back_large(bool large)
{
	if (large)
		atomic_fetch_sub(&large_pieces, 1);
}

static void
free_stream(void *arg)
{
	struct stream *st = arg;

	give_back_large(st->large);
	free(st);
}

/* The one at st->at. */
static int
read_piece(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct stream *st = arg;
	struct v2m_reader *r = v2m_store_read(s->store, V2M_MP3, st->mp3, NULL,
	    err);
	ssize_t n = -1;

	if (r == NULL)
		return -1;
	if (v2m_reader_length(r) == st->length)
		n = v2m_reader_pread(r, st->buf, st->size, st->at, err);
	else
		v2m_err_set(err, V2M_IO, "it changed its length");
	v2m_reader_free(r);
	st->n = n < 0 ? 0 : (size_t)n;
	return n < 0 ? -1 : 0;
}

/* The header is out: all that can be said of a failure is that the connection
 * breaks. */
static ssize_t
read_stream(void *arg, int64_t offset, void *buf, size_t n)
{
	struct stream *st = arg;
	int64_t at = st->first + offset;
	struct v2m_err ignored;

	if (at < st->at || at >= st->at + (int64_t)st->n) {
		st->at = at - at % (int64_t)st->size;
		if (v2m_pool_use(st->pool, read_piece, st, &ignored) < 0 ||
		    at >= st->at + (int64_t)st->n)
			return -1;
	}
	if (n > st->n - (size_t)(at - st->at))
		n = st->n - (size_t)(at - st->at);
	memcpy(buf, st->buf + (at - st->at), n);
	return (ssize_t)n;
}

/* Whole chunks of the store, as far as they are of the usual size, so that none
 * is read twice; few queries for the whole MP3, since each of them may cost a
 * look through all chunks there are; and no more than was asked for, or than
 * most. */
static size_t
piece_size(const struct v2m_conf *conf, int64_t wanted, int64_t most)
{
	int64_t chunk = v2m_conf_number(conf, "chunk_size");

	if (chunk < 1 || chunk > most)
		chunk = most;
	wanted += chunk - 1;
	return (size_t)((wanted < most ? wanted : most) / chunk * chunk);
}

static void
reply_pieces(struct v2m_rq *rq, struct download *d, int status)
{
	int64_t wanted = d->last - d->first + 1;
	bool large = wanted > SMALL_PIECE && take_large();
	size_t size = piece_size(v2m_rq_conf(rq), wanted, large ? PIECE :
	    SMALL_PIECE);
	struct stream *st = malloc(sizeof *st + size);
	struct v2m_err err;

	if (st == NULL) {
		give_back_large(large);
		v2m_err_sys(&err, V2M_TEMP, "cannot send the MP3");
		v2m_fail(rq, &err);
		d->complete = false;
		return;
	}
	memset(st, 0, sizeof *st);
	st->pool = v2m_rq_pool(rq);
	memcpy(st->mp3, d->record.mp3, sizeof st->mp3);
	st->first = d->first;
	st->length = d->length;
	st->large = large;
	st->size = size;
	v2m_rq_reply_stream(rq, status, wanted, read_stream, st, free_stream);
}

static void
reply_bytes(struct v2m_rq *rq, struct download *d, int status, int fd)
{
	char range[96];

	describe(rq, d);
	describe_version(rq, d);
	if (status == 206) {
		snprintf(range, sizeof range, "bytes %" PRId64 "-%" PRId64
		    "/%" PRId64, d->first, d->last, d->length);
		v2m_rq_reply_header(rq, "Content-Range", range);
	}
	if (fd >= 0)
		v2m_rq_reply_fd(rq, status, fd, d->first,
		    d->last - d->first + 1);
	else
		reply_pieces(rq, d, status);
}

static ssize_t
no_bytes(void *arg, int64_t offset, void *buf, size_t n)
{
	(void)arg;
	(void)offset;
	(void)buf;
	(void)n;
	return -1;
}

/* fd: of a file with the bytes, taken over; -1: there is none. */
static void
reply_mp3(struct v2m_rq *rq, struct download *d, int fd)
{
	int status = choose_bytes(rq, d);
	char range[64];

	if (status == 304) {
		/* Only the header goes out, with the length of the whole. */
		describe_version(rq, d);
		v2m_rq_reply_stream(rq, 304, d->length, no_bytes, NULL, NULL);
	} else if (status == 416) {
		snprintf(range, sizeof range, "bytes */%" PRId64, d->length);
		v2m_rq_reply_header(rq, "Content-Range", range);
		v2m_fail_text(rq, 416, V2M_USAGE, "the file has no such bytes");
	} else {
		if (strcmp(v2m_rq_method(rq), "GET") == 0)
			v2m_rq_set_state(rq, d);
		reply_bytes(rq, d, status, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* --- all of it --- */

/* The MP3 of the record: its length, and a descriptor of its own of its file
 * where there is one. */
static int
open_mp3(struct v2m_store *s, struct download *d, int *fd, struct v2m_err *err)
{
	struct v2m_reader *r = v2m_store_read(s, V2M_MP3, d->record.mp3, NULL,
	    err);
	int ret = 0;

	if (r == NULL)
		return err->code != V2M_NOINPUT ? -1 : v2m_err_set(err,
		    V2M_NOINPUT, "its MP3 is no longer kept");
	d->length = v2m_reader_length(r);
	*fd = v2m_reader_fd(r);
	if (*fd >= 0 && (*fd = fcntl(*fd, F_DUPFD_CLOEXEC, 3)) < 0)
		ret = v2m_err_sys(err, V2M_TEMP, "cannot open the MP3");
	v2m_reader_free(r);
	/* What is stored has one version only; a stranger's has no hash. */
	snprintf(d->etag, sizeof d->etag, "\"%s\"",
	    d->record.mp3_sha256[0] != '\0' ? d->record.mp3_sha256 :
	    d->record.mp3);
	return ret;
}

struct request {
	struct v2m_claims identity;
	const char *ticket;		/* or NULL: the identity is known */
	bool listen;			/* the ticket is a player's */
	char id[V2M_ID_SIZE];
	struct download *download;
	int fd;				/* of the MP3; -1: it is not a file */
};

static int
find_and_open(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;
	struct v2m_record *r = &q->download->record;

	if (v2m_permitted_mp3(s, &q->identity, q->id, r, err) < 0)
		return -1;
	return r->state == V2M_JOB_DONE && r->mp3[0] != '\0' ?
	    open_mp3(s->store, q->download, &q->fd, err) : 0;
}

static void
start_download(struct v2m_rq *rq, struct request *q)
{
	struct download *d = q->download;
	struct v2m_err err;
	int ret = v2m_pool_use(v2m_rq_pool(rq), find_and_open, q, &err);

	v2m_rq_note(rq, "job", ret == 0 ? d->record.id : q->id);
	if (ret == 0 && !q->identity.admin)
		v2m_status_hide(&d->record);
	if (ret < 0)
		v2m_fail(rq, &err);
	else if (is_ready(rq, &d->record))
		reply_mp3(rq, d, q->fd);
}

static int
redeem_ticket(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;

	return v2m_ticket_open(s, q->ticket, &q->identity, q->id, &q->listen,
	    err);
}

/* The account is asked for with no store in hand: another server may be slow.
 * false: answered. */
static bool
open_ticket(struct v2m_rq *rq, struct request *q)
{
	struct v2m_err err;
	int ret = v2m_pool_use(v2m_rq_pool(rq), redeem_ticket, q, &err);

	if (ret == 0)
		ret = v2m_session_confirm(v2m_rq_conf(rq), &q->identity, &err);
	if (ret < 0 && err.code == V2M_DENIED && !v2m_err_is_access(&err))
		v2m_err_set(&err, V2M_DENIED, "not authorized");
	if (ret < 0)
		v2m_fail(rq, &err);
	return ret == 0;
}

/* By ticket or token.  false: answered. */
static bool
enter(struct v2m_rq *rq, struct request *q)
{
	const char *fid;

	if (q->ticket != NULL)
		return open_ticket(rq, q);
	if (!v2m_identity(rq, &q->identity) ||
	    (fid = v2m_fail_or_id(rq, "fid")) == NULL)
		return false;
	memcpy(q->id, fid, sizeof q->id);
	return true;
}

void
v2m_download_get(struct v2m_rq *rq)
{
	struct request q = { .ticket = v2m_rq_query(rq, "ticket"),
	    .id = "-", .fd = -1 };
	struct v2m_err err;
	struct download *d;

	if (!enter(rq, &q))
		return;
	q.download = d = calloc(1, sizeof *d);
	if (d == NULL) {
		v2m_err_sys(&err, V2M_TEMP, "cannot send the MP3");
		v2m_fail(rq, &err);
		return;
	}
	d->listen = q.listen;
	start_download(rq, &q);
	if (v2m_rq_state(rq) != d)
		free(d);
}

static int
note_fetched(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	return v2m_job_fetched(s->store, arg, err);
}

/* That it was fetched is worth noting, not worth a failure. */
void
v2m_download_release(struct v2m_rq *rq)
{
	struct download *d = v2m_rq_state(rq);
	struct v2m_err ignored;

	if (d == NULL)
		return;
	if (d->complete && !d->listen && !v2m_rq_aborted(rq) &&
	    d->record.fetched_at == 0)
		v2m_pool_use(v2m_rq_pool(rq), note_fetched, &d->record,
		    &ignored);
	free(d);
}
