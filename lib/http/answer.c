#include "http/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define WAIT_MOST_S 86400

void
v2m_http_answer_init(struct v2m_http_answer *a)
{
	memset(a, 0, sizeof *a);
	a->length = a->upload_offset = a->retry_after_ms =
	    a->worker_seen_s = -1;
	a->fate = V2M_HTTP_ANSWERED;
}

void
v2m_http_answer_release(struct v2m_http_answer *a)
{
	free(a->body);
	a->body = NULL;
	a->size = a->room = 0;
}

static int64_t
read_number(const char *s)
{
	int64_t n;

	return v2m_text_parse_int(s, 0, INT64_MAX, &n) ? n : -1;
}

/* "bytes 5-9/10" */
static void
content_range(struct v2m_http_answer *a, const char *s)
{
	long long start, end, total;
	char after;

	if (sscanf(s, "bytes %19lld-%19lld/%19lld%c", &start, &end, &total,
	    &after) != 3 || start < 0 || end < start || total <= end)
		return;
	a->ranged = true;
	a->range_start = start;
	a->range_total = total;
}

static void
field(struct v2m_http_answer *a, const char *name, const char *value)
{
	if (strcasecmp(name, "content-type") == 0)
		a->json = strncasecmp(value, "application/json", 16) == 0;
	else if (strcasecmp(name, "content-length") == 0)
		a->length = read_number(value);
	else if (strcasecmp(name, "content-range") == 0)
		content_range(a, value);
	else if (strcasecmp(name, "upload-offset") == 0)
		a->upload_offset = read_number(value);
	else if (strcasecmp(name, "v2m-id") == 0 &&
	    strlen(value) < sizeof a->job)
		snprintf(a->job, sizeof a->job, "%s", value);
	else if (strcasecmp(name, "etag") == 0 &&
	    strlen(value) < sizeof a->etag)
		snprintf(a->etag, sizeof a->etag, "%s", value);
	else if (strcasecmp(name, "location") == 0 &&
	    strlen(value) < sizeof a->location)
		snprintf(a->location, sizeof a->location, "%s", value);
	else if (strcasecmp(name, "v2m-worker-seen") == 0)
		a->worker_seen_s = read_number(value);
	else if (strcasecmp(name, "retry-after") == 0 &&
	    read_number(value) >= 0)
		a->retry_after_ms = 1000 * (read_number(value) > WAIT_MOST_S ?
		    WAIT_MOST_S : read_number(value));
}

/* "HTTP/1.1 200 OK".  It replaces an earlier head (100 Continue, a proxy's). */
static void
status_line(struct v2m_http_answer *a, const char *line)
{
	const char *blank = strchr(line, ' ');
	struct v2m_http_answer fresh;

	v2m_http_answer_init(&fresh);
	fresh.plausible = a->plausible;
	v2m_http_answer_release(a);
	*a = fresh;
	if (blank != NULL && isdigit((unsigned char)blank[1]) &&
	    isdigit((unsigned char)blank[2]) &&
	    isdigit((unsigned char)blank[3]) && blank[1] != '0' &&
	    (blank[4] == ' ' || blank[4] == '\0'))
		a->status = (int)strtol(blank + 1, NULL, 10);
}

