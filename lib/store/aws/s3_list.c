/* Lists of keys, a page at a time, and of multipart uploads in progress. */
#include "store/aws/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"

#define PAGE 250		/* keys per page */
#define UPLOAD_ID 1024

struct row {
	char key[V2M_S3_KEY];
	char upload[UPLOAD_ID];	/* upload ID */
	int64_t size, when;
};

struct page {
	struct row *rows;
	size_t n, room;
	struct row now;
	const char *container;	/* XML element of a row */
	char next_key[V2M_S3_KEY], next_upload[UPLOAD_ID];
	bool truncated, full;
};

static void
add_row(struct page *p)
{
	if (p->n == p->room) {
		size_t room = p->room == 0 ? 64 : 2 * p->room;
		struct row *more = realloc(p->rows, room * sizeof *more);

		p->full |= more == NULL;
		if (more == NULL)
			return;
		p->rows = more;
		p->room = room;
	}
	p->rows[p->n++] = p->now;
	memset(&p->now, 0, sizeof p->now);
}

static void
on_element(void *arg, const char *name, const char *text)
{
	struct page *p = arg;

	if (strcmp(name, "Key") == 0)
		snprintf(p->now.key, sizeof p->now.key, "%s", text);
	else if (strcmp(name, "UploadId") == 0)
		snprintf(p->now.upload, sizeof p->now.upload, "%s", text);
	else if (strcmp(name, "Size") == 0)
		p->now.size = strtoll(text, NULL, 10);
	else if (strcmp(name, "LastModified") == 0 ||
	    strcmp(name, "Initiated") == 0)
		p->now.when = v2m_wall_parse(text);
	else if (strcmp(name, "IsTruncated") == 0)
		p->truncated = strcmp(text, "true") == 0;
	else if (strcmp(name, "NextKeyMarker") == 0)
		snprintf(p->next_key, sizeof p->next_key, "%s", text);
	else if (strcmp(name, "NextUploadIdMarker") == 0)
		snprintf(p->next_upload, sizeof p->next_upload, "%s", text);
	else if (strcmp(name, p->container) == 0)
		add_row(p);
}

static int
ask_page(struct v2m_s3 *s3, const char *query, struct page *p,
    const char *doing, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;
	int ret = 0;

	p->n = 0;
	p->truncated = p->full = false;
	p->next_key[0] = p->next_upload[0] = '\0';
	memset(&p->now, 0, sizeof p->now);
	if (v2m_s3_ask(s3, &rq, "GET", "", query, V2M_AWS_BYTES_MS, &a, doing,
	    err) < 0)
		return -1;
	if (a.status >= 300)
		ret = v2m_aws_refused(&s3->aws, &a, doing, err);
	else if (a.body == NULL || !v2m_aws_xml(a.body, a.nbody, on_element,
	    p))
		ret = v2m_err_set(err, V2M_UNAVAILABLE, "cannot %s: the "
		    "answer of %s is invalid", doing, s3->aws.host);
	else if (p->full)
		ret = v2m_err_set(err, V2M_TEMP, "cannot %s: out of memory",
		    doing);
	v2m_aws_answer_clear(&a);
	return ret;
}

/* Continue after the last key of the page before, even if it was removed. */
static int
list_page(struct v2m_s3 *s3, const char *prefix, const char *after,
    struct page *p, const char *doing, struct v2m_err *err)
{
	char below[3 * V2M_S3_KEY], behind[3 * V2M_S3_KEY];
	char query[7 * V2M_S3_KEY];

	if (v2m_sigv4_encode(below, sizeof below, prefix, false) < 0 ||
	    v2m_sigv4_encode(behind, sizeof behind, after, false) < 0)
		return v2m_err_set(err, V2M_BUG, "a key is too long");
	snprintf(query, sizeof query, "list-type=2&max-keys=%d&prefix=%s%s%s",
	    PAGE, below,
	    after[0] == '\0' ? "" : "&start-after=", behind);
	return ask_page(s3, query, p, doing, err);
}

int
v2m_s3_list(struct v2m_s3 *s3, const char *prefix,
    int (*each)(void *arg, const struct v2m_s3_entry *entry), void *arg,
    const char *doing, struct v2m_err *err)
{
	char below[V2M_S3_KEY], after[V2M_S3_KEY] = "";
	struct page p = { .container = "Contents" };
	int ret = 0;
	size_t i;

	v2m_s3_key_of(s3, below, "%s", prefix);
	do {
		ret = list_page(s3, below, after, &p, doing, err);
		for (i = 0; ret == 0 && i < p.n; i++) {
			struct v2m_s3_entry e = { p.rows[i].key,
				p.rows[i].size, p.rows[i].when };

			ret = each(arg, &e);
		}
		if (p.n > 0)
			memcpy(after, p.rows[p.n - 1].key, sizeof after);
	} while (ret == 0 && p.truncated && p.n > 0);
	free(p.rows);
	return ret;
}

