/* Multipart uploads. */
#include "store/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"

struct found {
	const char *name;
	char *text;
	size_t size;
};

static void
on_element(void *arg, const char *name, const char *text)
{
	struct found *f = arg;

	if (strcmp(name, f->name) == 0)
		snprintf(f->text, f->size, "%s", text);
}

/* The text of an element of the response; "": there is none. */
static void
read_element(const struct v2m_aws_answer *a, const char *name, char *text,
    size_t size)
{
	struct found f = { name, text, size };

	text[0] = '\0';
	if (a->body != NULL)
		v2m_aws_xml(a->body, a->nbody, on_element, &f);
}

static char *
doing_of(const struct v2m_s3_multi *m, char doing[V2M_S3_DOING])
{
	return v2m_s3_doing(doing, "store", m->kind, m->id);
}

/* Send a request for this object; any status but 2xx is an error. */
static int
ask_multi(struct v2m_s3_multi *m, struct v2m_aws_request *rq,
    const char *method, const char *query, struct v2m_aws_answer *a,
    struct v2m_err *err)
{
	char key[V2M_S3_KEY], doing[V2M_S3_DOING];
	int ret;

	v2m_s3_key(m->s3, key, m->kind, m->id);
	ret = v2m_s3_ask(m->s3, rq, method, key, query, V2M_AWS_BYTES_MS, a,
	    doing_of(m, doing), err);
	v2m_aws_request_clear(rq);
	if (ret < 0)
		return -1;
	if (a->status < 300)
		return 0;
	ret = v2m_aws_refused(&m->s3->aws, a, doing, err);
	v2m_aws_answer_clear(a);
	return ret;
}

static void
new_word(char word[V2M_S3_WORD])
{
	uint8_t bytes[16];

	v2m_random(bytes, sizeof bytes);
	v2m_text_hex(word, bytes, sizeof bytes);
}

int
v2m_s3_multi_begin(struct v2m_s3_multi *m, struct v2m_s3 *s3,
    enum v2m_kind kind, const char *id, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	char doing[V2M_S3_DOING];
	struct v2m_aws_answer a;

	m->s3 = s3;
	m->kind = kind;
	memcpy(m->id, id, sizeof m->id);
	m->word[0] = '\0';
	if (object == NULL)
		new_word(m->word);
	v2m_aws_header(&rq, "content-type: %s", kind == V2M_MP3 ?
	    "audio/mpeg" : "application/octet-stream");
	if (object != NULL)
		v2m_s3_add_metadata(&rq, object);
	else
		v2m_s3_add_word(&rq, m->word);
	v2m_s3_add_storage(s3, &rq);
	if (ask_multi(m, &rq, "POST", "uploads=", &a, err) < 0)
		return -1;
	read_element(&a, "UploadId", m->upload, sizeof m->upload);
	v2m_aws_answer_clear(&a);
	return m->upload[0] != '\0' ? 0 : v2m_err_set(err, V2M_UNAVAILABLE,
	    "cannot %s: %s gives the upload no ID", doing_of(m, doing),
	    s3->aws.host);
}

/* --- parts --- */

static int
name_part(const struct v2m_s3_multi *m, char query[3 * 1024 + 64],
    struct v2m_err *err)
{
	char upload[3 * 1024];

	if (v2m_sigv4_encode(upload, sizeof upload, m->upload, false) < 0)
		return v2m_err_set(err, V2M_BUG, "an upload's ID is too long");
	snprintf(query, 3 * 1024 + 64, "partNumber=%zu&uploadId=%s", m->n + 1,
	    upload);
	return 0;
}

static int
keep_part(struct v2m_s3_multi *m, const char *etag, struct v2m_err *err)
{
	char doing[V2M_S3_DOING];

	if (etag[0] == '\0')
		return v2m_err_set(err, V2M_UNAVAILABLE, "cannot %s: %s "
		    "confirms a part without an ETag", doing_of(m, doing),
		    m->s3->aws.host);
	if (m->n == m->room) {
		size_t room = m->room == 0 ? 64 : 2 * m->room;
		struct v2m_s3_part *more = realloc(m->parts,
		    room * sizeof *more);

		if (more == NULL)
			return v2m_err_sys(err, V2M_TEMP, "cannot %s",
			    doing_of(m, doing));
		m->parts = more;
		m->room = room;
	}
	snprintf(m->parts[m->n++].etag, V2M_S3_ETAG, "%s", etag);
	return 0;
}

static void
on_part_header(void *arg, const char *name, const char *value)
{
	if (strcmp(name, "etag") == 0)
		snprintf(arg, V2M_S3_ETAG, "%s", value);
}

int
v2m_s3_multi_add(struct v2m_s3_multi *m, const void *bytes, size_t n,
    struct v2m_err *err)
{
	char query[3 * 1024 + 64], etag[V2M_S3_ETAG] = "";
	struct v2m_aws_request rq = { .body = bytes, .length = n,
		.on_header = on_part_header, .arg = etag };
	struct v2m_aws_answer a;

