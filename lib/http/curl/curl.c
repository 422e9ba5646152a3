/* One try of one request, by libcurl: the module http-client.so. */
#include <errno.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/module.h"
#include "base/stop.h"
#include "http/curl/curl.h"
#include "base/curl.h"

#define CONNECT_MS 10000
#define FAREWELL_MS 3000L
#define BUFFER_SIZE (128 * 1024L)
#define STALL_MS 60000		/* if url_timeout is 0 */
#define THINK 5			/* how many times longer the answer may take
				 * when all was sent: the server checks it */

struct client {
	CURL *curl;
	struct v2m_origin origin;
	char ca_file[4096];	/* "": the system's */
	int64_t stall_ms;
	char error[CURL_ERROR_SIZE];
	/* the present request */
	const struct v2m_http_request *rq;
	struct v2m_http_answer *a;
	int64_t at;		/* bytes of its body that were read */
	bool sending;		/* it has been sent, or is being sent */
	bool begun;		/* the answer's body has begun */
	curl_off_t moved;	/* bytes in both directions */
	int64_t moved_at;	/* when it last grew */
	bool stalled;
	bool ours;		/* err was set by one of our functions */
	struct v2m_err err;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global;

static void
init_global(void)
{
	global = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void
client_close(void *self)
{
	struct client *c = self;

	if (c->curl != NULL)
		curl_easy_cleanup(c->curl);
	free(c);
}

static void *
client_open(const struct v2m_origin *o, const char *ca_file, int64_t stall_ms,
    struct v2m_err *err)
{
	struct client *c;

	if (ca_file[0] != '\0' && access(ca_file, R_OK) < 0) {
		v2m_err_set(err, V2M_CONFIG, "url_ca_file: cannot read '%s': "
		    "%s", ca_file, strerror(errno));
		return NULL;
	}
	pthread_once(&once, init_global);
	c = calloc(1, sizeof *c);
	if (c != NULL && global == CURLE_OK)
		c->curl = curl_easy_init();
	if (c == NULL || c->curl == NULL) {
		v2m_err_set(err, V2M_TEMP, "url: libcurl does not start");
		free(c);
		return NULL;
	}
	c->origin = *o;
	c->stall_ms = stall_ms > 0 ? stall_ms : STALL_MS;
	snprintf(c->ca_file, sizeof c->ca_file, "%s", ca_file);
	return c;
}

/* --- what libcurl calls --- */

static size_t
take_line(char *line, size_t one, size_t n, void *self)
{
	struct client *c = self;

	/* Fields after the body are ignored. */
	if (!c->begun)
		v2m_http_answer_line(c->a, line, one * n);
	return one * n;
}

static size_t
take_body(char *buf, size_t one, size_t n, void *self)
{
	struct client *c = self;
	bool good = c->a->status >= 200 && c->a->status < 300;
	int ret;

	c->begun = true;
	ret = c->rq->write != NULL && good ?
	    c->rq->write(c->rq->arg, c->a, buf, one * n, &c->err) :
	    v2m_http_answer_add(c->a, buf, one * n, &c->err);
	c->ours = ret < 0;
	return ret < 0 ? 0 : one * n;
}

static size_t
give_body(char *buf, size_t one, size_t n, void *self)
{
	struct client *c = self;
	int64_t left = c->rq->length - c->at;
	size_t want = one * n;
	ssize_t got;

	if (left <= 0)
		return 0;
	if ((int64_t)want > left)
		want = (size_t)left;
	got = c->rq->read(c->rq->arg, buf, want, c->at, &c->err);
	if (got <= 0) {
		c->ours = true;
		return CURL_READFUNC_ABORT;
	}
	c->at += got;
	return (size_t)got;
}

/* libcurl found the connection dead, and sends the body again on another. */
static int
seek_body(void *self, curl_off_t at, int whence)
{
	struct client *c = self;

	if (whence != SEEK_SET || at < 0 || at > c->rq->length)
		return CURL_SEEKFUNC_CANTSEEK;
	c->at = at;
	return CURL_SEEKFUNC_OK;
}

/* Was nothing transferred for too long? */
static bool
stalls(struct client *c, curl_off_t moved)
{
	bool sent = c->rq->read != NULL && c->at >= c->rq->length;
	int64_t now = v2m_mono_ms();

	if (moved != c->moved) {
		c->moved = moved;
		c->moved_at = now;
	}
	return now - c->moved_at > c->stall_ms * (sent ? THINK : 1);
}

/* libcurl calls it at least about once a second. */
static int
look_up(void *self, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	struct client *c = self;

	(void)dltotal, (void)ultotal;
	if (v2m_stop_count() == 0 || c->rq->farewell) {
		c->stalled = stalls(c, dlnow + ulnow);
		return c->stalled ? 1 : 0;
	}
	if (!c->ours)
		v2m_err_set(&c->err, V2M_TEMP, "interrupted");
	c->ours = true;
	return 1;
}

/* --- a request --- */

static void
set_server(struct client *c)
{
	CURL *curl = c->curl;

	v2m_easy_server(curl, c->ca_file);
	/* Plain http to this machine does not use a proxy. */
	if (!c->origin.tls && c->origin.loopback)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void
set_limits(struct client *c)
{
	CURL *curl = c->curl;

	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    c->stall_ms < CONNECT_MS ? (long)c->stall_ms :
	    (long)CONNECT_MS);
	v2m_easy_transfer(curl, BUFFER_SIZE);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, c->error);
	c->error[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, c);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static void
set_method(struct client *c, const struct v2m_http_request *rq)
{
	CURL *curl = c->curl;

	if (rq->read != NULL) {
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
		    (curl_off_t)rq->length);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, c);
		curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
		curl_easy_setopt(curl, CURLOPT_SEEKDATA, c);
	} else if (strcmp(rq->method, "HEAD") == 0) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	} else if (strcmp(rq->method, "GET") != 0 &&
	    strcmp(rq->method, "DELETE") != 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
	}
	if (strcmp(rq->method, "HEAD") != 0)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, rq->method);
}

