/* Send a request once, signed, by libcurl. */
#include "store/aws/aws.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/kept_file.h"
#include "base/loopback.h"
#include "base/stop.h"
#include "base/curl.h"

#define CONNECT_MS 5000L
#define STALL_MS 20000		/* without a byte in either direction */
#define BUFFER_SIZE (256 * 1024L)
#define ANSWER_MAX (8 << 20)	/* bytes of a collected body */

struct v2m_aws_call {
	const struct v2m_aws *aws;
	const struct v2m_aws_request *rq;
	CURL *curl;
	struct curl_slist *lines;
	size_t sent;
	curl_off_t moved;
	int64_t moved_at;
	bool begun, stalled, stopped, too_long, not_range;
	char error[CURL_ERROR_SIZE];
	struct v2m_aws_answer a;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init_global(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- a server --- */

static void
companion(const struct v2m_conf *conf, const char *key, const char *word,
    char path[4096])
{
	char name[64];

	snprintf(name, sizeof name, "%s_%s", key, word);
	snprintf(path, 4096, "%s", v2m_kept_file_path(v2m_conf_text(conf,
	    name)));
}

/* The signed host has no port if it is the scheme's default. */
bool
v2m_aws_take_endpoint(const char *endpoint, char base[V2M_AWS_BASE],
    char signed_host[V2M_AWS_HOST], bool *loopback)
{
	bool tls = strncmp(endpoint, "https://", 8) == 0;
	const char *host = endpoint + (tls ? 8 : 7);
	size_t n = strcspn(host, "/?#");
	const char *usual = tls ? ":443" : ":80";
	char name[256];

	if ((!tls && strncmp(endpoint, "http://", 7) != 0) || n == 0 ||
	    n >= 256 || host[n + strspn(host + n, "/")] != '\0' ||
	    memchr(host, '@', n) != NULL)
		return false;
	snprintf(base, V2M_AWS_BASE, "%s%.*s",
	    tls ? "https://" : "http://", (int)n, host);
	snprintf(signed_host, V2M_AWS_HOST, "%.*s", (int)n, host);
	if (n > strlen(usual) && strcmp(signed_host + n - strlen(usual),
	    usual) == 0)
		signed_host[n - strlen(usual)] = '\0';
	snprintf(name, sizeof name, "%.*s", (int)(host[0] == '[' ?
	    strcspn(host, "]") + 1 : strcspn(signed_host, ":")), host);
	*loopback = !tls && v2m_loopback(name);
	return true;
}

int
v2m_aws_open(struct v2m_aws *aws, const struct v2m_conf *conf,
    const char *key, const char *endpoint, struct v2m_err *err)
{
	pthread_once(&once, init_global);
	aws->key = key;
	companion(conf, key, "ca_file", aws->ca_file);
	companion(conf, key, "cert_file", aws->cert_file);
	companion(conf, key, "key_file", aws->key_file);
	if (!v2m_aws_take_endpoint(endpoint, aws->base, aws->host,
	    &aws->loopback))
		return v2m_err_set(err, V2M_CONFIG, "%s: endpoint is not of "
		    "the form https://HOST:PORT", key);
	if (v2m_kept_files_check(conf, key, err) < 0)
		return -1;
	aws->curl = curl_easy_init();
	return aws->curl != NULL ? 0 : v2m_err_set(err, V2M_TEMP,
	    "%s: libcurl does not start", key);
}

void
v2m_aws_close(struct v2m_aws *aws)
{
	if (aws->curl != NULL)
		curl_easy_cleanup(aws->curl);
	aws->curl = NULL;
}

/* --- what is asked --- */

void
v2m_aws_header(struct v2m_aws_request *rq, const char *fmt, ...)
{
	char *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	if (rq->nheaders < V2M_AWS_HEADERS) {
		rq->headers[rq->nheaders++] = line;
	} else {
		rq->too_many = true;
		free(line);
	}
}

void
v2m_aws_request_clear(struct v2m_aws_request *rq)
{
	while (rq->nheaders > 0)
		free(rq->headers[--rq->nheaders]);
}

void
v2m_aws_answer_clear(struct v2m_aws_answer *a)
{
	free(a->body);
	a->body = NULL;
	a->nbody = 0;
}

/* --- what libcurl calls --- */

static void
take_date(struct v2m_aws_answer *a, const char *value)
{
	time_t date = curl_getdate(value, NULL);

	if (date > 0)
		a->date = (int64_t)date * 1000;
}

static size_t
on_line(char *line, size_t one, size_t n, void *self)
{
	struct v2m_aws_call *c = self;
	char text[4096], *colon, *value, *p;

	n *= one;
	snprintf(text, sizeof text, "%.*s", (int)n, line);
	text[strcspn(text, "\r\n")] = '\0';
	colon = strchr(text, ':');
	if (colon == NULL)
		return n;
	*colon = '\0';
	for (p = text; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	value = colon + 1 + strspn(colon + 1, " \t");
	if (strcmp(text, "date") == 0)
		take_date(&c->a, value);
	if (c->rq->on_header != NULL)
		c->rq->on_header(c->rq->arg, text, value);
	return n;
}

static size_t
collect(struct v2m_aws_call *c, const char *buf, size_t n)
{
	char *more;

	if (c->a.nbody + n > ANSWER_MAX) {
		c->too_long = true;
		return 0;
	}
	more = realloc(c->a.body, c->a.nbody + n + 1);
	if (more == NULL)
		return 0;
	c->a.body = more;
	memcpy(more + c->a.nbody, buf, n);
	c->a.nbody += n;
	more[c->a.nbody] = '\0';
	return n;
}

static size_t
on_body(char *buf, size_t one, size_t n, void *self)
{
	struct v2m_aws_call *c = self;
	long status = 0;

	n *= one;
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (c->rq->into == NULL || status < 200 || status >= 300)
		return collect(c, buf, n);
	if (c->rq->from_middle && status != 206) {
		c->not_range = true;
		return 0;
	}
	if (n > c->rq->room - c->a.got) {
		c->too_long = true;
		return 0;
	}
	memcpy((char *)c->rq->into + c->a.got, buf, n);
	c->a.got += n;
	return n;
}

static size_t
give_body(char *buf, size_t one, size_t n, void *self)
{
	struct v2m_aws_call *c = self;
	size_t left = c->rq->length - c->sent;

	n *= one;
	n = n < left ? n : left;
	memcpy(buf, (const char *)c->rq->body + c->sent, n);
	c->sent += n;
	return n;
}

static int
seek_body(void *self, curl_off_t at, int whence)
{
	struct v2m_aws_call *c = self;

	if (whence != SEEK_SET || at < 0 || (size_t)at > c->rq->length)
		return CURL_SEEKFUNC_CANTSEEK;
	c->sent = (size_t)at;
	return CURL_SEEKFUNC_OK;
}

/* libcurl's progress function, called at least about once a second.  Returns
 * not 0 to abort. */
static int
look_up(void *self, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	struct v2m_aws_call *c = self;
	int64_t now = v2m_mono_ms();

	(void)dltotal, (void)ultotal;
	if (dlnow + ulnow != c->moved) {
		c->moved = dlnow + ulnow;
		c->moved_at = now;
	}
	c->stalled = now - c->moved_at > STALL_MS;
	c->stopped = v2m_stop_count() > 1;
	return c->stalled || c->stopped;
}

/* --- a call --- */

/* Header lines of a signed request. */
struct lines {
	char host[320], date[40], hash[100], token[4200];
	char authorization[V2M_SIGV4_MAX + 32];
	char payload[V2M_SHA256_HEX];
};

static void
hash_body(const struct v2m_aws_request *rq, char hex[V2M_SHA256_HEX])
{
	struct v2m_sha256 h;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, rq->body == NULL ? "" : rq->body, rq->length);
	v2m_sha256_final(&h, hex);
}

_Static_assert(V2M_SIGV4_HEADERS >= V2M_AWS_HEADERS + 4,
    "there is room for the headers that signing adds");

static int
sign_lines(const struct v2m_aws *aws, const struct v2m_aws_request *rq,
    const struct v2m_aws_credentials *who, struct lines *l,
    struct v2m_err *err)
{
	struct v2m_sigv4_key key = { who->access, who->secret, who->token,
		aws->region, aws->service };
	struct v2m_sigv4_request s = { .method = rq->method, .path = rq->path,
		.query = rq->query, .payload = l->payload,
		.at_ms = v2m_wall_ms() };
	char date[V2M_SIGV4_DATE];
	size_t i;
	int n;

	if (rq->too_many)
		return v2m_err_set(err, V2M_BUG, "more than %d headers",
		    V2M_AWS_HEADERS);
	hash_body(rq, l->payload);
	v2m_sigv4_date(date, s.at_ms);
	snprintf(l->host, sizeof l->host, "host: %s", aws->host);
	snprintf(l->date, sizeof l->date, "x-amz-date: %s", date);
	snprintf(l->hash, sizeof l->hash, "x-amz-content-sha256: %s",
	    l->payload);
	s.headers[s.nheaders++] = l->host;
	s.headers[s.nheaders++] = l->date;
	s.headers[s.nheaders++] = l->hash;
	if (who->token[0] != '\0') {
		snprintf(l->token, sizeof l->token, "x-amz-security-token: %s",
		    who->token);
		s.headers[s.nheaders++] = l->token;
	}
	for (i = 0; i < rq->nheaders; i++) {
		if (rq->headers[i] == NULL)
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		s.headers[s.nheaders++] = rq->headers[i];
	}
	n = snprintf(l->authorization, sizeof l->authorization,
	    "authorization: ");
	return v2m_sigv4_authorize(&key, &s, l->authorization + n, err);
}

static bool
list_lines(struct v2m_aws_call *c, const struct lines *l)
{
	bool good = v2m_easy_add(&c->lines, l->host) &&
	    v2m_easy_add(&c->lines, l->date) &&
	    v2m_easy_add(&c->lines, l->hash) &&
	    v2m_easy_add(&c->lines, l->authorization) &&
	    v2m_easy_add(&c->lines, "Expect:") &&
	    v2m_easy_add(&c->lines, "Accept:");
	bool typed = false;
	size_t i;

	if (good && l->token[0] != '\0')
		good = v2m_easy_add(&c->lines, l->token);
	for (i = 0; good && i < c->rq->nheaders; i++) {
		good = v2m_easy_add(&c->lines, c->rq->headers[i]);
		typed |= strncmp(c->rq->headers[i], "content-type:", 13) == 0;
	}
	return good && (typed || v2m_easy_add(&c->lines, "Content-Type:"));
}

static int
sign_call(struct v2m_aws_call *c, int64_t wanted_after, struct v2m_err *err)
{
	struct v2m_aws_credentials who;
	struct lines *l = calloc(1, sizeof *l);
	int ret = -1;

	if (l == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	if (v2m_aws_credentials(&who, c->aws->region, wanted_after, err) == 0 &&
	    sign_lines(c->aws, c->rq, &who, l, err) == 0)
		ret = list_lines(c, l) ? 0 :
		    v2m_err_set(err, V2M_TEMP, "out of memory");
	explicit_bzero(&who, sizeof who);
	explicit_bzero(l, sizeof *l);
	free(l);
	return ret;
}

static void
set_server(struct v2m_aws_call *c)
{
	const struct v2m_aws *aws = c->aws;
	CURL *curl = c->curl;

	v2m_easy_server(curl, aws->ca_file);
	v2m_easy_transfer(curl, BUFFER_SIZE);
	if (aws->cert_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_SSLCERT, aws->cert_file);
	if (aws->key_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_SSLKEY, aws->key_file);
	if (aws->loopback)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
}

static void
set_functions(struct v2m_aws_call *c)
{
	CURL *curl = c->curl;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, c);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, c->lines);
	v2m_easy_once(curl, &c->begun);
}

static void
set_method(struct v2m_aws_call *c)
{
	const char *method = c->rq->method;
	CURL *curl = c->curl;

	if (c->rq->body != NULL || strcmp(method, "PUT") == 0 ||
	    strcmp(method, "POST") == 0) {
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
		    (curl_off_t)c->rq->length);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, c);
		curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
		curl_easy_setopt(curl, CURLOPT_SEEKDATA, c);
	} else if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	}
	if (strcmp(method, "HEAD") != 0)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static void
