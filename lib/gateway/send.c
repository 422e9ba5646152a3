/* send.c - sends an answer: by libmicrohttpd, or, where that does not accept
 * one, by writing to the socket. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/cors.h"
#include "gateway/server_private.h"
#include "http/date.h"

#define RAW_MS 5000		/* for a short answer to be taken */

/* What every answer has. */
static void
add_common(struct v2m_rq *rq)
{
	v2m_rq_reply_default(rq, "Cache-Control", "no-store");
	v2m_rq_reply_default(rq, "X-Content-Type-Options", "nosniff");
	v2m_rq_reply_header(rq, "X-Request-Id", rq->id);
	if (rq->close || v2m_rq_draining(rq))
		v2m_rq_reply_header(rq, "Connection", "close");
	/* If the header could not be read, the Origin is not known. */
	if (rq->fields != NULL)
		v2m_cors(rq);
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

/* Write as much as possible now.  A number of bytes; 0: try again; -1. */
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

void
v2m_rq_send_raw(struct v2m_rq *rq)
{
	char when[V2M_HTTP_DATE_SIZE], *all = NULL;
	size_t n = 0, i;
	FILE *f = open_memstream(&all, &n);

	if (f == NULL)
		return;
	rq->close = true;
	if (rq->response != NULL) {
		v2m_warn("an answer to %s that is not text, before its body "
		    "has ended", rq->method);
		rq->status = 500;
	}
	add_common(rq);
	v2m_http_date(when, time(NULL));
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
