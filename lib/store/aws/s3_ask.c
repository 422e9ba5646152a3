/* Requests to the bucket. */
#include "store/aws/s3.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
v2m_s3_key_of(const struct v2m_s3 *s3, char key[V2M_S3_KEY],
    const char *fmt, ...)
{
	size_t n = (size_t)snprintf(key, V2M_S3_KEY, "%s", s3->prefix);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(key + n, V2M_S3_KEY - n, fmt, ap);
	va_end(ap);
}

void
v2m_s3_key(const struct v2m_s3 *s3, char key[V2M_S3_KEY], enum v2m_kind kind,
    const char *id)
{
	v2m_s3_key_of(s3, key, "%s/%s", kind == V2M_VIDEO ? "videos" : "mp3s",
	    id);
}

/* Keys have only letters, digits and ._-/, so they need no encoding. */
void
v2m_s3_path(const struct v2m_s3 *s3, char path[V2M_S3_PATH], const char *key)
{
	if (s3->path_style)
		snprintf(path, V2M_S3_PATH, "/%s%s%s", s3->bucket,
		    key[0] == '\0' ? "" : "/", key);
	else
		snprintf(path, V2M_S3_PATH, "/%s", key);
}

void
v2m_s3_endpoint(const struct v2m_s3 *s3, const char *told,
    char endpoint[V2M_S3_ENDPOINT])
{
	const char *host = strstr(told, "://");

	if (s3->path_style || host == NULL)
		snprintf(endpoint, V2M_S3_ENDPOINT, "%s", told);
	else
		snprintf(endpoint, V2M_S3_ENDPOINT, "%.*s://%s.%s",
		    (int)(host - told), told, s3->bucket, host + 3);
}

/* A missing bucket must not look like a missing object.  (HEAD does not tell
 * them apart, as it has no body.) */
static bool
has_no_bucket(const struct v2m_aws_answer *a)
{
	return a->status == 404 && strcmp(a->code, "NoSuchBucket") == 0;
}

int
v2m_s3_ask(struct v2m_s3 *s3, struct v2m_aws_request *rq, const char *method,
    const char *key, const char *query, int64_t most_ms,
    struct v2m_aws_answer *a, const char *doing, struct v2m_err *err)
{
	char path[V2M_S3_PATH];

	v2m_s3_path(s3, path, key);
	rq->method = method;
	rq->path = path;
	rq->query = query;
	if (v2m_aws_ask(&s3->aws, rq, most_ms, a, doing, err) < 0)
		return -1;
	if (!has_no_bucket(a))
		return 0;
	v2m_aws_refused(&s3->aws, a, doing, err);
	v2m_aws_answer_clear(a);
	return -1;
}

void
v2m_s3_add_storage(const struct v2m_s3 *s3, struct v2m_aws_request *rq)
{
	if (s3->encryption[0] != '\0')
		v2m_aws_header(rq, "x-amz-server-side-encryption: %s",
		    s3->encryption);
	if (s3->kms_key[0] != '\0')
		v2m_aws_header(rq, "x-amz-server-side-encryption-aws-kms-key-"
		    "id: %s", s3->kms_key);
	if (s3->storage_class[0] != '\0')
		v2m_aws_header(rq, "x-amz-storage-class: %s",
		    s3->storage_class);
}

/* Any status but 2xx is an error. */
static int
ask_simply(struct v2m_s3 *s3, struct v2m_aws_request *rq, const char *method,
    const char *key, int64_t most_ms, const char *doing, bool gone_is_fine,
    struct v2m_err *err)
{
	struct v2m_aws_answer a;
	int ret = v2m_s3_ask(s3, rq, method, key, "", most_ms, &a, doing, err);

	v2m_aws_request_clear(rq);
	if (ret < 0)
		return -1;
	if (a.status >= 300 && !(gone_is_fine && a.status == 404))
		ret = v2m_aws_refused(&s3->aws, &a, doing, err);
	v2m_aws_answer_clear(&a);
	return ret;
}

int
v2m_s3_keep(struct v2m_s3 *s3, struct v2m_aws_request *rq, const char *key,
    int64_t most_ms, const char *doing, struct v2m_err *err)
{
	v2m_s3_add_storage(s3, rq);
	return ask_simply(s3, rq, "PUT", key, most_ms, doing, false, err);
}

int
v2m_s3_mark(struct v2m_s3 *s3, const char *key, const char *doing,
    struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };

	return v2m_s3_keep(s3, &rq, key, V2M_AWS_ASK_MS, doing, err);
}

int
v2m_s3_delete(struct v2m_s3 *s3, const char *key, const char *doing,
    struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };

	return ask_simply(s3, &rq, "DELETE", key, V2M_AWS_ASK_MS, doing, true,
	    err);
}

char *
v2m_s3_doing(char doing[V2M_S3_DOING], const char *verb, enum v2m_kind kind,
    const char *id)
{
	snprintf(doing, V2M_S3_DOING, "%s the %s %s", verb,
	    v2m_kind_word(kind), id);
	return doing;
}