set_url(struct v2m_aws_call *c)
{
	char url[V2M_SIGV4_MAX];

	snprintf(url, sizeof url, "%s%s%s%s", c->aws->base, c->rq->path,
	    c->rq->query[0] == '\0' ? "" : "?", c->rq->query);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
}

static void
free_call(struct v2m_aws_call *c)
{
	curl_easy_reset(c->curl);
	v2m_easy_wipe(c->lines);
	free(c);
}

struct v2m_aws_call *
v2m_aws_call_new(const struct v2m_aws *aws, CURL *easy,
    const struct v2m_aws_request *rq, int64_t wanted_after,
    struct v2m_err *err)
{
	struct v2m_aws_call *c = calloc(1, sizeof *c);

	if (c == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	c->aws = aws;
	c->rq = rq;
	c->curl = easy;
	c->moved_at = v2m_mono_ms();
	curl_easy_reset(easy);
	if (sign_call(c, wanted_after, err) < 0) {
		free_call(c);
		return NULL;
	}
	set_url(c);
	set_server(c);
	set_functions(c);
	set_method(c);
	return c;
}

size_t
v2m_aws_call_got(const struct v2m_aws_call *c)
{
	return c->a.got;
}

static int
call_failed(const struct v2m_aws_call *c, CURLcode rc, struct v2m_err *err)
{
	const char *why = c->error[0] != '\0' ? c->error :
	    curl_easy_strerror(rc);

	if (c->stopped)
		return v2m_err_set(err, V2M_TEMP, "interrupted");
	if (c->stalled)
		return v2m_err_set(err, V2M_TEMP, "%s: not a byte for %d s",
		    c->aws->host, STALL_MS / 1000);
	if (c->too_long)
		return v2m_err_set(err, V2M_UNAVAILABLE, "%s: its answer is "
		    "longer than it should be", c->aws->host);
	if (c->not_range)
		return v2m_err_set(err, V2M_UNAVAILABLE, "%s: it gives all "
		    "bytes where a range was asked for", c->aws->host);
	switch (rc) {
	case CURLE_ABORTED_BY_CALLBACK:
		return v2m_err_set(err, V2M_TEMP, "%s: the connection ended "
		    "without an answer", c->aws->host);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return v2m_err_set(err, V2M_CONFIG, "%s: its certificate is "
		    "not trusted: %s (%s_ca_file names who may sign it)",
		    c->aws->host, why, c->aws->key);
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return v2m_err_set(err, V2M_CONFIG, "%s: %s", c->aws->host,
		    why);
	default:
		return v2m_err_set(err, V2M_TEMP, "%s: %s", c->aws->host, why);
	}
}

int
v2m_aws_call_end(struct v2m_aws_call *c, CURLcode rc,
    struct v2m_aws_answer *a, struct v2m_err *err)
{
	long status = 0;
	int ret = 0;

	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc != CURLE_OK || status == 0) {
		ret = call_failed(c, rc, err);
		v2m_aws_answer_clear(&c->a);
	} else {
		*a = c->a;
		a->status = (int)status;
		v2m_aws_read_error(a);
	}
	free_call(c);
	return ret;
}
