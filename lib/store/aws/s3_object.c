/* Objects: their facts as metadata; create and remove them. */
#include "store/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/hex.h"
#include "base/id.h"

#define META "x-amz-meta-v2m-"

static const char *const folders[] = {
	[V2M_VIDEO] = "videos",
	[V2M_MP3] = "mp3s",
};

/* --- metadata to and fro --- */

/* Metadata are HTTP headers: only ASCII, without blanks at the ends, and not
 * empty; so values are percent-encoded. */
static void
add_text(struct v2m_aws_request *rq, const char *name, const char *value)
{
	char encoded[3 * V2M_NAME_MAX + 1];

	if (value[0] != '\0' &&
	    v2m_sigv4_encode(encoded, sizeof encoded, value, false) == 0)
		v2m_aws_header(rq, META "%s: %s", name, encoded);
}

void
v2m_s3_add_metadata(struct v2m_aws_request *rq, const struct v2m_object *o)
{
	add_text(rq, "sha256", o->sha256);
	add_text(rq, "name", o->name);
	add_text(rq, "owner", o->owner);
	add_text(rq, "video", o->video);
	v2m_aws_header(rq, META "fence: %" PRId64, o->fence);
	v2m_aws_header(rq, META "created: %" PRId64, o->created_at);
}

void
v2m_s3_add_word(struct v2m_aws_request *rq, const char *word)
{
	v2m_aws_header(rq, META "details: %s", word);
}

/* Decode, and remove control characters: another program may have written
 * it. */
static void
take_text(char *dst, size_t size, const char *value)
{
	char decoded[1024];
	size_t n = 0, taken;
	char c;

	for (; *value != '\0' && n + 1 < sizeof decoded; value += taken) {
		taken = v2m_hex_escape(value, strlen(value), &c);
		if (taken == 0 || c == '\0') {
			taken = 1;
			c = *value;
		}
		decoded[n++] = c;
	}
	decoded[n] = '\0';
	v2m_text_copy(dst, size, decoded);
}

static void
take_metadata(struct v2m_s3_head *h, const char *name, const char *value)
{
	struct v2m_object *o = &h->object;

	if (strcmp(name, "sha256") == 0)
		take_text(o->sha256, sizeof o->sha256, value);
	else if (strcmp(name, "name") == 0)
		take_text(o->name, sizeof o->name, value);
	else if (strcmp(name, "owner") == 0)
		take_text(o->owner, sizeof o->owner, value);
	else if (strcmp(name, "video") == 0 && v2m_id_valid(value))
		take_text(o->video, sizeof o->video, value);
	else if (strcmp(name, "fence") == 0)
		o->fence = strtoll(value, NULL, 10);
	else if (strcmp(name, "created") == 0)
		o->created_at = strtoll(value, NULL, 10);
	else if (strcmp(name, "details") == 0 &&
	    strlen(value) == V2M_S3_WORD - 1 &&
	    strspn(value, "0123456789abcdef") == V2M_S3_WORD - 1)
		take_text(h->word, sizeof h->word, value);
}

static void
on_header(void *arg, const char *name, const char *value)
{
	struct v2m_s3_head *h = arg;
	time_t at;

	if (strncmp(name, META, sizeof META - 1) == 0) {
		take_metadata(h, name + sizeof META - 1, value);
	} else if (strcmp(name, "content-length") == 0) {
		h->object.length = strtoll(value, NULL, 10);
	} else if (strcmp(name, "etag") == 0) {
		snprintf(h->etag, sizeof h->etag, "%s", value);
	} else if (strcmp(name, "last-modified") == 0) {
		at = curl_getdate(value, NULL);
		h->modified = at < 0 ? 0 : (int64_t)at * 1000;
	}
}

/* --- asking --- */

/* HeadObject.  1 with *h filled from its metadata; 0; -1. */
static int
head_key(struct v2m_s3 *s3, const char *key, struct v2m_s3_head *h,
    const char *doing, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .on_header = on_header, .arg = h };
	struct v2m_aws_answer a;

	if (v2m_s3_ask(s3, &rq, "HEAD", key, "", V2M_AWS_ASK_MS, &a, doing,
	    err) < 0)
		return -1;
	v2m_aws_answer_clear(&a);
	if (a.status == 404)
		return 0;
	return a.status < 300 ? 1 : v2m_aws_refused(&s3->aws, &a, doing, err);
}

int
v2m_s3_head(struct v2m_s3 *s3, enum v2m_kind kind, const char *id,
    struct v2m_s3_head *h, struct v2m_err *err)
{
	char key[V2M_S3_KEY], doing[V2M_S3_DOING];
	int found;

	memset(h, 0, sizeof *h);
	v2m_s3_key(s3, key, kind, id);
	found = head_key(s3, key, h, v2m_s3_doing(doing, "look for", kind,
	    id), err);
	memcpy(h->object.id, id, sizeof h->object.id);
	if (h->object.created_at == 0)
		h->object.created_at = h->modified;
	return found;
}

static void
key_of_details(const struct v2m_s3 *s3, char key[V2M_S3_KEY],
    enum v2m_kind kind, const char *id, const char *word)
{
	v2m_s3_key_of(s3, key, "details/%s/%s.%s", folders[kind], id, word);
}

int
v2m_s3_find(struct v2m_s3 *s3, enum v2m_kind kind, const char *id,
    struct v2m_s3_head *h, struct v2m_err *err)
{
	char key[V2M_S3_KEY], doing[V2M_S3_DOING];
	int found = v2m_s3_head(s3, kind, id, h, err);
	struct v2m_s3_head details;

