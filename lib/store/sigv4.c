#include "store/sigv4.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/percent.h"
#include "base/text.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

/* Text that grows in a buffer of fixed size. */
struct text {
	char bytes[2 * V2M_SIGV4_MAX];
	size_t n;
	bool full;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *fmt, ...)
{
	size_t room = sizeof t->bytes - t->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->bytes + t->n, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		t->full = true;
	else
		t->n += (size_t)n;
}

static int
too_long(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_BUG, "a request is too long to be signed");
}

void
v2m_sigv4_date(char date[V2M_SIGV4_DATE], int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(date, V2M_SIGV4_DATE, "%Y%m%dT%H%M%SZ", &tm);
}

int
v2m_sigv4_encode(char *dst, size_t size, const char *text, bool path)
{
	return v2m_percent_encode(dst, size, text, path ? "/" : NULL) ? 0 : -1;
}

/* --- the canonical request --- */

static size_t
name_length(const char *header)
{
	return strcspn(header, ":");
}

static int
by_name(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t nx = name_length(x), ny = name_length(y);
	int order = memcmp(x, y, nx < ny ? nx : ny);

	return order != 0 ? order : (nx > ny) - (nx < ny);
}

struct headers {
	const char *sorted[V2M_SIGV4_HEADERS];
	size_t n;
	char names[1024];	/* "host;x-amz-date" */
};

static int
sort_headers(struct headers *h, const struct v2m_sigv4_request *rq,
    struct v2m_err *err)
{
	size_t at = 0, i;

	h->n = rq->nheaders;
	memcpy(h->sorted, rq->headers, sizeof h->sorted);
	qsort(h->sorted, h->n, sizeof h->sorted[0], by_name);
	for (i = 0; i < h->n; i++) {
		size_t n = name_length(h->sorted[i]);

		if (at + n + 2 > sizeof h->names)
			return too_long(err);
		if (i > 0)
			h->names[at++] = ';';
		memcpy(h->names + at, h->sorted[i], n);
		at += n;
	}
	h->names[at] = '\0';
	return 0;
}

static void
hash_text(const struct text *t, char hex[V2M_SHA256_HEX])
{
	struct v2m_sha256 hash;

	v2m_sha256_init(&hash);
	v2m_sha256_update(&hash, t->bytes, t->n);
	v2m_sha256_final(&hash, hex);
}

/* The hash of the canonical request; `query` replaces that of rq. */
static int
hash_request(const struct v2m_sigv4_request *rq, const struct headers *h,
    const char *query, char hex[V2M_SHA256_HEX], struct v2m_err *err)
{
	struct text t = { .n = 0 };
	size_t i;

	add(&t, "%s\n%s\n%s\n", rq->method, rq->path, query);
	for (i = 0; i < h->n; i++) {
		const char *value = strchr(h->sorted[i], ':');

		if (value == NULL)
			return v2m_err_set(err, V2M_BUG, "a header has no "
			    "':'");
		value += 1 + strspn(value + 1, " ");
		add(&t, "%.*s:%s\n", (int)name_length(h->sorted[i]),
		    h->sorted[i], value);
	}
	add(&t, "\n%s\n%s", h->names, rq->payload);
	if (t.full)
		return too_long(err);
	hash_text(&t, hex);
	return 0;
}

/* --- the signature --- */

static void
hmac(uint8_t out[SHA256_DIGEST_SIZE], const void *key, size_t nkey,
    const char *text, size_t ntext)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, nkey, key);
	hmac_sha256_update(&ctx, ntext, (const uint8_t *)text);
	hmac_sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
	explicit_bzero(&ctx, sizeof ctx);
}

/* The signing key for a day, a region and a service. */
static int
derive_key(uint8_t out[SHA256_DIGEST_SIZE], const struct v2m_sigv4_key *key,
    const char *date, struct v2m_err *err)
{
	char secret[1024];
	int n = snprintf(secret, sizeof secret, "AWS4%s", key->secret);

	if (n < 0 || (size_t)n >= sizeof secret)
		return too_long(err);
	hmac(out, secret, (size_t)n, date, 8);
	explicit_bzero(secret, sizeof secret);
	hmac(out, out, SHA256_DIGEST_SIZE, key->region, strlen(key->region));
	hmac(out, out, SHA256_DIGEST_SIZE, key->service,
	    strlen(key->service));
	hmac(out, out, SHA256_DIGEST_SIZE, "aws4_request", 12);
	return 0;
}

