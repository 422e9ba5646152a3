/* asked.c - the facts of a request for its route, and the route's state. */
#include <poll.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "gateway/server_private.h"

const char *
v2m_rq_method(const struct v2m_rq *rq)
{
	return rq->method;
}

const char *
v2m_rq_path(const struct v2m_rq *rq)
{
	return rq->path;
}

const char *
v2m_rq_query(const struct v2m_rq *rq, const char *key)
{
	return v2m_query_get(&rq->query, key);
}

const char *
v2m_rq_header(const struct v2m_rq *rq, const char *name)
{
	const struct v2m_http_field *f = NULL;

	/* MHD puts a NUL behind a value. */
	return v2m_fields_get(rq->fields, rq->nfields, name, &f) == 1 ?
	    f->value : NULL;
}

int64_t
v2m_rq_length(const struct v2m_rq *rq)
{
	return rq->length;
}

const char *
v2m_rq_rate_key(const struct v2m_rq *rq)
{
	return rq->rate_key;
}

const char *
v2m_rq_prefix(const struct v2m_rq *rq)
{
	return rq->prefix;
}

const char *
v2m_rq_id(const struct v2m_rq *rq)
{
	return rq->id;
}

bool
v2m_rq_at_metrics(const struct v2m_rq *rq)
{
	return rq->conn->listener->metrics;
}

const struct v2m_conf *
v2m_rq_conf(const struct v2m_rq *rq)
{
	return rq->server->conf;
}

struct v2m_pool *
v2m_rq_pool(const struct v2m_rq *rq)
{
	return rq->server->parts.pool;
}

struct v2m_components *
v2m_rq_components(const struct v2m_rq *rq)
{
	return &rq->server->parts;
}

bool
v2m_rq_wants_json(const struct v2m_rq *rq)
{
	const char *format = v2m_rq_query(rq, "format");
	const char *accept = v2m_rq_header(rq, "Accept");

	if (format != NULL)
		return strcmp(format, "json") == 0;
	return accept != NULL && strcasestr(accept, "application/json");
}

void *
v2m_rq_state(const struct v2m_rq *rq)
{
	return rq->state;
}

void
v2m_rq_set_state(struct v2m_rq *rq, void *state)
{
	rq->state = state;
}

bool
v2m_rq_aborted(const struct v2m_rq *rq)
{
	return rq->aborted;
}

bool
v2m_rq_client_left(const struct v2m_rq *rq)
{
	struct pollfd p = { .fd = rq->conn->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

bool
v2m_rq_draining(const struct v2m_rq *rq)
{
	return atomic_load(&rq->server->draining);
}

void
v2m_rq_note(struct v2m_rq *rq, const char *key, const char *value)
{
	if (rq->nnotes == V2M_RQ_NOTES)
		return;
	rq->notes[rq->nnotes].key = key;
	v2m_text_copy(rq->notes[rq->nnotes].value,
	    sizeof rq->notes[0].value, value);
	rq->nnotes++;
}
