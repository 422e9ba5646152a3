/* Partial uploads.  The word of their chunks is the upload's ID, also when they
 * have become an object by its head.
 *
 * The fence is an item of its own, which each write checks before and after.
 * In case a process stops after the check, chunks have a fence, too: a chunk is
 * inserted if there is none, and replaced only by one with the same or a higher
 * fence.  A process that has inserted a chunk and then finds that it has lost
 * the fence removes it again. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/id.h"

#define DOING "store an upload"

int64_t
v2m_dynamo_partial_chunk_size(void *self)
{
	(void)self;
	return V2M_DYNAMO_CHUNK;
}

/* --- the fence --- */

static int
fence_lost(const char *id, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DENIED, "the upload %s was taken over by "
	    "another connection, or removed", id);
}

int
v2m_dynamo_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	json_t *answer;
	int ret;

	v2m_dynamo_sharded(&key, "partial", id);
	ret = v2m_dynamo_ask(self, "UpdateItem",
	    json_pack("{s:o, s:s, s:s, s:{s:o}}", "Key",
	    v2m_dynamo_key_json(&key), "UpdateExpression", "SET f = :f",
	    "ConditionExpression", "attribute_not_exists(f) OR f <= :f",
	    "ExpressionAttributeValues", ":f", v2m_dynamo_number(fence)),
	    &answer, NULL, "hold an upload", err);
	json_decref(answer);
	return ret == 1 ? fence_lost(id, err) : ret;
}

/* Bytes after size are overwritten later, or removed at the end. */
int
v2m_dynamo_partial_take(void *self, const char *id, int64_t fence,
    int64_t size, int64_t chunk_size, struct v2m_err *err)
{
	(void)size;
	(void)chunk_size;
	return v2m_dynamo_partial_begin(self, id, fence, err);
}

static int
check_fence(struct v2m_dynamo *d, const char *id, int64_t fence,
    struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	json_t *item;
	int found;

	v2m_dynamo_sharded(&key, "partial", id);
	found = v2m_dynamo_get(d, &key, &item, "look for the holder of an "
	    "upload", err);
	if (found == 1 && v2m_dynamo_number_of(item, "f") != fence)
		found = 0;
	json_decref(item);
	return found == 0 ? fence_lost(id, err) : found < 0 ? -1 : 0;
}

/* --- chunks --- */

struct chunk {
	struct v2m_dynamo_key key;
	const char *id;
	char mark[V2M_ID_SIZE];		/* random, for this write */
	int64_t fence;
	const void *buf;
	size_t n;
};

/* Write a chunk under a condition.  0; 1: it does not hold; -1. */
static int
put_chunk(struct v2m_dynamo *d, const struct chunk *c, const char *condition,
    bool fenced, struct v2m_err *err)
{
	json_t *item = v2m_dynamo_key_json(&c->key), *request, *answer;
	int ret;

	if (json_object_set_new(item, "d", v2m_dynamo_bytes(c->buf,
	    c->n)) < 0) {
		json_decref(item);
		return v2m_err_set(err, V2M_TEMP, "cannot " DOING ": out of "
		    "memory");
	}
	json_object_set_new(item, "f", v2m_dynamo_number(c->fence));
	json_object_set_new(item, "mark", v2m_dynamo_text(c->mark));
	request = json_pack("{s:o, s:s}", "Item", item, "ConditionExpression",
	    condition);
	if (fenced)
		json_object_set_new(request, "ExpressionAttributeValues",
		    json_pack("{s:o}", ":f", v2m_dynamo_number(c->fence)));
	ret = v2m_dynamo_ask(d, "PutItem", request, &answer, NULL, DOING, err);
	json_decref(answer);
	return ret;
}

