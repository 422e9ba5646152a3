/* GET /download: the MP3 of a job, or a part of it.
 *
 * If the MP3 is a file, the server sends it from its descriptor, and no
 * connection to the store is held.  Else it is read in pieces, with a
 * connection for each.  If the store has links, a client that wants one is
 * redirected to it. */
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
#include "gateway/components.h"
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
#define LINK_S 60
#define TYPE "audio/mpeg"
#define CACHE_CONTROL "private, no-cache"

/* The state of the request, freed in release. */
struct download {
	struct v2m_record record;
	char etag[V2M_SHA256_HEX + 2];
	char *link;			/* to the store; NULL: none */
	int64_t length, first, last;	/* of the MP3; bytes that are sent */
	bool complete;			/* then the client has the whole MP3 */
	bool listen;			/* for a player, which keeps nothing */
};

/* --- permission --- */

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

static char *
name_file(char disposition[V2M_DISPOSITION_MAX], const struct v2m_record *r)
{
	char name[V2M_NAME_MAX];

	v2m_text_file_name(name, r->name, ".mp3", r->id);
	return v2m_disposition(disposition, name);
}

static void
describe(struct v2m_rq *rq, const struct download *d)
{
	char disposition[V2M_DISPOSITION_MAX];

	v2m_rq_reply_header(rq, "Content-Type", TYPE);
	v2m_rq_reply_header(rq, "Content-Disposition",
	    name_file(disposition, &d->record));
	v2m_rq_reply_header(rq, "X-Content-Type-Options", "nosniff");
	v2m_rq_reply_header(rq, "Content-Security-Policy", "sandbox");
	v2m_rq_reply_header(rq, "Accept-Ranges", "bytes");
	v2m_rq_reply_header(rq, "V2M-Id", d->record.id);
	if (d->record.warnings[0] != '\0')
		v2m_rq_reply_header(rq, "V2M-Warnings", "1");
}

/* Also for a 304. */
static void
describe_version(struct v2m_rq *rq, const struct download *d)
{
	v2m_rq_reply_header(rq, "ETag", d->etag);
	v2m_rq_reply_header(rq, "Cache-Control", CACHE_CONTROL);
}

/* Decide which bytes to send.  Returns the status: 200, 206, 304, or 416. */
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
		/* With If-Range, the client has the beginning of this version;
		 * a player that only reads the end does not send it. */
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

/* An MP3 that is read from a store without files: one piece is in memory. */
struct stream {
	struct v2m_pool *pool;
	char mp3[V2M_ID_SIZE];
	int64_t first, length;		/* first byte asked for; of the MP3 */
	int64_t at;			/* offset of the piece in buf */
	atomic_int *large;		/* counts large pieces, or NULL */
	size_t n, size;
	char buf[];
};

/* May one more download use large pieces?  They need memory. */
static bool
take_large(atomic_int *pieces)
{
	if (atomic_fetch_add(pieces, 1) < MOST_LARGE)
		return true;
	atomic_fetch_sub(pieces, 1);
	return false;
}

static void
give_back_large(atomic_int *pieces)
{
	if (pieces != NULL)
		atomic_fetch_sub(pieces, 1);
}

static void
free_stream(void *arg)
{
	struct stream *st = arg;

	give_back_large(st->large);
	free(st);
}

/* Read the piece at st->at. */
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

/* The header has been sent, so a failure can only break the connection. */
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

/* The size of a piece: a number of whole chunks of the usual size, so that none
 * is read twice; large, as each query may cost a search through all chunks; but
 * no more than was asked for, or than most. */
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
	atomic_int *pieces = &v2m_rq_components(rq)->large_pieces;
	atomic_int *large = wanted > SMALL_PIECE && take_large(pieces) ?
	    pieces : NULL;
	size_t size = piece_size(v2m_rq_conf(rq), wanted, large != NULL ?
	    PIECE : SMALL_PIECE);
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

/* S3 has another ETag than we: a client that continues bytes from us must get
 * the rest from us. */
static bool
goes_elsewhere(struct v2m_rq *rq, const struct download *d, int status)
{
	return d->link != NULL && (status == 200 || (status == 206 &&
	    v2m_rq_header(rq, "If-Range") == NULL));
}

/* We do not know whether the client follows the link, so the MP3 does not count
 * as fetched. */