void
v2m_http_answer_line(struct v2m_http_answer *a, const char *line, size_t n)
{
	char text[2048], *colon, *value;

	while (n > 0 && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	/* No field that we read holds a NUL or is so long. */
	if (n >= sizeof text || memchr(line, '\0', n) != NULL)
		return;
	memcpy(text, line, n);
	text[n] = '\0';
	if (strncmp(text, "HTTP/", 5) == 0) {
		status_line(a, text);
		return;
	}
	colon = strchr(text, ':');
	if (colon == NULL)
		return;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	field(a, text, value);
}

int
v2m_http_answer_add(struct v2m_http_answer *a, const void *buf, size_t n,
    struct v2m_err *err)
{
	size_t room = a->room == 0 ? 4096 : a->room;
	char *bigger;

	if (n > V2M_HTTP_BODY_MAX - a->size)
		return v2m_err_set(err, V2M_UNAVAILABLE, "its answer is too "
		    "large");
	while (room < a->size + n + 1)
		room *= 2;
	if (room != a->room) {
		bigger = realloc(a->body, room);
		if (bigger == NULL)
			return v2m_err_sys(err, V2M_TEMP, "no memory for an "
			    "answer");
		a->body = bigger;
		a->room = room;
	}
	memcpy(a->body + a->size, buf, n);
	a->size += n;
	a->body[a->size] = '\0';
	return 0;
}

bool
v2m_http_answer_is_later(const struct v2m_http_answer *a)
{
	return a->status == 429 || a->status == 502 || a->status == 503 ||
	    a->status == 504;
}

json_t *
v2m_http_answer_object(const struct v2m_http_answer *a, struct v2m_err *err)
{
	json_t *o = a->body == NULL ? NULL : json_loadb(a->body, a->size,
	    JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(o))
		return o;
	json_decref(o);
	v2m_err_set(err, V2M_UNAVAILABLE, "the server is not a v2m gateway "
	    "(it sent no JSON)");
	return NULL;
}

/* The gateway's exit status as one of this program.  A bug or a wrong
 * configuration of the gateway is not one of this program. */
static enum v2m_code
code_of_exit(json_int_t status)
{
	switch (status) {
	case V2M_FAILED:
	case V2M_DATA:
	case V2M_NOINPUT:
	case V2M_IO:
	case V2M_TEMP:
	case V2M_DENIED:
		return (enum v2m_code)status;
	default:
		return V2M_UNAVAILABLE;
	}
}

static enum v2m_code
code_of_http(int status)
{
	switch (status) {
	case 401:
	case 403:
		return V2M_DENIED;
	case 404:
		return V2M_NOINPUT;
	case 410:
		return V2M_FAILED;
	case 413:
	case 415:
	case 422:
		return V2M_DATA;
	case 408:
	case 423:
	case 429:
	case 502:
	case 503:
	case 504:
	case 507:
		return V2M_TEMP;
	default:
		return V2M_UNAVAILABLE;
	}
}

/* An answer that is not JSON, such as a proxy's HTML. */
static int
refused_in_words(const struct v2m_http_answer *a, struct v2m_err *err)
{
	/* A gateway's 404 has JSON: this one is of another server. */
	enum v2m_code code = a->status == 404 ? V2M_UNAVAILABLE :
	    code_of_http(a->status);
	bool line = a->size > 0 && a->size < 256 && a->body[0] != '<' &&
	    memchr(a->body, '\0', a->size) == NULL;
	size_t n = line ? strcspn(a->body, "\r\n") : 0;

	if (n > 0)
		return v2m_err_set(err, code, "%.*s (HTTP status %d)", (int)n,
		    a->body, a->status);
	return v2m_err_set(err, code, "the gateway, or a proxy before it, "
	    "answers with HTTP status %d%s", a->status, a->status == 404 ?
	    ": is url right?" : "");
}

int
v2m_http_answer_refused(const struct v2m_http_answer *a, struct v2m_err *err)
{
	json_t *o = a->json && a->body != NULL ? json_loadb(a->body, a->size,
	    JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *message = json_string_value(json_object_get(o, "error"));
	const json_t *status = json_object_get(o, "status");
	enum v2m_code code = json_is_integer(status) ?
	    code_of_exit(json_integer_value(status)) : code_of_http(a->status);

	if (message == NULL || message[0] == '\0')
		refused_in_words(a, err);
	else	/* a 404 that is not about an ID: there is no such path */
		v2m_err_set(err, code, "%s%s", message, a->status == 404 &&
		    code == V2M_UNAVAILABLE ? ": is url right?" : "");
	json_decref(o);
	return -1;
}
