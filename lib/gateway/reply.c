#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/server_private.h"

#define RAW_MS 5000		/* for a short answer to be taken */
#define STREAM_PIECE (64 << 10)

/* May there be an answer now?  A second one is a mistake of ours. */
static bool
may_reply(struct v2m_rq *rq, int status)
{
	if (rq->status != 0) {
		v2m_warn("a second answer, %d, to %s after %d", status,
		    rq->method, rq->status);
		return false;
	}
	rq->status = status;
	return true;
}

static bool
has_header(const struct v2m_rq *rq, const char *name)
{
	size_t i;

	for (i = 0; i < rq->nheaders; i++)
		if (strcasecmp(rq->headers[i].name, name) == 0)
			return true;
	return false;
}

void
v2m_rq_reply_header(struct v2m_rq *rq, const char *name, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL || rq->nheaders == V2M_RQ_HEADERS) {
		free(copy);
		return;
	}
	free(rq->headers[rq->nheaders].value);
	rq->headers[rq->nheaders].name = name;
	rq->headers[rq->nheaders++].value = v2m_text_clean(copy);
}

static void
set_text(struct v2m_rq *rq, char *text, const char *type)
{
	rq->text = text;
	rq->text_n = text == NULL ? 0 : strlen(text);
	if (text == NULL)
		rq->status = 500;
	if (!has_header(rq, "Content-Type") && rq->text_n > 0)
		v2m_rq_reply_header(rq, "Content-Type", type);
}

void
v2m_rq_reply_text(struct v2m_rq *rq, int status, const char *text)
{
	if (may_reply(rq, status))
		set_text(rq, strdup(text), "text/plain; charset=utf-8");
}

void
v2m_rq_reply_json(struct v2m_rq *rq, int status, json_t *json)
{
	char *text, *line = NULL;

	if (may_reply(rq, status)) {
		text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT |
		    JSON_REAL_PRECISION(12));
		if (text != NULL && asprintf(&line, "%s\n", text) < 0)
			line = NULL;
		free(text);
		set_text(rq, line, "application/json");
	}
	json_decref(json);
}

void
v2m_rq_reply_error(struct v2m_rq *rq, int status, const struct v2m_err *err)
{
	if (!v2m_rq_wants_json(rq)) {
		v2m_rq_reply_text(rq, status, err->msg);
		return;
	}
	v2m_rq_reply_json(rq, status, json_pack("{s:s, s:s, s:i}",
	    "error", err->msg, "code", v2m_code_word(err->code),
	    "status", (int)err->code));
}

/* No memory for the answer. */
static void
reply_failed(struct v2m_rq *rq)
{
	rq->status = 500;
	rq->nheaders = 0;
}

void
v2m_rq_reply_fd(struct v2m_rq *rq, int status, int fd, int64_t offset,
    int64_t length)
{
	if (!may_reply(rq, status)) {
		close(fd);
		return;
	}
	rq->response = MHD_create_response_from_fd_at_offset64(
	    (uint64_t)length, fd, (uint64_t)offset);
	if (rq->response == NULL) {
		close(fd);
		reply_failed(rq);
	}
}

struct stream {
	struct v2m_conn *conn;
	ssize_t (*read)(void *arg, int64_t at, void *buf, size_t n);
	void (*free)(void *arg);
	void *arg;
};