/* The header fields that we send; NULL: no memory. */
static struct curl_slist *
headers(const struct v2m_http_request *rq)
{
	const char *const *line = rq->headers;
	struct curl_slist *list = NULL;
	char *bearer = NULL;
	bool good = v2m_easy_add(&list,
	    "Accept: application/json, */*;q=0.5") &&
	    v2m_easy_add(&list, rq->read == NULL ? "Content-Type:" :
	    "Content-Type: application/offset+octet-stream");

	if (good && rq->token != NULL) {
		good = asprintf(&bearer, "Authorization: Bearer %s",
		    rq->token) > 0 && v2m_easy_add(&list, bearer);
		if (bearer != NULL)
			explicit_bzero(bearer, strlen(bearer));
		free(bearer);
	}
	for (; good && line != NULL && *line != NULL; line++)
		good = v2m_easy_add(&list, *line);
	if (good)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

static enum v2m_http_fate
fate(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
		return V2M_HTTP_UNREACHED;
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_ABORTED_BY_CALLBACK:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_HTTP2:
	case CURLE_PROXY:
		return V2M_HTTP_BROKEN;
	default:
		return V2M_HTTP_OVER;
	}
}

static int
request_failed(struct client *c, CURLcode rc, struct v2m_err *err)
{
	const char *base = c->origin.base;
	const char *why = c->error[0] != '\0' ? c->error :
	    curl_easy_strerror(rc);

	if (c->ours)
		return v2m_err_pass(err, &c->err);
	if (c->stalled)
		return v2m_err_set(err, V2M_TEMP, "%s: no data for %lld s",
		    base, (long long)(v2m_mono_ms() - c->moved_at) / 1000);
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return v2m_err_set(err, V2M_TEMP, "%s: there is no such host, "
		    "or no name server to ask: is url right?", base);
	case CURLE_COULDNT_CONNECT:
		return v2m_err_set(err, V2M_TEMP, "%s: no server answers "
		    "there: is it running, and url right?", base);
	case CURLE_OUT_OF_MEMORY:
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	case CURLE_ABORTED_BY_CALLBACK:
		return v2m_err_set(err, V2M_TEMP, "%s: the connection ended "
		    "without an answer", base);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
		return v2m_err_set(err, V2M_CONFIG, "%s: its certificate is "
		    "not trusted: %s (url_ca_file names who may sign it)", base,
		    why);
	default:
		return v2m_err_set(err, fate(rc) == V2M_HTTP_OVER ?
		    V2M_UNAVAILABLE : V2M_TEMP, "%s: %s", base, why);
	}
}

static void
set_request(struct client *c, const char *url,
    const struct v2m_http_request *rq, struct curl_slist *list)
{
	CURL *curl = c->curl;

	curl_easy_reset(curl);
	set_server(c);
	set_limits(c);
	set_method(c, rq);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	v2m_easy_once(curl, &c->sending);
	if (rq->user != NULL) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(curl, CURLOPT_USERNAME, rq->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, rq->password);
	}
	if (rq->farewell)
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, FAREWELL_MS);
}

static int
client_perform(void *self, const char *url, const struct v2m_http_request *rq,
    struct v2m_http_answer *a, struct v2m_err *err)
{
	struct client *c = self;
	struct curl_slist *list = headers(rq);
	CURLcode rc;

	if (list == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	c->rq = rq;
	c->a = a;
	c->at = 0;
	c->begun = c->ours = c->stalled = false;
	c->moved = 0;
	c->moved_at = v2m_mono_ms();
	set_request(c, url, rq, list);
	rc = curl_easy_perform(c->curl);
	a->plausible = rc != CURLE_COULDNT_RESOLVE_HOST &&
	    rc != CURLE_COULDNT_RESOLVE_PROXY && rc != CURLE_SSL_CONNECT_ERROR;
	a->fate = rc == CURLE_OK ? V2M_HTTP_ANSWERED : c->ours ?
	    V2M_HTTP_OVER : c->stalled ? V2M_HTTP_BROKEN : fate(rc);
	curl_easy_reset(c->curl);
	v2m_easy_wipe(list);	/* the token is in one of its lines */
	if (rc == CURLE_OK && a->status != 0)
		return 0;
	if (rc == CURLE_OK) {
		a->fate = V2M_HTTP_OVER;
		return v2m_err_set(err, V2M_UNAVAILABLE, "%s does not speak "
		    "HTTP", c->origin.base);
	}
	return request_failed(c, rc, err);
}

V2M_EXPORT const struct v2m_http_curl_ops v2m_http_curl = {
	.open = client_open,
	.close = client_close,
	.perform = client_perform,
};
