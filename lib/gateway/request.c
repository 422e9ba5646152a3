/* request.c - the life of a request, between libmicrohttpd and a route. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/server_private.h"

/* How much of a body is read and dropped if its route does not use it. */
#define IGNORED_MAX (64 << 10)

/* The request line was read. */
void *
v2m_rq_new(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct v2m_conn *c = info == NULL ? NULL : info->socket_context;
	struct v2m_rq *rq = c == NULL ? NULL : calloc(1, sizeof *rq);
	uint8_t random[8];

	(void)cls;
	if (rq == NULL)
		return NULL;
	rq->conn = c;
	rq->mhd = mhd;
	rq->server = c->listener->server;
	rq->start_ms = v2m_mono_ms();
	rq->out_base = v2m_conn_written(c);
	rq->target_end = uri == NULL ? NULL : uri + strlen(uri);
	rq->target = strdup(uri == NULL ? "" : uri);
	v2m_random(random, sizeof random);
	v2m_text_hex(rq->id, random, sizeof random);
	v2m_ip_text(rq->ip, &c->peer);
	atomic_fetch_add(&c->requests, 1);
	if (rq->target == NULL) {
		free(rq);
		return NULL;
	}
	return rq;
}

static bool
matches(const struct v2m_route *r, const char *path)
{
	return r->prefix ? strncmp(r->path, path, strlen(r->path)) == 0 :
	    strcmp(r->path, path) == 0;
}