	if (name_part(m, query, err) < 0 ||
	    ask_multi(m, &rq, "PUT", query, &a, err) < 0)
		return -1;
	v2m_aws_answer_clear(&a);
	return keep_part(m, etag, err);
}

int
v2m_s3_multi_copy(struct v2m_s3_multi *m, const char *key, int64_t n,
    struct v2m_err *err)
{
	char query[3 * 1024 + 64], etag[V2M_S3_ETAG];
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;

	v2m_aws_header(&rq, "x-amz-copy-source: /%s/%s", m->s3->bucket, key);
	v2m_aws_header(&rq, "x-amz-copy-source-range: bytes=0-%" PRId64,
	    n - 1);
	if (name_part(m, query, err) < 0 ||
	    ask_multi(m, &rq, "PUT", query, &a, err) < 0) {
		v2m_aws_request_clear(&rq);
		return -1;
	}
	read_element(&a, "ETag", etag, sizeof etag);
	v2m_aws_answer_clear(&a);
	return keep_part(m, etag, err);
}

/* --- the end --- */

/* Quotes of an ETag need no escape in XML text. */
static char *
list_parts(const struct v2m_s3_multi *m, size_t *n)
{
	char *xml = NULL;
	FILE *f = open_memstream(&xml, n);
	size_t i;

	if (f == NULL)
		return NULL;
	fputs("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/"
	    "2006-03-01/\">", f);
	for (i = 0; i < m->n; i++)
		fprintf(f, "<Part><PartNumber>%zu</PartNumber><ETag>%s</ETag>"
		    "</Part>", i + 1, m->parts[i].etag);
	fputs("</CompleteMultipartUpload>", f);
	if (fclose(f) == 0)
		return xml;
	free(xml);
	return NULL;
}

static int
ask_complete(struct v2m_s3_multi *m, const char *xml, size_t n,
    const char *etag, struct v2m_aws_answer *a, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .body = xml, .length = n };
	char upload[3 * 1024], query[3 * 1024 + 16], key[V2M_S3_KEY];
	char doing[V2M_S3_DOING];
	int ret;

	if (v2m_sigv4_encode(upload, sizeof upload, m->upload, false) < 0)
		return v2m_err_set(err, V2M_BUG, "an upload's ID is too long");
	snprintf(query, sizeof query, "uploadId=%s", upload);
	v2m_s3_key(m->s3, key, m->kind, m->id);
	v2m_aws_header(&rq, "content-type: application/xml");
	if (!m->s3->no_conditions && etag == NULL)
		v2m_aws_header(&rq, "if-none-match: *");
	else if (!m->s3->no_conditions)
		v2m_aws_header(&rq, "if-match: %s", etag);
	ret = v2m_s3_ask(m->s3, &rq, "POST", key, query, V2M_AWS_BYTES_MS, a,
	    doing_of(m, doing), err);
	v2m_aws_request_clear(&rq);
	return ret;
}

/* If the outcome is unknown, or the upload is gone (an earlier try may have
 * completed it, without a response), look at the object itself. */
int
v2m_s3_multi_complete(struct v2m_s3_multi *m, const struct v2m_object *object,
    const char *etag, struct v2m_err *err)
{
	char doing[V2M_S3_DOING];
	struct v2m_aws_answer a;
	struct v2m_err failure;
	size_t n = 0;
	char *xml;
	int ret;

	if (v2m_s3_announce(m->s3, m->kind, object, m->word, err) < 0)
		return -1;
	xml = list_parts(m, &n);
	if (xml == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot %s",
		    doing_of(m, doing));
	ret = ask_complete(m, xml, n, etag, &a, &failure);
	free(xml);
	if (ret < 0) {
		ret = v2m_s3_settle(m->s3, m->kind, object, m->word, &failure,
		    err);
		if (ret == 1)
			m->upload[0] = '\0';
		return ret;
	}
	v2m_aws_answer_clear(&a);
	if (a.status == 501 && !m->s3->no_conditions) {
		m->s3->no_conditions = true;
		return v2m_s3_multi_complete(m, object, etag, err);
	}
	if (a.status < 300) {
		m->upload[0] = '\0';
		return 1;
	}
	if (a.status == 404 || a.status == 412)
		ret = v2m_s3_is_ours(m->s3, m->kind, object, m->word, err);
	else
		ret = v2m_aws_refused(&m->s3->aws, &a, doing_of(m, doing),
		    err);
	if (ret == 1)
		m->upload[0] = '\0';
	return ret;
}

/* If it cannot be aborted now, v2m-prune aborts it. */
void
v2m_s3_multi_release(struct v2m_s3_multi *m)
{
	char key[V2M_S3_KEY];

	if (m->upload[0] != '\0') {
		v2m_s3_key(m->s3, key, m->kind, m->id);
		v2m_s3_abort(m->s3, key, m->upload, NULL);
	}
	m->upload[0] = '\0';
	free(m->parts);
	m->parts = NULL;
	m->n = m->room = 0;
}
