/* v2m-init: create the bucket, or use an existing one, and warn of what the
 * server does not support. */
#include "store/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

static int
make_bucket(struct v2m_s3 *s3, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;
	char body[256];
	int ret;

	snprintf(body, sizeof body, "<CreateBucketConfiguration xmlns=\"http:"
	    "//s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>%s</"
	    "LocationConstraint></CreateBucketConfiguration>",
	    s3->aws.region);
	if (strcmp(s3->aws.region, "us-east-1") != 0) {
		rq.body = body;
		rq.length = strlen(body);
	}
	if (v2m_s3_ask(s3, &rq, "PUT", "", "", V2M_AWS_BYTES_MS, &a,
	    "make the bucket", err) < 0)
		return -1;
	ret = a.status < 300 ? 0 : v2m_aws_refused(&s3->aws, &a,
	    "make the bucket", err);
	v2m_aws_answer_clear(&a);
	return ret;
}

static int
find_or_make(struct v2m_s3 *s3, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;

	if (v2m_s3_ask(s3, &rq, "HEAD", "", "", V2M_AWS_ASK_MS, &a,
	    "use the bucket", err) < 0)
		return -1;
	v2m_aws_answer_clear(&a);
	return a.status == 404 ? make_bucket(s3, err) : 0;
}

/* --- what it does --- */

/* PutObject with If-None-Match.  Returns the status, or -1. */
static int
put_probe(struct v2m_s3 *s3, const char *key, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;
	int ret;

	v2m_aws_header(&rq, "if-none-match: *");
	v2m_s3_add_storage(s3, &rq);
	ret = v2m_s3_ask(s3, &rq, "PUT", key, "", V2M_AWS_ASK_MS, &a,
	    "write into the bucket", err);
	v2m_aws_request_clear(&rq);
	if (ret < 0)
		return -1;
	v2m_aws_answer_clear(&a);
	return a.status;
}

static int
probe_conditions(struct v2m_s3 *s3, struct v2m_err *err)
{
	char key[V2M_S3_KEY];
	int first, second;

	v2m_s3_key_of(s3, key, "v2m-probe");
	if (v2m_s3_delete(s3, key, "write into the bucket", err) < 0)
		return -1;
	first = put_probe(s3, key, err);
	second = first < 0 ? -1 : put_probe(s3, key, err);
	if (second < 0 || v2m_s3_delete(s3, key, "remove from the bucket",
	    err) < 0)
		return -1;
	if (first >= 300 || second != 412)
		v2m_warn("%s: %s %s If-None-Match: before an object is "
		    "stored it is looked for, and two at the same moment are "
		    "not told apart", s3->aws.key, s3->aws.host,
		    first >= 300 ? "refuses" : "ignores");
	return 0;
}

struct says {
	const char *element, *wanted;
	bool yes;
};

static void
on_element(void *arg, const char *name, const char *text)
{
	struct says *s = arg;

	if (strcmp(name, s->element) == 0 && strcmp(text, s->wanted) == 0)
		s->yes = true;
}

/* Does a configuration of the bucket say this?  1; 0; -1: V2M_TEMP.  0 also if
 * the server does not have it, or we may not read it. */
static int
bucket_says(struct v2m_s3 *s3, const char *query, const char *element,
    const char *wanted, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct says s = { element, wanted, false };
	struct v2m_err failure;
	struct v2m_aws_answer a;

	if (v2m_s3_ask(s3, &rq, "GET", "", query, V2M_AWS_ASK_MS, &a,
	    "look at the bucket", &failure) < 0)
		return failure.code == V2M_TEMP ?
		    v2m_err_pass(err, &failure) : 0;
	if (a.status < 300 && a.body != NULL)
		v2m_aws_xml(a.body, a.nbody, on_element, &s);
	v2m_aws_answer_clear(&a);
	return s.yes;
}

int
v2m_s3_concerns(void *self, void (*each)(void *arg, const char *what),
    void *arg, struct v2m_err *err)
{
	struct v2m_s3 *s3 = self;
	char what[256];
	int says = bucket_says(s3, "versioning=", "Status", "Enabled", err);

	if (says == 1) {
		snprintf(what, sizeof what, "the bucket '%s' keeps versions: "
		    "what is removed takes its room until a rule of its "
		    "lifecycle expires old ones (NoncurrentVersionExpiration)",
		    s3->bucket);
		each(arg, what);
	}
	if (says >= 0)
		says = bucket_says(s3, "object-lock=", "ObjectLockEnabled",
		    "Enabled", err);
	if (says == 1) {
		snprintf(what, sizeof what, "the bucket '%s' has object lock: "
		    "what is removed may have to stay; use a bucket without "
		    "it, or let it have no default retention", s3->bucket);
		each(arg, what);
	}
	if (s3->public_clear)
		each(arg, "s3_public_endpoint is not encrypted: whoever "
		    "listens can read the MP3s that links lead to, and pages "
		    "of https:// do not follow them; use https://");
	return says < 0 ? -1 : 0;
}

static void
warn_of(void *arg, const char *what)
{
	struct v2m_s3 *s3 = arg;

	v2m_warn("%s: %s", s3->aws.key, what);
}

int
v2m_s3_make(struct v2m_s3 *s3, struct v2m_err *err)
{
	if (find_or_make(s3, err) < 0 || probe_conditions(s3, err) < 0)
		return -1;
	return v2m_s3_concerns(s3, warn_of, s3, err);
}
