#include "http/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/module.h"
#include "base/stop.h"
#include "http/curl/curl.h"
#include "http/origin.h"

#define PATH_SIZE 4096
#define REDIRECTS 3
#define PAUSE_MS 250		/* the first; doubled with each try */
#define PAUSE_MOST_MS 10000
#define FIRST_MS 10000		/* how long to try before the first answer */
#define TELL_MS 2000		/* a shorter outage is not reported */

struct v2m_http {
	const struct v2m_http_curl_ops *ops;
	struct v2m_origin origin;
	void *curl;
	int64_t patience_ms;
	bool answered;		/* at least once */
	/* the present outage */
	int64_t since;		/* 0: there is none */
	unsigned tries;
	bool told;
};

struct v2m_http *
v2m_http_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_http *h = calloc(1, sizeof *h);

	if (h == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot begin");
		return NULL;
	}
	h->patience_ms = v2m_conf_number(conf, "url_timeout");
	if (v2m_origin_of_conf(&h->origin, conf, err) < 0 ||
	    (h->ops = v2m_module("http-client", "v2m_http_curl", err)) ==
	    NULL || (h->curl = h->ops->open(&h->origin,
	    v2m_conf_text(conf, "url_ca_file"), h->patience_ms, err)) == NULL) {
		free(h);
		return NULL;
	}
	return h;
}

void
v2m_http_close(struct v2m_http *h)
{
	if (h == NULL)
		return;
	h->ops->close(h->curl);
	free(h);
}

const char *
v2m_http_host(const struct v2m_http *h)
{
	return h->origin.host;
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

/* The path that a redirect names.  Only a request that can be repeated follows
 * it, and only to the same server: everything else is a wrong configuration. */
static int
redirect(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, char path[PATH_SIZE], struct v2m_err *err)
{
	bool reads = strcmp(rq->method, "GET") == 0 ||
	    strcmp(rq->method, "HEAD") == 0;

	if ((reads || ((a->status == 307 || a->status == 308) &&
	    rq->read == NULL)) &&
	    v2m_origin_location(&h->origin, a->location, path, PATH_SIZE))
		return 0;
	v2m_err_set(err, V2M_CONFIG, "%s redirects to '%s', which is not "
	    "followed: set url to where the gateway is", h->origin.base,
	    a->location);
	a->fate = V2M_HTTP_OVER;
	return -1;
}

static int
perform(struct v2m_http *h, const struct v2m_http_request *rq,
    const char *path, struct v2m_http_answer *a, struct v2m_err *err)
{
	char url[sizeof h->origin.base + PATH_SIZE];

	v2m_http_answer_init(a);
	a->fate = V2M_HTTP_OVER;
	if (!rq->farewell && v2m_stop_check(err) < 0)
		return -1;
	snprintf(url, sizeof url, "%s%s", h->origin.base, path);
	if (h->ops->perform(h->curl, url, rq, a, err) == 0)
		return 0;
	v2m_http_answer_release(a);
	return -1;
}

int
v2m_http_try(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err)
{
	char path[PATH_SIZE];
	int i;

	if (snprintf(path, sizeof path, "%s%s", h->origin.path, rq->path) >=
	    (int)sizeof path) {
		v2m_http_answer_init(a);
		a->fate = V2M_HTTP_OVER;
		return v2m_err_set(err, V2M_DATA, "its name is too long");
	}
	for (i = 0; i <= REDIRECTS; i++) {
		if (perform(h, rq, path, a, err) < 0)
			return -1;
		h->answered = true;
		if (!is_redirect(a->status))
			return 0;
		if (redirect(h, rq, a, path, err) < 0)
			break;
		v2m_err_set(err, V2M_UNAVAILABLE, "%s: too many redirects",
		    h->origin.base);
		a->fate = V2M_HTTP_OVER;
	}
	v2m_http_answer_release(a);
	return -1;
}

void
v2m_http_calm(struct v2m_http *h)
{
	h->since = 0;
	h->tries = 0;
	h->told = false;
}

void
v2m_http_extend(struct v2m_http *h, int64_t ms)
{
	if (h->since != 0)
		h->since += ms;
}

static int64_t
patience_ms(const struct v2m_http *h)
{
	return h->answered || h->patience_ms < FIRST_MS ? h->patience_ms :
	    FIRST_MS;
}

/* How long to wait before the next try, in ms; -1: give up. */
static int64_t
pause_ms(struct v2m_http *h, const struct v2m_http_answer *a)
{
	int64_t now = v2m_mono_ms(), ms, left;

	if (h->since == 0)
		h->since = now;
	left = h->since + patience_ms(h) - now;
	/* A host name that was never right stays wrong.  If there was an answer
	 * before, the network is only away for a while. */
	if (a->fate == V2M_HTTP_OVER || left <= 0 ||
	    (!h->answered && a->fate == V2M_HTTP_UNREACHED && !a->plausible))
		return -1;
	ms = v2m_backoff_ms(PAUSE_MS, PAUSE_MOST_MS, h->tries);
	if (a->fate == V2M_HTTP_ANSWERED && a->retry_after_ms > ms)
		ms = a->retry_after_ms;
	else if (ms > left)
		ms = left;	/* one last try */
	return ms <= left ? ms : -1;
}

int
v2m_http_wait(struct v2m_http *h, const struct v2m_http_answer *a,
    struct v2m_err *err)
{
	int64_t ms = pause_ms(h, a);

	if (ms < 0)
		return -1;
	v2m_debug("%s; trying again in %lld ms", err->msg, (long long)ms);
	if (!h->told && v2m_mono_ms() + ms - h->since > TELL_MS) {
		v2m_info("%s (trying again for %lld s)", err->msg,
		    (long long)(patience_ms(h) / 1000));
		h->told = true;
	}
	h->tries++;
	if (v2m_stop_sleep((int)ms) > 0)
		return v2m_err_set(err, V2M_TEMP, "interrupted");
	return 0;
}

int
v2m_http_ask(struct v2m_http *h, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err)
{
	bool ours = h->since == 0;
	int ret = -1;

	do {
		if (v2m_http_try(h, rq, a, err) == 0) {
			if (!v2m_http_answer_is_later(a)) {
				ret = 0;
				break;
			}
			v2m_http_answer_refused(a, err);
			v2m_http_answer_release(a);
		}
	} while (v2m_http_wait(h, a, err) == 0);
	if (ours)
		v2m_http_calm(h);
	return ret;
}
