/* header.c - checks the header of a request before anything else uses it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/percent.h"
#include "base/text.h"
#include "gateway/components.h"
#include "gateway/server_private.h"
#include "gateway/unknown_proxy.h"
#include "http/prefix.h"

static bool
answer(struct v2m_rq *rq, int status, const char *text)
{
	struct v2m_err err;

	v2m_err_set(&err, status == 429 || status >= 500 ? V2M_TEMP :
	    V2M_USAGE, "%s", text);
	rq->close = true;
	v2m_rq_reply_error(rq, status, &err);
	return false;
}

static enum MHD_Result
collect(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
    const char *value, size_t value_n)
{
	struct v2m_rq *rq = cls;

	(void)kind;
	/* Keep one more than the most, so that v2m_fields_check() refuses. */
	if (rq->nfields > V2M_FIELDS_MAX)
		return MHD_NO;
	rq->fields[rq->nfields++] = (struct v2m_http_field){
		.name = name, .name_n = name_n,
		.value = value == NULL ? "" : value, .value_n = value_n,
	};
	return MHD_YES;
}

/* libmicrohttpd 0.9.75 silently misreads three things that later versions
 * refuse: a line that ends with LF alone, a line that continues on the next,
 * and a NUL.  But it splits the header in place, so the fields must follow each
 * other in memory without a gap, each with the two NULs that CR LF became. */
static bool
is_contiguous(const struct v2m_rq *rq, const char *version)
{
	const char *at = version + strlen(version) + 2;
	size_t i;

	if (strcmp(MHD_get_version(), "0.9.75") != 0)
		return true;
	if (rq->target_end + 1 != version || at[-1] != '\0')
		return false;
	for (i = 0; i < rq->nfields; i++) {
		if (rq->fields[i].name != at)
			return false;
		at = rq->fields[i].value + rq->fields[i].value_n + 2;
		if (at[-2] != '\0' || at[-1] != '\0')
			return false;
	}
	return at[0] == '\0' && at[1] == '\0';
}

static bool
is_utf8(const char *s)
{
	char *copy = strdup(s);
	bool same = copy != NULL && strcmp(v2m_text_clean(copy), s) == 0;

	free(copy);
	return same;
}

/* The path of "http://host/path" is /path. */
static const char *
without_authority(const char *target)
{
	const char *at = NULL;

	if (strncasecmp(target, "http://", 7) == 0)
		at = target + 7;
	else if (strncasecmp(target, "https://", 8) == 0)
		at = target + 8;
	if (at == NULL)
		return target;
	at += strcspn(at, "/?");
	return *at == '\0' ? "/" : at;
}

static bool
read_target(struct v2m_rq *rq)
{
	const char *target = without_authority(rq->target), *mark;
	size_t n = strcspn(target, "?");
	struct v2m_err err;
	char *path;

	if (strlen(rq->target) > V2M_TARGET_MAX)
		return answer(rq, 414, "the URL is too long");
	for (mark = target; *mark != '\0'; mark++)
		if ((unsigned char)*mark <= 0x20 || *mark == 0x7f ||
		    *mark == '#')
			return answer(rq, 400, "bad URL");
	path = malloc(n + 1);
	if (path == NULL)
		return answer(rq, 503, "out of memory");
	if (!v2m_percent_decode(path, target, n, false) || !is_utf8(path) ||
	    (path[0] != '/' && (strcmp(path, "*") != 0 ||
	    strcmp(rq->method, "OPTIONS") != 0))) {
		free(path);
		return answer(rq, 400, "bad URL");
	}
	rq->path = path;
	if (target[n] == '?' && v2m_query_parse(&rq->query, target + n + 1,
	    strlen(target + n + 1), &err) < 0)
		return answer(rq, err.code == V2M_TEMP ? 503 : 400, err.msg);
	return true;
}

/* The values of all fields of this name, as one list; caller frees. */
static char *
joined(const struct v2m_rq *rq, const char *name)
{
	size_t n = 0, i;
	char *all, *at;

	for (i = 0; i < rq->nfields; i++)
		if (strcasecmp(rq->fields[i].name, name) == 0)
			n += rq->fields[i].value_n + 1;
	if (n == 0)
		return NULL;
	all = at = malloc(n);
	for (i = 0; all != NULL && i < rq->nfields; i++)
		if (strcasecmp(rq->fields[i].name, name) == 0) {
			memcpy(at, rq->fields[i].value, rq->fields[i].value_n);
			at += rq->fields[i].value_n;
			*at++ = ',';
		}
	if (all != NULL)
		at[-1] = '\0';
	return all;
}

