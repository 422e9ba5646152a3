/* Signatures of requests: the examples of Amazon's documentation. */
#include "store/sigv4.h"

#include <string.h>

#include "tap.h"

#define AT_MS (INT64_C(1369353600) * 1000)	/* 2013-05-24 00:00 UTC */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct v2m_err err;
static const struct v2m_sigv4_key key = {
	.access = "AKIAIOSFODNN7EXAMPLE",
	.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.token = "", .region = "us-east-1", .service = "s3",
};

static void
signs(struct v2m_sigv4_request rq, const char *signature, const char *what)
{
	char value[V2M_SIGV4_MAX];
	const char *at;

	rq.at_ms = AT_MS;
	rq.headers[rq.nheaders++] = "x-amz-date: 20130524T000000Z";
	rq.headers[rq.nheaders++] = "host: examplebucket.s3.amazonaws.com";
	ok(v2m_sigv4_authorize(&key, &rq, value, &err) == 0, what);
	at = strstr(value, "Signature=");
	is(at == NULL ? "" : at + 10, signature, "has the manual's signature");
}

static void
test_examples(void)
{
	signs((struct v2m_sigv4_request){ .method = "GET",
	    .path = "/test.txt", .query = "", .headers = { "range: bytes=0-9",
	    "x-amz-content-sha256: " EMPTY }, .nheaders = 2,
	    .payload = EMPTY },
	    "f0e8bdb87c964420e857bd35b5d6ed31"
	    "0bd44f0170aba48dd91039c6036bdb41", "a range of an object");
	signs((struct v2m_sigv4_request){ .method = "GET", .path = "/",
	    .query = "lifecycle=", .headers = { "x-amz-content-sha256: "
	    EMPTY }, .nheaders = 1, .payload = EMPTY },
	    "fea454ca298b7da1c68078a5d1bdbfbb"
	    "e0d65c699e0f91ac7a200a0136783543", "a word without a value");
	signs((struct v2m_sigv4_request){ .method = "GET", .path = "/",
	    .query = "max-keys=2&prefix=J", .headers = {
	    "x-amz-content-sha256: " EMPTY }, .nheaders = 1,
	    .payload = EMPTY },
	    "34b48302e7b5fa45bde8084f4b7868a8"
	    "6f0a534bc59db6670ed5711ef69dc6f7", "a list of objects");
	signs((struct v2m_sigv4_request){ .method = "PUT",
	    .path = "/test%24file.text", .query = "", .headers = {
	    "date: Fri, 24 May 2013 00:00:00 GMT",
	    "x-amz-storage-class: REDUCED_REDUNDANCY",
	    "x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbb"
	    "a87d2b6b4b4e99e42034a8b803f8b072" }, .nheaders = 3,
	    .payload = "44ce7dd67c959e0d3524ffac1771dfbb"
	    "a87d2b6b4b4e99e42034a8b803f8b072" },
	    "98ad721746da40c64f1a55b78f14c238"
	    "d841ea1380cd77a1b5971af0ece108bd", "an object that is stored");
}

static void
test_presigned(void)
{
	struct v2m_sigv4_request rq = { .method = "GET",
		.path = "/test.txt", .query = "", .payload =
		"UNSIGNED-PAYLOAD", .at_ms = AT_MS,
		.headers = { "host: examplebucket.s3.amazonaws.com" },
		.nheaders = 1 };
	char query[V2M_SIGV4_MAX];

	ok(v2m_sigv4_presign(&key, &rq, 86400, query, &err) == 0,
	    "a URL that is good for a day");
	is(query, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
	    "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
	    "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
	    "X-Amz-SignedHeaders=host&X-Amz-Signature="
	    "aeeed9bbccd4d02ee5c0109b86d86835"
	    "f995330da4c265957d157751f604d404", "is the manual's");
}

/* With a role's long session token and a long file name. */
static void
test_presigned_long(void)
{
	static char token[3000], name[1800];
	struct v2m_sigv4_request rq = { .method = "GET", .path = "/k",
		.query = name, .payload = "UNSIGNED-PAYLOAD", .at_ms = AT_MS,
		.headers = { "host: h" }, .nheaders = 1 };
	struct v2m_sigv4_key lent = key;
	char query[V2M_SIGV4_MAX];

	memset(token, '+', 1500);
	memset(token + 1500, 't', 1499);
	memset(name, 'n', sizeof name - 1);
	memcpy(name, "response-x=", 11);
	lent.token = token;
	ok(v2m_sigv4_presign(&lent, &rq, 60, query, &err) == 0,
	    "a URL with the token of a session");
	ok(strstr(query, "&X-Amz-Security-Token=%2B%2B") != NULL &&
	    strstr(query, "&response-x=nnnn") != NULL, "has both");
}

static void
test_bounds(void)
{
	struct v2m_sigv4_request rq = { .method = "GET", .path = "/",
		.query = "", .payload = EMPTY, .at_ms = AT_MS };
	static char long_header[3 * V2M_SIGV4_MAX];
	char value[V2M_SIGV4_MAX], small[8];

	memset(long_header, 'x', sizeof long_header - 1);
	memcpy(long_header, "host: ", 6);
	rq.headers[rq.nheaders++] = long_header;
	ok(v2m_sigv4_authorize(&key, &rq, value, &err) < 0 &&
	    err.code == V2M_BUG, "a request without an end is refused");
	ok(v2m_sigv4_encode(small, sizeof small, "a/b c", false) < 0,
	    "what does not fit is not encoded");
	ok(v2m_sigv4_encode(value, sizeof value, "a/b c~\xc3\xa4", true) == 0,
	    "what fits is");
	is(value, "a/b%20c~%C3%A4", "as canonical requests want it");
}

int
main(void)
{
	test_examples();
	test_presigned();
	test_presigned_long();
	test_bounds();
	return tap_done();
}