/* Remove the chunk, unless a newer holder has replaced it. */
static void
take_back(struct v2m_dynamo *d, const struct chunk *c)
{
	json_t *answer;

	v2m_dynamo_ask(d, "DeleteItem", json_pack("{s:o, s:s, s:{s:o}}", "Key",
	    v2m_dynamo_key_json(&c->key), "ConditionExpression", "mark = :m",
	    "ExpressionAttributeValues", ":m", v2m_dynamo_text(c->mark)),
	    &answer, NULL, DOING, NULL);
	json_decref(answer);
}

static int
write_chunk(struct v2m_dynamo *d, const struct chunk *c, struct v2m_err *err)
{
	bool inserted;
	int ret;

	if (check_fence(d, c->id, c->fence, err) < 0)
		return -1;
	ret = put_chunk(d, c, "attribute_not_exists(k)", false, err);
	if (ret < 0)
		return -1;
	inserted = ret == 0;
	/* The chunk was written by an older holder, or by this process. */
	if (ret == 1) {
		ret = put_chunk(d, c, "f <= :f", true, err);
		if (ret != 0)
			return ret < 0 ? -1 : fence_lost(c->id, err);
	}
	if (check_fence(d, c->id, c->fence, err) == 0)
		return 0;
	if (inserted && err->code == V2M_DENIED)
		take_back(d, c);
	return -1;
}

int
v2m_dynamo_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err)
{
	struct chunk c = { .id = id, .fence = fence, .buf = buf };
	int64_t number = offset / chunk_size;

	for (; n > 0; n -= c.n, c.buf = (const char *)c.buf + c.n) {
		c.n = n < (size_t)chunk_size ? n : (size_t)chunk_size;
		v2m_dynamo_chunk_key(&c.key, id, number++);
		v2m_id_new(c.mark);
		if (write_chunk(self, &c, err) < 0)
			return -1;
	}
	return 0;
}

void *
v2m_dynamo_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT];

	return v2m_dynamo_reader(self, id, size, chunk_size,
	    v2m_object_what(what, V2M_VIDEO, id), err);
}

/* --- its end --- */

int
v2m_dynamo_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_dynamo_head head = { .object = *object, .size = chunk_size };
	int64_t n = (object->length + chunk_size - 1) / chunk_size;
	int made;

	memcpy(head.word, object->id, sizeof head.word);
	if (v2m_fault("store-written", err) < 0 ||
	    check_fence(self, object->id, object->fence, err) < 0 ||
	    v2m_dynamo_find_and_delete(self, object->id, n, object->fence,
	    err) < 0 || v2m_fault("store-linked", err) < 0)
		return -1;
	made = v2m_dynamo_publish(self, V2M_VIDEO, &head, err);
	if (made == 0)	/* an earlier holder had got as far */
		made = v2m_dynamo_adopt(self, object, err);
	return made == 1 && v2m_fault("store-committed", err) < 0 ? -1 : made;
}

int
v2m_dynamo_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err)
{
	return v2m_dynamo_unpublish(self, V2M_VIDEO, object, err);
}

/* The fence is removed first: later writers find that they have lost it. */
int
v2m_dynamo_partial_erase(void *self, const char *id, struct v2m_err *err)
{
	struct v2m_dynamo_head head;
	struct v2m_dynamo_key key;
	int found;

	v2m_dynamo_sharded(&key, "partial", id);
	/* If this is interrupted, v2m-prune finds the chunks by it. */
	if (v2m_dynamo_pend(self, V2M_VIDEO, id, id, err) < 0 ||
	    v2m_dynamo_do(self, "DeleteItem", json_pack("{s:o}", "Key",
	    v2m_dynamo_key_json(&key)), "remove an upload", err) < 0)
		return -1;
	found = v2m_dynamo_head(self, V2M_VIDEO, id, &head, err);
	if (found < 0)
		return -1;
	if ((found == 0 || strcmp(head.word, id) != 0) &&
	    v2m_dynamo_find_and_delete(self, id, 0, INT64_MAX, err) < 0)
		return -1;
	return v2m_dynamo_unpend(self, id, err);
}