	if (found != 1 || h->word[0] == '\0')
		return found;
	memset(&details, 0, sizeof details);
	key_of_details(s3, key, kind, id, h->word);
	found = head_key(s3, key, &details, v2m_s3_doing(doing, "look for",
	    kind, id), err);
	if (found < 0)
		return -1;
	if (found == 0)		/* being removed, or its details are lost */
		return v2m_s3_head(s3, kind, id, h, err);
	details.object.length = h->object.length;
	memcpy(details.object.id, id, sizeof details.object.id);
	h->object = details.object;
	return 1;
}

int
v2m_s3_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_s3_head h;
	int found = v2m_s3_find(self, kind, id, &h, err);

	if (found == 1)
		*object = h.object;
	return found;
}

/* --- making one --- */

int
v2m_s3_announce(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	char key[V2M_S3_KEY], doing[V2M_S3_DOING];
	int ret = 0;

	v2m_s3_doing(doing, "store", kind, object->id);
	if (kind == V2M_MP3 && object->video[0] != '\0') {
		v2m_s3_key_of(s3, key, "jobs/%s/%s", object->video,
		    object->id);
		ret = v2m_s3_mark(s3, key, doing, err);
	}
	if (ret < 0 || word[0] == '\0')
		return ret;
	key_of_details(s3, key, kind, object->id, word);
	v2m_s3_add_metadata(&rq, object);
	return v2m_s3_keep(s3, &rq, key, V2M_AWS_BYTES_MS, doing, err);
}

int
v2m_s3_is_ours(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word, struct v2m_err *err)
{
	struct v2m_s3_head h;
	int found = v2m_s3_head(s3, kind, object->id, &h, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return v2m_err_set(err, V2M_TEMP, "cannot store the %s %s: "
		    "it is not there although it was accepted",
		    v2m_kind_word(kind), object->id);
	if (word[0] != '\0')
		return strcmp(word, h.word) == 0;
	return h.object.length == object->length &&
	    h.object.fence == object->fence &&
	    h.object.created_at == object->created_at &&
	    strcmp(h.object.sha256, object->sha256) == 0;
}

int
v2m_s3_settle(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word,
    const struct v2m_err *failure, struct v2m_err *err)
{
	return v2m_s3_is_ours(s3, kind, object, word, NULL) == 1 ? 1 :
	    v2m_err_pass(err, failure);
}

static void
add_condition(const struct v2m_s3 *s3, struct v2m_aws_request *rq,
    const char *etag)
{
	if (s3->no_conditions)
		return;
	if (etag == NULL)
		v2m_aws_header(rq, "if-none-match: *");
	else
		v2m_aws_header(rq, "if-match: %s", etag);
}

/* Send it once; v2m_aws_ask() may repeat it. */
static int
put_once(struct v2m_s3 *s3, enum v2m_kind kind, const struct v2m_object *o,
    const void *bytes, const char *etag, struct v2m_aws_answer *a,
    struct v2m_err *err)
{
	struct v2m_aws_request rq = { .body = bytes,
		.length = (size_t)o->length };
	char key[V2M_S3_KEY], doing[V2M_S3_DOING];
	int ret;

	v2m_s3_key(s3, key, kind, o->id);
	v2m_aws_header(&rq, "content-type: %s", kind == V2M_MP3 ?
	    "audio/mpeg" : "application/octet-stream");
	add_condition(s3, &rq, etag);
	v2m_s3_add_metadata(&rq, o);
	v2m_s3_add_storage(s3, &rq);
	ret = v2m_s3_ask(s3, &rq, "PUT", key, "", V2M_AWS_BYTES_MS, a,
	    v2m_s3_doing(doing, "store", kind, o->id), err);
	v2m_aws_request_clear(&rq);
	return ret;
}

int
v2m_s3_put(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const void *bytes, const char *etag,
    struct v2m_err *err)
{
	char doing[V2M_S3_DOING];
	struct v2m_aws_answer a;
	struct v2m_err failure;

	if (v2m_s3_announce(s3, kind, object, "", err) < 0)
		return -1;
	if (put_once(s3, kind, object, bytes, etag, &a, &failure) < 0)
		return v2m_s3_settle(s3, kind, object, "", &failure, err);
	v2m_aws_answer_clear(&a);
	if (a.status == 501 && !s3->no_conditions) {
		s3->no_conditions = true;	/* v2m_s3_create() has looked */
		return v2m_s3_put(s3, kind, object, bytes, etag, err);
	}
	if (a.status < 300)
		return 1;
	if (a.status == 412)
		return v2m_s3_is_ours(s3, kind, object, "", err);
	return v2m_aws_refused(&s3->aws, &a, v2m_s3_doing(doing, "store",
	    kind, object->id), err);
}

/* --- removing --- */

/* The object is removed first; without it nothing refers to the rest. */
int
v2m_s3_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	char key[V2M_S3_KEY], doing[V2M_S3_DOING];
	struct v2m_s3 *s3 = self;
	struct v2m_s3_head h;
	int found = v2m_s3_find(s3, kind, id, &h, err);

	if (found <= 0)
		return found;
	v2m_s3_doing(doing, "remove", kind, id);
	v2m_s3_key(s3, key, kind, id);
	if (v2m_s3_delete(s3, key, doing, err) < 0 ||
	    v2m_fault("store-removed", err) < 0)
		return -1;
	if (h.word[0] != '\0') {
		key_of_details(s3, key, kind, id, h.word);
		if (v2m_s3_delete(s3, key, doing, err) < 0)
			return -1;
	}
	if (kind != V2M_MP3 || h.object.video[0] == '\0')
		return 0;
	v2m_s3_key_of(s3, key, "jobs/%s/%s", h.object.video, id);
	return v2m_s3_delete(s3, key, doing, err);
}
