/* aws.h - what drivers of services of AWS, and of servers that speak like
 * them, share: credentials, signed requests by libcurl, answers in XML.
 *
 * A request is held in memory with its body, so that it can be sent again; an
 * answer's body is collected in memory, up to a bound.  Every wait ends: a
 * connection within CONNECT_MS of request.c, an answer when nothing passed for
 * STALL_MS.  A struct v2m_aws belongs to one thread.
 *
 * Files: place.c (what a URL says), credentials.c (who we are), profile.c (the
 * files of the AWS tools), role.c (what a role's service lends), request.c (one
 * request), retry.c, pause.c, errors.c (what was refused), xml.c.
 */
#ifndef V2M_STORE_AWS_AWS_H
#define V2M_STORE_AWS_AWS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/url.h"
#include "store/sigv4.h"

/* --- credentials.c --- */

struct v2m_aws_credentials {
	char access[256], secret[512], token[4096];
	int64_t expires_at;	/* wall ms; 0: never */
};

/* Those of this process, renewed where they are about to expire; the same for
 * all threads.  wanted_after: and got after this moment (wall ms), since older
 * ones were refused; or 0.  V2M_CONFIG: there are none, with where they were
 * looked for; V2M_TEMP: who lends them is away. */
int v2m_aws_credentials(struct v2m_aws_credentials *c, const char *region,
    int64_t wanted_after, struct v2m_err *err);

/* profile.c: of the shared files.  1; 0 there are none; -1. */
int v2m_aws_profile_credentials(struct v2m_aws_credentials *c,
    struct v2m_err *err);

/* role.c: those that are lent, likewise: EKS, ECS, an instance of EC2. */
int v2m_aws_web_identity(struct v2m_aws_credentials *c, const char *region,
    struct v2m_err *err);
int v2m_aws_container(struct v2m_aws_credentials *c, struct v2m_err *err);
int v2m_aws_instance(struct v2m_aws_credentials *c, struct v2m_err *err);

/* The region of environment and profile; "" none. */
void v2m_aws_default_region(char region[64]);

/* --- a server --- */

#define V2M_AWS_BASE 512
#define V2M_AWS_HOST 300

struct v2m_aws {
	const char *service;		/* "s3" */
	const char *key;		/* of the configuration: "objects" */
	char region[64];
	char base[V2M_AWS_BASE];	/* "https://host:port" */
	char host[V2M_AWS_HOST];	/* "host:port", as it is signed */
	char ca_file[4096];		/* "": the system's */
	char cert_file[4096], key_file[4096];	/* our own; or "" */
	bool loopback;			/* in clear, to this machine */
	int64_t ahead_ms;		/* its clock, by its last answer */
	CURL *curl;			/* for requests one after another */
};

/* Take scheme and host of an URL "https://host:port"; region and service are
 * the caller's.  V2M_CONFIG. */
int v2m_aws_open(struct v2m_aws *aws, const struct v2m_conf *conf,
    const char *key, const char *endpoint, struct v2m_err *err);
void v2m_aws_close(struct v2m_aws *aws);

/* The same of the URL alone.  false: it is not of that form. */
bool v2m_aws_take_endpoint(const char *endpoint, char base[V2M_AWS_BASE],
    char host[V2M_AWS_HOST], bool *loopback);

/* --- place.c: for a URL SCHEME://NAME?name=value&... --- */

/* Letters, digits and ._- alone, or '/' as well: what needs no encoding, in no
 * library. */
bool v2m_aws_is_plain(const char *s, bool slashes);

/* names: what the query may hold, "region, endpoint". */
int v2m_aws_check_names(const char *query, const char *names,
    const char *scheme, const char *key, struct v2m_err *err);

/* The value of one; fallback where there is none. */
void v2m_aws_parameter(const struct v2m_url *url, const char *name,
    char *value, size_t size, const char *fallback);

/* The URL's region, or the environment's; endpoint: the URL's, or "". */
int v2m_aws_take_region(struct v2m_aws *aws, const struct v2m_url *url,
    const char *endpoint, const char *key, struct v2m_err *err);

/* Credentials may not be part of a URL, nor of its companions. */
int v2m_aws_refuse_passwords(const struct v2m_conf *conf,
    const struct v2m_url *url, const char *key, struct v2m_err *err);

/* --- request.c --- */