static bool
has_field(const struct v2m_rq *rq, const char *name)
{
	size_t i;

	for (i = 0; i < rq->nfields; i++)
		if (strcasecmp(rq->fields[i].name, name) == 0)
			return true;
	return false;
}

/* The ID of the request: a trusted proxy may have set one. */
static void
take_id(struct v2m_rq *rq)
{
	const char *id = v2m_rq_header(rq, "X-Request-Id");

	if (id != NULL && id[0] != '\0' && strlen(id) < sizeof rq->id &&
	    id[strspn(id, "0123456789-_abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0')
		snprintf(rq->id, sizeof rq->id, "%s", id);
}

/* The prefix of our paths: a trusted proxy may have set one. */
static void
take_prefix(struct v2m_rq *rq, bool trusted)
{
	const char *prefix = trusted ? v2m_rq_header(rq,
	    "X-Forwarded-Prefix") : NULL;

	if (prefix == NULL || strlen(prefix) >= sizeof rq->prefix ||
	    !v2m_prefix_valid(prefix))
		prefix = v2m_conf_text(v2m_rq_conf(rq), "base_path");
	v2m_text_copy(rq->prefix, sizeof rq->prefix, prefix);
}

static bool
read_client(struct v2m_rq *rq)
{
	struct v2m_server *s = rq->server;
	struct v2m_ip client = rq->conn->peer;
	bool trusted = v2m_networks_hold(&s->trusted, &client);
	char *list;

	take_prefix(rq, trusted);
	if (trusted) {
		list = joined(rq, s->proxy_header == V2M_FORWARDED ?
		    "Forwarded" : "X-Forwarded-For");
		v2m_forwarded_client(&client, s->proxy_header, list,
		    &s->trusted);
		free(list);
		take_id(rq);
	} else if (has_field(rq, "X-Forwarded-For") ||
	    has_field(rq, "Forwarded")) {
		v2m_unknown_proxy_seen(v2m_rq_components(rq)->unknown_proxy,
		    &client);
	}
	v2m_ip_text(rq->ip, &client);
	v2m_ip_rate_key(&client);
	v2m_ip_text(rq->rate_key, &client);
	v2m_pool_ask_for(rq->rate_key);
	if (v2m_conn_claim(rq->conn, &client))
		return true;
	v2m_rq_reply_header(rq, "Retry-After", "5");
	return answer(rq, 429, "too many connections from this address");
}

bool
v2m_rq_read_header(struct v2m_rq *rq, const char *version)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(rq->mhd,
	    MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	const char *expect;
	struct v2m_err err;

	rq->header_bytes = info == NULL ? 0 : info->header_size;
	rq->http_1_1 = strcmp(version, "HTTP/1.1") == 0;
	if (!rq->http_1_1 && strcmp(version, "HTTP/1.0") != 0)
		return answer(rq, 505, "only HTTP/1.1 and HTTP/1.0 are "
		    "supported");
	if (rq->header_bytes > V2M_HEADER_MAX)
		return answer(rq, 431, "the header is too large");
	rq->fields = calloc(V2M_FIELDS_MAX + 1, sizeof *rq->fields);
	if (rq->fields == NULL)
		return answer(rq, 503, "out of memory");
	MHD_get_connection_values_n(rq->mhd, MHD_HEADER_KIND, collect, rq);
	if (rq->nfields > V2M_FIELDS_MAX)
		return answer(rq, 431, "too many fields in the header");
	if (v2m_fields_check(rq->fields, rq->nfields, rq->http_1_1,
	    &err) < 0)
		return answer(rq, 400, err.msg);
	if (!is_contiguous(rq, version))
		return answer(rq, 400, "malformed header");
	rq->length = v2m_fields_length(rq->fields, rq->nfields);
	if (!read_client(rq) || !read_target(rq))
		return false;
	expect = v2m_rq_header(rq, "Expect");
	if (rq->http_1_1 && expect != NULL &&
	    strcasecmp(expect, "100-continue") != 0)
		return answer(rq, 417, "unknown expectation");
	return true;
}
