/* sigv4.h - signatures of requests to AWS and to servers that speak like it:
 * AWS Signature Version 4, for Amazon S3 and DynamoDB, by nettle.
 *
 * Nothing is sent here.  The caller must send exactly the bytes that were
 * signed.  No state, thread-safe.
 */
#ifndef V2M_STORE_SIGV4_H
#define V2M_STORE_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* The credentials.  token: of a session; or "". */
struct v2m_sigv4_key {
	const char *access, *secret, *token;
	const char *region, *service;	/* "eu-central-1", "s3" */
};

#define V2M_SIGV4_HEADERS 24		/* of one request, at most */
#define V2M_SIGV4_DATE 17		/* "20261130T012345Z" and the NUL */
#define V2M_SIGV4_MAX 8192		/* of an Authorization, or a query */

struct v2m_sigv4_request {
	const char *method;
	const char *path;	/* encoded, from the first '/' on */
	const char *query;	/* encoded, sorted by name, each with a '=' */
	/* "name: value", names in lower case, in any order; all are signed,
	 * and host must be one of them. */
	const char *headers[V2M_SIGV4_HEADERS];
	size_t nheaders;
	const char *payload;	/* hex SHA-256 of the body, or the word that
				 * x-amz-content-sha256 says in its place */
	int64_t at_ms;		/* wall time: when it is signed */
};

/* The time in the form of x-amz-date. */
void v2m_sigv4_date(char date[V2M_SIGV4_DATE], int64_t at_ms);

/* Percent-encode as canonical requests need it; with `path`, '/' stays.  -1: it
 * does not fit. */
int v2m_sigv4_encode(char *dst, size_t size, const char *text, bool path);

/* The value of the header Authorization.  The headers must have x-amz-date of
 * the same time, and x-amz-security-token if the key has a token.
 * V2M_BUG: it does not fit. */
int v2m_sigv4_authorize(const struct v2m_sigv4_key *key,
    const struct v2m_sigv4_request *rq, char value[V2M_SIGV4_MAX],
    struct v2m_err *err);

/* The query of a URL, without '?', that is valid for so many seconds.  All
 * names in the query of *rq must sort after "X-Amz-". */
int v2m_sigv4_presign(const struct v2m_sigv4_key *key,
    const struct v2m_sigv4_request *rq, int seconds,
    char query[V2M_SIGV4_MAX], struct v2m_err *err);

#endif
