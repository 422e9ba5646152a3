#include "client/remote.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/io.h"
#include "client/await.h"
#include "client/save.h"

#define POLL_MS 1000

/* A download. */
struct download {
	struct v2m_remote *r;
	const struct v2m_fetch *f;
	const struct v2m_record *record;
	int fd;
	int64_t at;		/* bytes written */
	int64_t skip;		/* bytes of this answer written before */
	int64_t total;		/* -1: not yet known */
	bool begun;		/* this answer's head was checked */
	char etag[128];		/* of the first answer */
	struct v2m_sha256 hash;
};

static int
damaged(const char *what, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_IO, "the stored MP3 is damaged: its %s "
	    "does not agree", what);
}

/* Find out where this answer begins.  If a Range was asked for and the answer
 * is 200, it has the whole file, and the bytes written before are skipped. */
static int
begin_answer(struct download *d, const struct v2m_http_answer *a,
    struct v2m_err *err)
{
	int64_t total = a->length;

	d->skip = d->at;
	if (a->status == 206) {
		if (!a->ranged || a->range_start != d->at)
			return v2m_err_set(err, V2M_UNAVAILABLE, "the gateway "
			    "sends another range than was asked for");
		d->skip = 0;
		total = a->range_total;
	}
	if (d->at > 0 && (strcmp(a->etag, d->etag) != 0 || total != d->total))
		return v2m_err_set(err, V2M_TEMP, "it was converted again "
		    "meanwhile: try again");
	memcpy(d->etag, a->etag, sizeof d->etag);
	d->total = total;
	if (d->record->mp3_length > 0 && total >= 0 &&
	    total != d->record->mp3_length)
		return damaged("length", err);
	d->begun = true;
	return 0;
}

static int
write_bytes(void *arg, const struct v2m_http_answer *a, const void *buf,
    size_t n, struct v2m_err *err)
{
	struct download *d = arg;
	const char *from = buf;

	if (!d->begun && begin_answer(d, a, err) < 0)
		return -1;
	if ((int64_t)n <= d->skip) {
		d->skip -= (int64_t)n;
		return 0;
	}
	from += d->skip;
	n -= (size_t)d->skip;
	d->skip = 0;
	if (d->total >= 0 && (int64_t)n > d->total - d->at)
		return damaged("length", err);
	if (v2m_io_write(d->fd, from, n, "the MP3", err) < 0) {
		/* It is about the user's disk or pipe, not a service. */
		err->code = V2M_IO;
		return -1;
	}
	v2m_sha256_update(&d->hash, from, n);
	d->at += (int64_t)n;
	v2m_http_calm(d->r->http);
	if (d->f->progress != NULL)
		d->f->progress(d->f->progress_arg, d->at, d->total);
	return 0;
}

/* One request for what is still missing. */
static int
request_rest(struct download *d, struct v2m_http_answer *a, struct v2m_err *err)
{
	char path[128], range[64], if_range[160];
	const char *headers[] = { NULL, NULL, NULL };
	struct v2m_http_request rq = { .method = "GET", .path = path,
	    .headers = headers, .token = d->r->token, .write = write_bytes,
	    .arg = d };

	snprintf(path, sizeof path, "/download?fid=%s", d->record->id);
	if (d->at > 0 && d->etag[0] != '\0') {
		snprintf(range, sizeof range, "Range: bytes=%lld-",
		    (long long)d->at);
		snprintf(if_range, sizeof if_range, "If-Range: %s", d->etag);
		headers[0] = range;
		headers[1] = if_range;
	}
	d->begun = false;
	return v2m_http_try(d->r->http, &rq, a, err);
}

/* Are length and SHA-256 those of the record? */
static int
check_mp3(struct download *d, struct v2m_err *err)
{
	const char *want = d->record->mp3_sha256;
	char have[V2M_SHA256_HEX], quoted[V2M_SHA256_HEX + 2];

	v2m_sha256_final(&d->hash, have);
	snprintf(quoted, sizeof quoted, "\"%s\"", have);
	if (d->total >= 0 && d->at != d->total)
		return damaged("length", err);
	if (want[0] != '\0' ? strcmp(want, have) != 0 :
	    strlen(d->etag) == strlen(quoted) && strcmp(d->etag, quoted) != 0)
		return damaged("SHA-256", err);
	return 0;
}

/* For an answer 2xx without a body write_bytes() was not called. */
static int
end_answer(struct download *d, const struct v2m_http_answer *a,
    struct v2m_err *err)
{
	if (!d->begun && begin_answer(d, a, err) < 0)
		return -1;
	return check_mp3(d, err);
}

/* Send requests until the file is complete. */
static int
download(struct download *d, struct v2m_err *err)
{
	struct v2m_http_answer a;

	do {
		bool later = true;
		int ret;

		if (request_rest(d, &a, err) < 0)
			continue;
		later = v2m_http_answer_is_later(&a);
		if (a.status == 200 || a.status == 206)
			ret = end_answer(d, &a, err);
		else if (a.status == 202)
			ret = v2m_err_set(err, V2M_TEMP, "not converted yet: "
			    "try again, or --wait");
		else
			ret = v2m_http_answer_refused(&a, err);
		v2m_http_answer_release(&a);
		if (!later)
			return ret;
	} while (v2m_http_wait(d->r->http, &a, err) == 0);
	return -1;
}

static int
find_record(void *arg, const char *id, struct v2m_record *r, int64_t *asked,
    struct v2m_err *err)
{
	struct v2m_err why;

	if (v2m_remote_find(arg, id, r, asked, &why) == 0)
		return 0;
	v2m_err_pass(err, &why);
	if (why.code != V2M_NOINPUT || !v2m_id_valid(id))
		return -1;
	/* Foreign services leave MP3s without a job.  The gateway may have it,
	 * so ask. */
	memset(r, 0, sizeof *r);
	memcpy(r->id, id, V2M_ID_SIZE);
	r->state = V2M_JOB_DONE;
	return 0;
}

int
v2m_remote_fetch(struct v2m_remote *r, const char *id,
    const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err)
{
	struct v2m_record record;
	struct download d = { .r = r, .f = f, .record = &record,
	    .total = -1 };
	struct v2m_save save;
	int ret = -1;

	path[0] = '\0';
	if (v2m_await(find_record, r, id, f, POLL_MS, &record, err) < 0)
		return -1;
	if (record.created_at != 0 && record.mp3[0] == '\0')
		return v2m_err_set(err, V2M_NOINPUT, "its MP3 is no longer "
		    "kept");
	v2m_sha256_init(&d.hash);
	if (v2m_save_begin(&save, f, &record, err) == 0) {
		d.fd = save.fd;
		ret = download(&d, err);
		if (ret == 0)
			ret = v2m_save_end(&save, path, size, err);
	}
	v2m_save_release(&save);
	v2m_http_calm(r->http);
	if (ret < 0)
		return -1;
	*warned = record.warnings[0] != '\0';
	memcpy(job, record.id, V2M_ID_SIZE);
	return 0;
}
