/* GET /metrics, in the text form of Prometheus (0.0.4), and GET /readyz. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "flow/figures.h"
#include "gateway/components.h"
#include "gateway/counters.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "gateway/picture.h"
#include "store/moved.h"

#define RETRY_S 5
#define KEEP_MS 5000	/* how long the figures of the services are kept */

struct v2m_picture {
	pthread_mutex_t lock;
	struct v2m_figures kept;
	int64_t at_ms;			/* monotonic; 0: never */
};

struct v2m_picture *
v2m_picture_new(void)
{
	struct v2m_picture *p = calloc(1, sizeof *p);

	if (p != NULL)
		pthread_mutex_init(&p->lock, NULL);
	return p;
}

void
v2m_picture_free(struct v2m_picture *p)
{
	if (p == NULL)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* --- the figures of the services --- */

static int
read_services(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	return v2m_figures_read(s, arg, err);
}

/* One request reads the figures, and the others wait for the result. */
static void
get_picture(struct v2m_components *c, struct v2m_figures *p)
{
	struct v2m_picture *of = c->picture;
	struct v2m_err ignored;

	pthread_mutex_lock(&of->lock);
	if (of->at_ms == 0 || v2m_mono_ms() - of->at_ms >= KEEP_MS) {
		memset(&of->kept, 0, sizeof of->kept);
		of->kept.free_bytes = -1;
		v2m_pool_use(c->pool, read_services, &of->kept, &ignored);
		of->at_ms = v2m_mono_ms();
	}
	*p = of->kept;
	pthread_mutex_unlock(&of->lock);
}

/* --- text --- */

static void
single(FILE *out, const char *name, const char *type, const char *help,
    double value)
{
	v2m_metrics_family(out, name, type, help);
	v2m_metrics_line(out, name, "", "", value);
}

static void
add_pool(FILE *out, struct v2m_pool *pool)
{
	struct v2m_pool_count count;

	v2m_pool_count(pool, &count);
	v2m_metrics_family(out, "v2m_gateway_store_connections", "gauge",
	    "Connections of this gateway to store and queue.");
	fprintf(out, "v2m_gateway_store_connections{state=\"taken\"} %d\n"
	    "v2m_gateway_store_connections{state=\"open\"} %d\n",
	    count.taken, count.open);
	single(out, "v2m_gateway_store_connections_total", "counter",
	    "Connections to store and queue so far.", (double)count.opened);
}

static void
add_request(const char *route, int code, uint64_t n, void *arg)
{
	fprintf(arg, "v2m_http_requests_total{route=\"%s\",code=\"%d\"} %"
	    PRIu64 "\n", route, code, n);
}

static void
add_http(FILE *out, struct v2m_counters_kept *counters)
{
	struct v2m_counters c;

	v2m_metrics_family(out, "v2m_http_requests_total", "counter",
	    "Requests by route and status; 0: there was no answer.");
	v2m_counters_each(counters, add_request, out);
	v2m_counters_get(counters, &c);
	single(out, "v2m_http_request_seconds_total", "counter",
	    "Time that requests took, together.", (double)c.ms / 1000);
	single(out, "v2m_http_received_bytes_total", "counter",
	    "Bytes of requests.", (double)c.in);
	single(out, "v2m_http_sent_bytes_total", "counter",
	    "Bytes of answers.", (double)c.out);
	single(out, "v2m_http_connections", "gauge", "Connections right now.",
	    (double)c.open);
	single(out, "v2m_http_connections_total", "counter",
	    "Connections so far.", (double)c.accepted);
	v2m_metrics_family(out, "v2m_http_refused_total", "counter",
	    "Connections that were refused, by the limit.");
	fprintf(out, "v2m_http_refused_total{limit=\"all\"} %" PRIu64 "\n"
	    "v2m_http_refused_total{limit=\"address\"} %" PRIu64 "\n",
	    c.refused_all, c.refused_address);
	v2m_metrics_family(out, "v2m_http_cut_total", "counter",
	    "Connections that were cut off for being slow, by what was.");
	fprintf(out, "v2m_http_cut_total{what=\"header\"} %" PRIu64 "\n"
	    "v2m_http_cut_total{what=\"transfer\"} %" PRIu64 "\n",
	    c.cut_header, c.cut_rate);
}

static void
reply_metrics(struct v2m_rq *rq)
{
	struct v2m_components *c = v2m_rq_components(rq);
	struct v2m_figures p;
	char *text = NULL;
	struct v2m_err err;
	size_t size;
	FILE *out;

	get_picture(c, &p);
	out = open_memstream(&text, &size);
	if (out != NULL) {
		v2m_figures_write(out, &p, "");
		add_pool(out, c->pool);
		add_http(out, c->counters);
		fclose(out);
	}
	if (text == NULL) {
		v2m_err_sys(&err, V2M_TEMP, "cannot write the figures");
		v2m_fail(rq, &err);
	} else {
		v2m_rq_reply_header(rq, "Content-Type",
		    "text/plain; version=0.0.4; charset=utf-8");
		v2m_rq_reply_text(rq, 200, text);
	}
	free(text);
}

void
v2m_metrics_get(struct v2m_rq *rq)
{
	struct v2m_claims identity;

	if (v2m_rq_at_metrics(rq) || v2m_identity_admin(rq, &identity))
		reply_metrics(rq);
}

/* What is wrong, for everybody: without addresses and paths. */
static const char *
trouble_of(const struct v2m_err *err)
{
	if (err->sys == ENOSPC || err->sys == EDQUOT)
		return "a disk is full";
	switch (err->code) {
	case V2M_CONFIG:
		return "the store or the queue is not set up, or was made by "
		    "another version of v2m";
	case V2M_DENIED:
		return "no permission to use the store or the queue";
	case V2M_TEMP:
	case V2M_UNAVAILABLE:
		return "the store or the queue does not answer";
	default:
		return "the store or the queue cannot be used";
	}
}

/* The log has the whole error, and so have answers at metrics_listen, which is
 * not for everybody. */
static void
reply_not_ready(struct v2m_rq *rq, const struct v2m_err *why,
    const char *in_short)
{
	v2m_event_always(NULL, "not-ready", "id=%s code=%s reason=\"%s\"",
	    v2m_rq_id(rq), v2m_code_word(why->code), why->msg);
	v2m_fail_retry_after(rq, RETRY_S);
	v2m_fail_text(rq, 503, why->code, "%s", v2m_rq_at_metrics(rq) ?
	    why->msg : in_short);
}

/* In a store that a move is filling, jobs would seem to be missing: it is not
 * ready.  A store that the jobs have moved from can still be read. */
static int
ask_ready(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct v2m_moved *m = arg;

	if (v2m_store_ready(s->store, err) < 0 ||
	    v2m_moved_get(s->store, m, err) < 0)
		return -1;
	return v2m_moved_is_filling(m) ? v2m_moved_refuse(m, V2M_WRITE_NEW,
	    err) : 0;
}

void
v2m_metrics_ready(struct v2m_rq *rq)
{
	struct v2m_moved m = { .state = V2M_MOVED_NOT };
	struct v2m_err err;

	if (v2m_pool_use(v2m_rq_pool(rq), ask_ready, &m, &err) < 0)
		reply_not_ready(rq, &err, v2m_moved_is_filling(&m) ?
		    "jobs are still on their way to this store" :
		    trouble_of(&err));
	else
		v2m_rq_reply_text(rq, 200, v2m_moved_is_left(&m) ?
		    "ready, for reading only: the jobs move to another store"
		    : "ready");
}