/* --- objects --- */

bool
v2m_s3_id_of(const char *key, char id[V2M_ID_SIZE])
{
	const char *slash = strrchr(key, '/');

	if (slash == NULL || !v2m_id_valid(slash + 1))
		return false;
	memcpy(id, slash + 1, V2M_ID_SIZE);
	return true;
}

struct walk {
	struct v2m_s3 *s3;
	enum v2m_kind kind;
	const char *video;
	int (*each)(void *arg, const struct v2m_object *object);
	void *arg;
	struct v2m_err *err;
};

static int
walk_entry(void *arg, const struct v2m_s3_entry *e)
{
	struct walk *w = arg;
	char id[V2M_ID_SIZE];
	struct v2m_s3_head h;
	int found;

	if (!v2m_s3_id_of(e->key, id))
		return 0;
	found = v2m_s3_find(w->s3, w->kind, id, &h, w->err);
	if (found <= 0 || (w->video != NULL &&
	    strcmp(h.object.video, w->video) != 0))
		return found < 0 ? -1 : 0;
	return w->each(w->arg, &h.object);
}

int
v2m_s3_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	struct walk w = { self, kind, video, each, arg, err };
	char prefix[64];

	if (video != NULL)
		snprintf(prefix, sizeof prefix, "jobs/%s/", video);
	else
		snprintf(prefix, sizeof prefix, "%s/",
		    kind == V2M_VIDEO ? "videos" : "mp3s");
	return v2m_s3_list(self, prefix, walk_entry, &w, "list the store",
	    err);
}

/* --- uploads in parts --- */

static int
uploads_page(struct v2m_s3 *s3, struct page *p, struct v2m_err *err)
{
	char below[3 * 256], key[3 * V2M_S3_KEY], upload[3 * UPLOAD_ID];
	char query[3 * V2M_SIGV4_MAX / 4];

	if (v2m_sigv4_encode(below, sizeof below, s3->prefix, false) < 0 ||
	    v2m_sigv4_encode(key, sizeof key, p->next_key, false) < 0 ||
	    v2m_sigv4_encode(upload, sizeof upload, p->next_upload,
	    false) < 0)
		return v2m_err_set(err, V2M_BUG, "a key is too long");
	if (key[0] == '\0')
		snprintf(query, sizeof query, "prefix=%s&uploads=", below);
	else
		snprintf(query, sizeof query, "key-marker=%s&prefix=%s&"
		    "upload-id-marker=%s&uploads=", key, below, upload);
	return ask_page(s3, query, p, "list the uploads in parts", err);
}

int
v2m_s3_uploads(struct v2m_s3 *s3,
    int (*each)(void *arg, const struct v2m_s3_upload *upload), void *arg,
    struct v2m_err *err)
{
	struct page p = { .container = "Upload" };
	size_t i;
	int ret;

	do {
		ret = uploads_page(s3, &p, err);
		for (i = 0; ret == 0 && i < p.n; i++) {
			struct v2m_s3_upload u = { p.rows[i].key,
				p.rows[i].upload, p.rows[i].when };

			ret = each(arg, &u);
		}
	} while (ret == 0 && p.truncated && p.next_key[0] != '\0');
	free(p.rows);
	return ret;
}

int
v2m_s3_abort(struct v2m_s3 *s3, const char *key, const char *upload,
    struct v2m_err *err)
{
	char encoded[3 * UPLOAD_ID], query[3 * UPLOAD_ID + 16];
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;
	const char *doing = "abort an upload in parts";
	int ret = 0;

	if (v2m_sigv4_encode(encoded, sizeof encoded, upload, false) < 0)
		return v2m_err_set(err, V2M_BUG, "an upload's ID is too long");
	snprintf(query, sizeof query, "uploadId=%s", encoded);
	if (v2m_s3_ask(s3, &rq, "DELETE", key, query, V2M_AWS_ASK_MS, &a,
	    doing, err) < 0)
		return -1;
	if (a.status >= 300 && a.status != 404)
		ret = v2m_aws_refused(&s3->aws, &a, doing, err);
	v2m_aws_answer_clear(&a);
	return ret;
}
