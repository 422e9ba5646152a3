/* aws.h - shared by the drivers for AWS services and compatible servers:
 * credentials, signed requests by libcurl, errors, XML.
 *
 * A request and its body are in memory, so that it can be sent again; a
 * response body is collected in memory, up to a limit.  Every wait ends:
 * connecting after CONNECT_MS of request.c, a transfer after STALL_MS without a
 * byte.  A struct v2m_aws is used by one thread only.
 *
 * Files: place.c (parameters of a URL), credentials.c (find credentials),
 * profile.c (in the files of the AWS tools), role.c (of an IAM role), request.c
 * (one request), retry.c, pause.c, errors.c (error responses), xml.c.
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
	int64_t expires_at;	/* wall ms; 0: they do not expire */
};

/* The credentials of this process, renewed before they expire; thread-safe.
 * wanted_after: get new ones unless those known are newer than this moment
 * (wall ms), as older ones were refused; or 0.  V2M_CONFIG: none were found,
 * with where; V2M_TEMP: the service that issues them does not answer.  The
 * caller wipes *c (explicit_bzero()). */
int v2m_aws_credentials(struct v2m_aws_credentials *c, const char *region,
    int64_t wanted_after, struct v2m_err *err);

/* profile.c: credentials from the shared files.  1; 0: there are none; -1,
 * V2M_CONFIG. */
int v2m_aws_profile_credentials(struct v2m_aws_credentials *c,
    struct v2m_err *err);

/* role.c: temporary credentials of a role: by a web identity (EKS), a container
 * (ECS), or an EC2 instance.  1; 0: there is no such role here; -1: V2M_CONFIG
 * or V2M_TEMP. */
int v2m_aws_web_identity(struct v2m_aws_credentials *c, const char *region,
    struct v2m_err *err);
int v2m_aws_container(struct v2m_aws_credentials *c, struct v2m_err *err);
int v2m_aws_instance(struct v2m_aws_credentials *c, struct v2m_err *err);

/* The region that the environment or the profile sets; "": none. */
void v2m_aws_default_region(char region[64]);

/* --- a server --- */

#define V2M_AWS_BASE 512
#define V2M_AWS_HOST 300

struct v2m_aws {
	const char *service;		/* "s3" */
	const char *key;		/* of the configuration: "objects" or
					 * "store" */
	char region[64];
	char base[V2M_AWS_BASE];	/* "https://host:port" */
	char host[V2M_AWS_HOST];	/* "host:port", as in the header Host */
	char ca_file[4096];		/* "": the system's */
	char cert_file[4096], key_file[4096];	/* client certificate; or "" */
	bool loopback;			/* without TLS, to this machine */
	int64_t ahead_ms;		/* its clock minus ours, by its last
					 * response */
	CURL *curl;			/* for requests one after another */
};

/* Take scheme and host from the URL "https://host:port", and the files for TLS
 * from the configuration; the caller has set region and service.  Nothing is
 * sent.  V2M_CONFIG: invalid; V2M_TEMP. */
int v2m_aws_open(struct v2m_aws *aws, const struct v2m_conf *conf,
    const char *key, const char *endpoint, struct v2m_err *err);
void v2m_aws_close(struct v2m_aws *aws);

/* Split the URL alone.  false: it has not that form. */
bool v2m_aws_take_endpoint(const char *endpoint, char base[V2M_AWS_BASE],
    char host[V2M_AWS_HOST], bool *loopback);

/* --- place.c: for a URL SCHEME://NAME?name=value&... --- */

/* Has the text only letters, digits, '.', '_' and '-' (and '/' if `slashes`),
 * so that it needs no percent-encoding? */
bool v2m_aws_is_plain(const char *s, bool slashes);

/* Fail with V2M_CONFIG if the query has other parameters than `names`, such as
 * "region, endpoint". */
int v2m_aws_check_names(const char *query, const char *names,
    const char *scheme, const char *key, struct v2m_err *err);

/* The value of a parameter; fallback if there is none. */
void v2m_aws_parameter(const struct v2m_url *url, const char *name,
    char *value, size_t size, const char *fallback);

/* Set aws->region: the URL's; else that of the environment or profile; else, if
 * the URL names an endpoint, "us-east-1".  endpoint: the URL's, or "".
 * V2M_CONFIG: there is none. */
int v2m_aws_take_region(struct v2m_aws *aws, const struct v2m_url *url,
    const char *endpoint, const char *key, struct v2m_err *err);

/* V2M_CONFIG: the URL or KEY_password_file has a password, which AWS does not
 * use. */
int v2m_aws_refuse_passwords(const struct v2m_conf *conf,
    const struct v2m_url *url, const char *key, struct v2m_err *err);

/* --- request.c --- */

#define V2M_AWS_HEADERS 16

struct v2m_aws_answer;