static ssize_t
read_stream(void *cls, uint64_t at, char *buf, size_t n)
{
	struct stream *s = cls;
	ssize_t got;

	v2m_conn_phase(s->conn, V2M_PHASE_BUSY);
	got = s->read(s->arg, (int64_t)at, buf, n);
	v2m_conn_phase(s->conn, V2M_PHASE_REPLY);
	if (got == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return got < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : got;
}

static void
free_stream(void *cls)
{
	struct stream *s = cls;

	if (s->free != NULL)
		s->free(s->arg);
	free(s);
}

void
v2m_rq_reply_stream(struct v2m_rq *rq, int status, int64_t length,
    ssize_t (*read_fn)(void *arg, int64_t at, void *buf, size_t n), void *arg,
    void (*free_fn)(void *arg))
{
	struct stream *s = NULL;

	if (may_reply(rq, status)) {
		s = malloc(sizeof *s);
		if (s == NULL)
			reply_failed(rq);
	}
	if (s == NULL) {
		if (free_fn != NULL)
			free_fn(arg);
		return;
	}
	*s = (struct stream){ rq->conn, read_fn, free_fn, arg };
	rq->response = MHD_create_response_from_callback(length < 0 ?
	    MHD_SIZE_UNKNOWN : (uint64_t)length, STREAM_PIECE, read_stream, s,
	    free_stream);
	if (rq->response == NULL) {
		free_stream(s);
		reply_failed(rq);
	}
}

void
v2m_rq_reply_static(struct v2m_rq *rq, int status, const char *type,
    const void *bytes, size_t n)
{
	union { const void *in; void *out; } plain = { bytes };

	if (!may_reply(rq, status))
		return;
	if (!has_header(rq, "Content-Type"))
		v2m_rq_reply_header(rq, "Content-Type", type);
	rq->response = MHD_create_response_from_buffer(n, plain.out,
	    MHD_RESPMEM_PERSISTENT);
	if (rq->response == NULL)
		reply_failed(rq);
}

/* What every answer has. */
static void
add_common(struct v2m_rq *rq)
{
	if (!has_header(rq, "Cache-Control"))
		v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	if (!has_header(rq, "X-Content-Type-Options"))
		v2m_rq_reply_header(rq, "X-Content-Type-Options", "nosniff");
	v2m_rq_reply_header(rq, "X-Request-Id", rq->id);
	if (rq->close || v2m_rq_draining(rq))
		v2m_rq_reply_header(rq, "Connection", "close");
}

enum MHD_Result
v2m_rq_send(struct v2m_rq *rq)
{
	enum MHD_Result ret;
	size_t i;

	add_common(rq);
	if (rq->response == NULL)
		rq->response = MHD_create_response_from_buffer(rq->text_n,
		    rq->text, MHD_RESPMEM_MUST_COPY);
	if (rq->response == NULL)
		return MHD_NO;
	for (i = 0; i < rq->nheaders; i++)
		MHD_add_response_header(rq->response, rq->headers[i].name,
		    rq->headers[i].value);
	v2m_conn_phase(rq->conn, V2M_PHASE_REPLY);
	ret = MHD_queue_response(rq->mhd, (unsigned)rq->status, rq->response);
	MHD_destroy_response(rq->response);
	rq->response = NULL;
	return ret;
}

/* As much as goes at once: a number of bytes, 0 to try again, -1. */
static ssize_t
send_some(struct v2m_rq *rq, gnutls_session_t tls, const char *at, size_t n)
{
	ssize_t sent;

	if (tls != NULL) {
		sent = gnutls_record_send(tls, at, n);
		return sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED ?
		    0 : sent;
	}
	sent = send(rq->conn->fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static bool
send_all(struct v2m_rq *rq, const char *at, size_t n)
{
	const union MHD_ConnectionInfo *info = !rq->conn->listener->tls ?
	    NULL : MHD_get_connection_info(rq->mhd,
	    MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t tls = info == NULL ? NULL : info->tls_session;
	int64_t until_ms = v2m_mono_ms() + RAW_MS;
	struct pollfd p = { .fd = rq->conn->fd, .events = POLLOUT };
	ssize_t sent;

	if (rq->conn->listener->tls && tls == NULL)
		return false;
	while (n > 0) {
		sent = send_some(rq, tls, at, n);
		if (sent < 0 || v2m_mono_ms() > until_ms)
			return false;
		if (sent == 0)
			poll(&p, 1, 100);
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* RFC 9110's form of a date, whatever the locale. */
static void
date(char dst[40])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	snprintf(dst, 40, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + 3 * (tm.tm_wday % 7), tm.tm_mday % 100,
	    months + 3 * (tm.tm_mon % 12), (tm.tm_year + 1900) % 10000,
	    tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
}

void
v2m_rq_send_raw(struct v2m_rq *rq)
{
	char when[40], *all = NULL;
	size_t n = 0, i;
	FILE *f = open_memstream(&all, &n);

	if (f == NULL)
		return;
	rq->close = true;
	if (rq->response != NULL) {
		v2m_warn("an answer to %s that is no text, before its body "
		    "has ended", rq->method);
		rq->status = 500;
	}
	add_common(rq);
	date(when);
	fprintf(f, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Length: %zu\r\n",
	    rq->status, MHD_get_reason_phrase_for((unsigned)rq->status), when,
	    rq->text_n);
	for (i = 0; i < rq->nheaders; i++)
		fprintf(f, "%s: %s\r\n", rq->headers[i].name,
		    rq->headers[i].value);
	fprintf(f, "\r\n");
	fwrite(rq->text, 1, rq->text_n, f);
	v2m_conn_phase(rq->conn, V2M_PHASE_REPLY);
	if (fclose(f) == 0)
		rq->sent_raw = send_all(rq, all, n);
	free(all);
}

void
v2m_rq_reply_release(struct v2m_rq *rq)
{
	size_t i;

	for (i = 0; i < V2M_RQ_HEADERS; i++)
		free(rq->headers[i].value);
	free(rq->text);
	if (rq->response != NULL)
		MHD_destroy_response(rq->response);
}