static void
reply_link(struct v2m_rq *rq, const struct download *d)
{
	v2m_rq_reply_header(rq, "Location", d->link);
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	v2m_rq_reply_header(rq, "Referrer-Policy", "no-referrer");
	v2m_rq_reply_header(rq, "V2M-Id", d->record.id);
	v2m_rq_reply_text(rq, 307, "it is elsewhere for a minute");
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

/* fd: a file with the bytes, taken over; -1: there is none. */
static void
reply_mp3(struct v2m_rq *rq, struct download *d, int fd)
{
	int status = choose_bytes(rq, d);
	char range[64];

	if (status == 304) {
		/* Only the header is sent, with the length of the MP3. */
		describe_version(rq, d);
		v2m_rq_reply_stream(rq, 304, d->length, no_bytes, NULL, NULL);
	} else if (status == 416) {
		snprintf(range, sizeof range, "bytes */%" PRId64, d->length);
		v2m_rq_reply_header(rq, "Content-Range", range);
		v2m_fail_text(rq, 416, V2M_USAGE, "the file has no such bytes");
	} else if (goes_elsewhere(rq, d, status)) {
		reply_link(rq, d);
	} else {
		if (strcmp(v2m_rq_method(rq), "GET") == 0)
			v2m_rq_set_state(rq, d);
		reply_bytes(rq, d, status, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* --- the request --- */

/* Open the MP3 of the record: its length, and a descriptor if it is a file. */
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
	/* A stored MP3 never changes; a foreign one has no hash. */
	snprintf(d->etag, sizeof d->etag, "\"%s\"",
	    d->record.mp3_sha256[0] != '\0' ? d->record.mp3_sha256 :
	    d->record.mp3);
	return ret;
}

/* A link to the MP3 in the store, if it has links and the client wants one. */
static int
make_link(struct v2m_store *s, struct download *d, struct v2m_err *err)
{
	char disposition[V2M_DISPOSITION_MAX], url[V2M_LINK_MAX];
	struct v2m_link link = { .type = TYPE, .seconds = LINK_S,
		.cache_control = CACHE_CONTROL };

	if (!v2m_store_has_links(s))
		return 0;
	link.disposition = name_file(disposition, &d->record);
	if (v2m_store_link(s, V2M_MP3, d->record.mp3, &link, url, err) < 0)
		return -1;
	d->link = strdup(url);
	return d->link != NULL ? 0 : v2m_err_sys(err, V2M_TEMP,
	    "cannot send the MP3");
}

struct request {
	struct v2m_claims identity;
	const char *ticket;		/* or NULL: the identity is known */
	bool listen;			/* the ticket is for a player */
	bool redirect;			/* to a link, if there is one */
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
	if (r->state != V2M_JOB_DONE || r->mp3[0] == '\0')
		return 0;
	if (open_mp3(s->store, q->download, &q->fd, err) < 0)
		return -1;
	return q->redirect ? make_link(s->store, q->download, err) : 0;
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

/* The account is checked without a connection of the pool, as the server of the
 * accounts may be slow.  false: answered. */
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

/* Find the user, by ticket or token.  false: answered. */
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

static void
free_download(struct download *d)
{
	free(d->link);
	free(d);
}

/* Read the parameter redirect, which has no effect with HEAD.  false:
 * answered. */
static bool
ask_redirect(struct v2m_rq *rq, struct request *q)
{
	const char *asked = v2m_rq_query(rq, "redirect");

	if (asked != NULL && strcmp(asked, "1") != 0) {
		v2m_fail_text(rq, 400, V2M_USAGE,
		    "redirect has to be 1 or left out");
		return false;
	}
	q->redirect = asked != NULL && strcmp(v2m_rq_method(rq), "GET") == 0;
	return true;
}

void
v2m_download_get(struct v2m_rq *rq)
{
	struct request q = { .ticket = v2m_rq_query(rq, "ticket"),
	    .id = "-", .fd = -1 };
	struct v2m_err err;
	struct download *d;

	if (!ask_redirect(rq, &q) || !enter(rq, &q))
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
		free_download(d);
}

static int
note_fetched(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	return v2m_job_fetched(s->store, arg, err);
}

/* Note that it was fetched.  If that fails, it does not matter. */
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
	free_download(d);
}