struct v2m_aws_request {
	const char *method;
	const char *path, *query;	/* as in store/sigv4.h */
	char *headers[V2M_AWS_HEADERS];	/* "name: value", without host and what
					 * signing adds */
	size_t nheaders;
	bool too_many;			/* headers: one is missing */
	const void *body;		/* or NULL */
	size_t length;
	/* Called for each response header, with its name in lower case; or
	 * NULL. */
	void (*on_header)(void *arg, const char *name, const char *value);
	void *arg;
	/* The body of a 2xx response is written here, at most `room` bytes;
	 * NULL: it is collected in the answer. */
	void *into;
	size_t room;
	bool from_middle;	/* the range does not begin at 0, so a 200 would
				 * have the wrong bytes */
	/* Is the response undamaged?  false: the request is sent again.  NULL:
	 * that is not checked. */
	bool (*is_whole)(void *arg, const struct v2m_aws_answer *a);
	const char *answer_code;	/* an error code that the caller
					 * expects, or NULL: */
};

/* Add a copy of a header.  The request fails with V2M_TEMP where memory is
 * missing, with V2M_BUG after more than V2M_AWS_HEADERS. */
void v2m_aws_header(struct v2m_aws_request *rq, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void v2m_aws_request_clear(struct v2m_aws_request *rq);	/* free headers */

struct v2m_aws_answer {
	int status;
	char code[64];			/* error code: "NoSuchKey"; or "" */
	char message[200];		/* error message */
	char *body;			/* NUL-terminated; or NULL */
	size_t nbody;
	size_t got;			/* bytes written to `into` */
	int64_t date;			/* the header Date, wall ms; 0: none */
	bool lost;			/* an earlier try had no response: it
					 * may have been executed */
};

void v2m_aws_answer_clear(struct v2m_aws_answer *a);

/* A request in progress, for callers that use curl_multi. */
struct v2m_aws_call;

/* Prepare a signed request on easy, for curl_multi_add_handle().  rq is
 * borrowed until v2m_aws_call_end().  wanted_after: as v2m_aws_credentials().
 * NULL: its errors, or V2M_TEMP. */
struct v2m_aws_call *v2m_aws_call_new(const struct v2m_aws *aws,
    CURL *easy, const struct v2m_aws_request *rq, int64_t wanted_after,
    struct v2m_err *err);

/* How many bytes were written to `into` so far. */
size_t v2m_aws_call_got(const struct v2m_aws_call *c);

/* End and free the call; rc: libcurl's result.  0: *a is the response, whatever
 * its status, to be cleared; -1: there was no complete response: V2M_TEMP,
 * V2M_CONFIG (TLS, URL) or V2M_UNAVAILABLE. */
int v2m_aws_call_end(struct v2m_aws_call *c, CURLcode rc,
    struct v2m_aws_answer *a, struct v2m_err *err);

/* --- pause.c --- */

/* Sleep between two tries, longer with each n (0, 1, ...).  false: the process
 * was told twice to stop. */
bool v2m_aws_pause(unsigned n);

/* --- retry.c --- */

/* A request is repeated until so long after its first try. */
#define V2M_AWS_BYTES_MS 20000
#define V2M_AWS_ASK_MS 6000

/* Send a request, and repeat it while the response says that it may succeed
 * later, or is missing, for most_ms, but at least twice.  0: *a is the
 * response, to be cleared, with status 2xx, 404, 412, 416 or 501, or
 * rq->answer_code; all others are errors.  doing: for the message, "store the
 * video 0123...".  Errors: those of v2m_aws_refused() and
 * v2m_aws_call_end(). */
int v2m_aws_ask(struct v2m_aws *aws, const struct v2m_aws_request *rq,
    int64_t most_ms, struct v2m_aws_answer *a, const char *doing,
    struct v2m_err *err);

/* Can the same request succeed later?  Then its error is V2M_TEMP. */
bool v2m_aws_is_later(const struct v2m_aws_answer *a);

/* --- errors.c --- */

/* Set code and message from the response's body, JSON or XML. */
void v2m_aws_read_error(struct v2m_aws_answer *a);

/* Does the response say that the credentials have expired? */
bool v2m_aws_has_expired(const struct v2m_aws_answer *a);

/* Set err from an error response: "cannot DOING: ...".  V2M_TEMP: may succeed
 * later; V2M_CONFIG: the configuration, credentials or a clock are wrong;
 * V2M_UNAVAILABLE: others.  Returns -1. */
int v2m_aws_refused(const struct v2m_aws *aws, const struct v2m_aws_answer *a,
    const char *doing, struct v2m_err *err);

/* --- xml.c --- */

/* Call each at the end of every element, so inner ones first, with its local
 * name and its text (of use only for elements without children).  false: it is
 * not XML, or has a DOCTYPE. */
bool v2m_aws_xml(const char *xml, size_t n,
    void (*each)(void *arg, const char *name, const char *text), void *arg);

#endif