static bool
is_for(const struct v2m_route *r, const char *method)
{
	return strcmp(r->method, method) == 0 ||
	    (strcmp(r->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* An exact path wins over a prefix, HEAD of its own over GET. */
static const struct v2m_route *
find_route(const struct v2m_rq *rq, bool exact, const char *method)
{
	const struct v2m_route *r, *found = NULL;

	for (r = v2m_routes; r->path != NULL; r++) {
		if ((rq->conn->listener->metrics && !r->metrics) ||
		    r->prefix == exact || !matches(r, rq->path))
			continue;
		if (method == NULL || strcmp(r->method, method) == 0)
			return r;
		if (found == NULL && is_for(r, method))
			found = r;
	}
	return found;
}

static void
list_methods(const struct v2m_rq *rq, bool exact, char *list, size_t size)
{
	const struct v2m_route *r;
	bool options = false;
	size_t n = 0;

	list[0] = '\0';
	for (r = v2m_routes; r->path != NULL; r++) {
		if ((rq->conn->listener->metrics && !r->metrics) ||
		    r->prefix == exact || !matches(r, rq->path) ||
		    n + 32 > size)
			continue;
		options |= strcmp(r->method, "OPTIONS") == 0;
		n += (size_t)snprintf(list + n, size - n, "%s%s%s",
		    n == 0 ? "" : ", ", r->method,
		    strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
	}
	if (!options)
		snprintf(list + n, size - n, "%sOPTIONS", n == 0 ? "" : ", ");
}

/* There is no route: answer 404, 405 or OPTIONS. */
static void
reply_no_route(struct v2m_rq *rq)
{
	bool exact = find_route(rq, true, NULL) != NULL;
	bool there = exact || find_route(rq, false, NULL) != NULL;
	bool options = strcmp(rq->method, "OPTIONS") == 0;
	struct v2m_err err;
	char list[128];

	if (!there && !(options && strcmp(rq->path, "*") == 0)) {
		v2m_err_set(&err, V2M_UNAVAILABLE, "nothing is at this path");
		v2m_rq_reply_error(rq, 404, &err);
		return;
	}
	if (there) {
		list_methods(rq, exact, list, sizeof list);
		v2m_rq_reply_header(rq, "Allow", list);
	}
	if (options) {
		v2m_rq_reply_text(rq, 204, "");
		return;
	}
	v2m_err_set(&err, V2M_USAGE, "method not allowed");
	v2m_rq_reply_error(rq, 405, &err);
}

static void
begin_request(struct v2m_rq *rq, const char *method, const char *version)
{
	snprintf(rq->method, sizeof rq->method, "%s", method);
	if (!v2m_rq_read_header(rq, version))
		return;
	rq->route = find_route(rq, true, rq->method);
	/* The longer path wins, also with another method. */
	if (rq->route == NULL && find_route(rq, true, NULL) == NULL)
		rq->route = find_route(rq, false, rq->method);
	if (rq->route == NULL) {
		reply_no_route(rq);
		return;
	}
	rq->entered = true;
	if (rq->route->begin != NULL)
		rq->route->begin(rq);
}

static void
take_body(struct v2m_rq *rq, const void *data, size_t n)
{
	struct v2m_err err;

	rq->body += (int64_t)n;
	atomic_fetch_add(&rq->conn->body, n);
	if (rq->status != 0)
		return;		/* an early answer is being sent */
	if (rq->route->body != NULL) {
		rq->route->body(rq, data, n);
	} else if (rq->body > IGNORED_MAX) {
		v2m_err_set(&err, V2M_USAGE, "no body is expected");
		v2m_rq_reply_error(rq, 413, &err);
	}
}

static void
end_request(struct v2m_rq *rq)
{
	if (rq->status == 0 && rq->route->end != NULL)
		rq->route->end(rq);
	if (rq->status == 0) {
		v2m_warn("no answer to %s %s", rq->method, rq->route->path);
		v2m_rq_reply_text(rq, 500, "internal error");
	}
}

enum MHD_Result
v2m_rq_handle(void *cls, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **context)
{
	struct v2m_rq *rq = *context;

	(void)cls;
	(void)mhd;
	(void)url;
	if (rq == NULL)
		return MHD_NO;	/* no memory for it */
	v2m_conn_phase(rq->conn, V2M_PHASE_BUSY);
	if (!rq->begun) {
		rq->begun = true;
		begin_request(rq, method, version);
		/* If there is no body, answer later, when the connection need
		 * not be ended for that. */
		if (rq->status != 0 && (rq->length != 0 || rq->close))
			return v2m_rq_send(rq);
		v2m_conn_phase(rq->conn, V2M_PHASE_BODY);
		return MHD_YES;
	}
	if (*size == 0) {
		end_request(rq);
		return v2m_rq_send(rq);
	}
	take_body(rq, data, *size);
	*size = 0;
	if (rq->status != 0) {
		v2m_rq_send_raw(rq);
		return MHD_NO;
	}
	v2m_conn_phase(rq->conn, V2M_PHASE_BODY);
	return MHD_YES;
}

static void
rq_free(struct v2m_rq *rq)
{
	v2m_rq_reply_release(rq);
	v2m_query_release(&rq->query);
	free(rq->fields);
	free(rq->target);
	free(rq->path);
	free(rq);
}

void
v2m_rq_completed(void *cls, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode how)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd,
	    MHD_CONNECTION_INFO_HTTP_STATUS);
	struct v2m_rq *rq = *context;
	struct v2m_conn *c;
	uint64_t out;
	int status;

	(void)cls;
	if (rq == NULL)
		return;
	c = rq->conn;
	status = rq->status;
	/* MHD itself refuses some requests: a bad chunk, for example. */
	if (status == 0 && info != NULL)
		status = (int)info->http_status;
	rq->aborted = rq->status == 0 || (!rq->sent_raw &&
	    how != MHD_REQUEST_TERMINATED_COMPLETED_OK);
	v2m_conn_phase(c, V2M_PHASE_BUSY);
	if (rq->entered && rq->route->release != NULL)
		rq->route->release(rq);
	out = v2m_conn_written(c);
	out = out > rq->out_base ? out - rq->out_base : 0;
	v2m_counters_request(rq->server->parts.counters,
	    rq->route == NULL ? "other" : rq->route->path, status,
	    rq->header_bytes + (uint64_t)rq->body, out,
	    (uint64_t)(v2m_mono_ms() - rq->start_ms));
	v2m_rq_log(rq, status, out);
	v2m_conn_unclaim(c);
	rq_free(rq);
	*context = NULL;
	v2m_conn_phase(c, V2M_PHASE_HEADER);
}
