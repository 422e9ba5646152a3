#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "gateway/server_private.h"

#define STREAM_PIECE (64 << 10)

/* May the request be answered now?  A second answer would be a bug. */
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

void
v2m_rq_reply_default(struct v2m_rq *rq, const char *name, const char *value)
{
	if (!has_header(rq, name))
		v2m_rq_reply_header(rq, name, value);
}

static void
set_text(struct v2m_rq *rq, char *text, const char *type)
{
	rq->text = text;
	rq->text_n = text == NULL ? 0 : strlen(text);
	if (text == NULL)
		rq->status = 500;
	if (rq->text_n > 0)
		v2m_rq_reply_default(rq, "Content-Type", type);
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
	v2m_rq_reply_default(rq, "Content-Type", type);
	rq->response = MHD_create_response_from_buffer(n, plain.out,
	    MHD_RESPMEM_PERSISTENT);
	if (rq->response == NULL)
		reply_failed(rq);
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