static void
name_scope(char scope[160], const struct v2m_sigv4_key *key, const char *date)
{
	snprintf(scope, 160, "%.8s/%.64s/%.32s/aws4_request", date,
	    key->region, key->service);
}

static int
sign(const struct v2m_sigv4_key *key, const char *date,
    const char request_hash[V2M_SHA256_HEX],
    char signature[V2M_SHA256_HEX], struct v2m_err *err)
{
	uint8_t day[SHA256_DIGEST_SIZE], mac[SHA256_DIGEST_SIZE];
	char scope[160], text[512];
	int n;

	name_scope(scope, key, date);
	n = snprintf(text, sizeof text, ALGORITHM "\n%s\n%s\n%s", date, scope,
	    request_hash);
	if (derive_key(day, key, date, err) < 0)
		return -1;
	hmac(mac, day, sizeof day, text, (size_t)n);
	explicit_bzero(day, sizeof day);
	v2m_text_hex(signature, mac, sizeof mac);
	return 0;
}

int
v2m_sigv4_authorize(const struct v2m_sigv4_key *key,
    const struct v2m_sigv4_request *rq, char value[V2M_SIGV4_MAX],
    struct v2m_err *err)
{
	char date[V2M_SIGV4_DATE], hash[V2M_SHA256_HEX], scope[160];
	char signature[V2M_SHA256_HEX];
	struct headers h;
	int n;

	v2m_sigv4_date(date, rq->at_ms);
	if (sort_headers(&h, rq, err) < 0 ||
	    hash_request(rq, &h, rq->query, hash, err) < 0 ||
	    sign(key, date, hash, signature, err) < 0)
		return -1;
	name_scope(scope, key, date);
	n = snprintf(value, V2M_SIGV4_MAX, ALGORITHM " Credential=%s/%s, "
	    "SignedHeaders=%s, Signature=%s", key->access, scope, h.names,
	    signature);
	return n < 0 || n >= V2M_SIGV4_MAX ? too_long(err) : 0;
}

/* The query without the signature. */
static int
compose_query(struct text *t, const struct v2m_sigv4_key *key,
    const struct v2m_sigv4_request *rq, const struct headers *h, int seconds)
{
	char date[V2M_SIGV4_DATE], scope[160], who[512], text[1024];
	char token[V2M_SIGV4_MAX];

	v2m_sigv4_date(date, rq->at_ms);
	name_scope(scope, key, date);
	snprintf(text, sizeof text, "%s/%s", key->access, scope);
	if (v2m_sigv4_encode(who, sizeof who, text, false) < 0 ||
	    v2m_sigv4_encode(token, sizeof token, key->token, false) < 0 ||
	    v2m_sigv4_encode(text, sizeof text, h->names, false) < 0)
		return -1;
	add(t, "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=%s&"
	    "X-Amz-Date=%s&X-Amz-Expires=%d", who, date, seconds);
	if (token[0] != '\0')
		add(t, "&X-Amz-Security-Token=%s", token);
	add(t, "&X-Amz-SignedHeaders=%s", text);
	if (rq->query[0] != '\0')
		add(t, "&%s", rq->query);
	return t->full ? -1 : 0;
}

int
v2m_sigv4_presign(const struct v2m_sigv4_key *key,
    const struct v2m_sigv4_request *rq, int seconds,
    char query[V2M_SIGV4_MAX], struct v2m_err *err)
{
	char date[V2M_SIGV4_DATE], hash[V2M_SHA256_HEX];
	char signature[V2M_SHA256_HEX];
	struct text t = { .n = 0 };
	struct headers h;
	int n;

	v2m_sigv4_date(date, rq->at_ms);
	if (sort_headers(&h, rq, err) < 0)
		return -1;
	if (compose_query(&t, key, rq, &h, seconds) < 0)
		return too_long(err);
	if (hash_request(rq, &h, t.bytes, hash, err) < 0 ||
	    sign(key, date, hash, signature, err) < 0)
		return -1;
	n = snprintf(query, V2M_SIGV4_MAX, "%s&X-Amz-Signature=%s", t.bytes,
	    signature);
	return n < 0 || n >= V2M_SIGV4_MAX ? too_long(err) : 0;
}