#define V2M_AWS_HEADERS 16

struct v2m_aws_answer;

struct v2m_aws_request {
	const char *method;
	const char *path, *query;	/* as in store/sigv4.h */
	char *headers[V2M_AWS_HEADERS];	/* "name: value" besides host, ... */
	size_t nheaders;
	const void *body;		/* or NULL */
	size_t length;
	/* Each header of the answer, names in lower case; or NULL. */
	void (*on_header)(void *arg, const char *name, const char *value);
	void *arg;
	/* Where the body of a 2xx goes: at most `room` bytes at `into`; or
	 * NULL: it is collected in the answer. */
	void *into;
	size_t room;
	bool from_middle;	/* a range is asked for that does not begin at
				 * 0: a 200 would have other bytes */
	/* Is the answer as it was sent?  False: it is asked for again; NULL:
	 * it is not known. */
	bool (*is_whole)(void *arg, const struct v2m_aws_answer *a);
	const char *answer_code;	/* an error that is an answer, or NULL:
					 * "ConditionalCheckFailedException" */
};

/* Add a header, a copy; one that does not fit is a bug, and ends the process'
 * request with V2M_BUG later.  printf-like. */
void v2m_aws_header(struct v2m_aws_request *rq, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void v2m_aws_request_clear(struct v2m_aws_request *rq);	/* free headers */

struct v2m_aws_answer {
	int status;
	char code[64];			/* of an error: "NoSuchKey"; or "" */
	char message[200];		/* and its words */
	char *body;			/* with a NUL behind it; or NULL */
	size_t nbody;
	size_t got;			/* bytes that went to `into` */
	int64_t date;			/* wall ms, of the server; 0 unknown */
	bool lost;			/* an earlier try had no answer: it
					 * may have been done */
};

void v2m_aws_answer_clear(struct v2m_aws_answer *a);

/* One request that is under way; for who drives it by himself, with
 * curl_multi. */
struct v2m_aws_call;

/* Signed, ready to be performed; rq is borrowed until the end.  easy: whose
 * connection is used. */
struct v2m_aws_call *v2m_aws_call_new(const struct v2m_aws *aws,
    CURL *easy, const struct v2m_aws_request *rq, int64_t wanted_after,
    struct v2m_err *err);

/* How many bytes went to `into` so far. */
size_t v2m_aws_call_got(const struct v2m_aws_call *c);

/* What came of it, and free.  0 with *a filled, whatever its status; -1 there
 * was no whole answer. */
int v2m_aws_call_end(struct v2m_aws_call *c, CURLcode rc,
    struct v2m_aws_answer *a, struct v2m_err *err);

/* --- pause.c --- */

/* Sleep before try n (0, 1, ...).  False: it was told twice to stop. */
bool v2m_aws_pause(unsigned n);

/* --- retry.c --- */

/* How long after its begin a request is still tried again. */
#define V2M_AWS_BYTES_MS 20000
#define V2M_AWS_ASK_MS 6000

/* Ask until there is an answer other than "later", or most_ms is over, but at
 * least twice.  0 with
 * *a filled, to be cleared, its status 2xx, 404, 412, 416 or 501: all others
 * are errors.  doing: "store the video 0123...". */
int v2m_aws_ask(struct v2m_aws *aws, const struct v2m_aws_request *rq,
    int64_t most_ms, struct v2m_aws_answer *a, const char *doing,
    struct v2m_err *err);

/* Is it worth another try, and of which fate is err then?  For who drives it by
 * himself. */
bool v2m_aws_is_later(const struct v2m_aws_answer *a);

/* --- errors.c --- */

/* Take code and message from an answer's body, where they are in it. */
void v2m_aws_read_error(struct v2m_aws_answer *a);

/* Were the credentials too old?  Newer ones help. */
bool v2m_aws_has_expired(const struct v2m_aws_answer *a);

/* "cannot DOING: ...".  Returns -1. */
int v2m_aws_refused(const struct v2m_aws *aws, const struct v2m_aws_answer *a,
    const char *doing, struct v2m_err *err);

/* --- xml.c --- */

/* Call each for every element, at its end, with its name without the name
 * space, and its text ("" where it has elements within), innermost first.
 * False: it is not XML. */
bool v2m_aws_xml(const char *xml, size_t n,
    void (*each)(void *arg, const char *name, const char *text), void *arg);

#endif
