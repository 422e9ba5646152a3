/* The bytes of objects, in items with 16 partition keys in turn, as a partition
 * takes 1,000 write units, of 1 KB each, per second. */
#include "store/aws/dynamo.h"

#include <inttypes.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
#define DELETES 25		/* deletions per request */

void
v2m_dynamo_chunk_key(struct v2m_dynamo_key *key, const char *word, int64_t n)
{
	snprintf(key->k, sizeof key->k, "bytes#%s#%" PRId64, word, n % LANES);
	snprintf(key->s, sizeof key->s, "%010" PRId64, n / LANES);
}

json_t *
v2m_dynamo_bytes(const void *buf, size_t n)
{
	size_t length = BASE64_ENCODE_RAW_LENGTH(n);
	char *text = malloc(length + 1);
	json_t *value = NULL;

	if (text != NULL) {
		base64_encode_raw(text, n, buf);
		value = json_pack("{s:s#}", "B", text, (int)length);
		free(text);
	}
	return value;
}

int
v2m_dynamo_write_chunks(struct v2m_dynamo *d, const char *word, int64_t first,
    const void *buf, size_t n, const char *doing, struct v2m_err *err)
{
	json_t *writes = json_array(), *item;
	const char *from = buf;
	struct v2m_dynamo_key key;

	while (n > 0) {
		size_t size = n < V2M_DYNAMO_CHUNK ? n : V2M_DYNAMO_CHUNK;

		v2m_dynamo_chunk_key(&key, word, first++);
		item = v2m_dynamo_key_json(&key);
		if (json_object_set_new(item, "d", v2m_dynamo_bytes(from,
		    size)) < 0) {
			json_decref(item);
			json_decref(writes);
			return v2m_err_set(err, V2M_TEMP, "cannot %s: out of "
			    "memory", doing);
		}
		json_array_append_new(writes, json_pack("{s:{s:o}}",
		    "PutRequest", "Item", item));
		from += size;
		n -= size;
	}
	return v2m_dynamo_batch(d, writes, doing, err);
}

/* --- reading --- */

struct chunks {
	const char *word;
	int64_t first, size;
	unsigned char *buf;
	size_t n, found;		/* bytes of all; chunks found */
};

/* Decode the first `wanted` bytes.  A chunk has more than that if a partial
 * upload was saved when the chunk was shorter. */
static bool
decode(const char *text, unsigned char *to, size_t wanted)
{
	struct base64_decode_ctx ctx;
	size_t length = strlen(text), n = BASE64_DECODE_LENGTH(length);
	unsigned char *all = malloc(n + 1);
	bool whole;

	if (all == NULL)
		return false;
	base64_decode_init(&ctx);
	whole = base64_decode_update(&ctx, &n, all, length, text) == 1 &&
	    base64_decode_final(&ctx) == 1 && n >= wanted;
	if (whole)
		memcpy(to, all, wanted);
	free(all);
	return whole;
}

/* Copy an item's bytes to their place in the buffer. */
static void
take_chunk(struct chunks *c, const json_t *item)
{
	const char *text = json_string_value(json_object_get(
	    json_object_get(item, "d"), "B"));
	const char *lane = strrchr(v2m_dynamo_text_of(item, "k"), '#');
	int64_t i = -1;
	size_t at, size;

	if (lane != NULL)
		i = strtoll(v2m_dynamo_text_of(item, "s"), NULL, 10) * LANES +
		    strtoll(lane + 1, NULL, 10) - c->first;
	if (text == NULL || i < 0 || (size_t)(i * c->size) >= c->n)
		return;
	at = (size_t)(i * c->size);
	size = c->n - at < (size_t)c->size ? c->n - at : (size_t)c->size;
	c->found += decode(text, c->buf + at, size);
}

static json_t *
keys_of(const struct chunks *c)
{
	size_t i, count = (c->n + (size_t)c->size - 1) / (size_t)c->size;
	json_t *keys = json_array();
	struct v2m_dynamo_key key;

	for (i = 0; i < count; i++) {
		v2m_dynamo_chunk_key(&key, c->word, c->first + (int64_t)i);
		json_array_append_new(keys, v2m_dynamo_key_json(&key));
	}
	return keys;
}

static int
take_item(void *arg, const json_t *item)
{
	take_chunk(arg, item);
	return 0;
}

int
v2m_dynamo_read_chunks(struct v2m_dynamo *d, const char *word, int64_t first,
    int64_t size, void *buf, size_t n, const char *what, struct v2m_err *err)
{
	struct chunks c = { .word = word, .first = first, .size = size,
		.buf = buf, .n = n };
	size_t count = (n + (size_t)size - 1) / (size_t)size;

	if (v2m_dynamo_get_items(d, keys_of(&c), take_item, &c, "read bytes",
	    err) < 0)
		return -1;
	return c.found == count ? 0 : v2m_err_damage(err, "%s is damaged: some "
	    "of its bytes are missing", what);
}

/* --- removing --- */

static int
add_delete(struct v2m_dynamo *d, json_t **deletes,
    const struct v2m_dynamo_key *key, struct v2m_err *err)
{
	if (*deletes == NULL)
		*deletes = json_array();
	json_array_append_new(*deletes, json_pack("{s:{s:o}}", "DeleteRequest",
	    "Key", v2m_dynamo_key_json(key)));
	if (json_array_size(*deletes) < DELETES)
		return 0;
	return v2m_dynamo_flush(d, deletes, "remove bytes", err);
}

int
v2m_dynamo_delete_chunks(struct v2m_dynamo *d, const char *word, int64_t from,
    int64_t end, struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	json_t *deletes = NULL;

	for (; from < end; from++) {
		v2m_dynamo_chunk_key(&key, word, from);
		if (add_delete(d, &deletes, &key, err) < 0)
			return -1;
	}
	return v2m_dynamo_flush(d, &deletes, "remove bytes", err);
}

struct removal {
	struct v2m_dynamo *d;
	int64_t from, fence;
	json_t *deletes;
	struct v2m_err *err;
};

/* Delete a chunk unless it has a higher fence. */
static int
delete_fenced(struct removal *r, const struct v2m_dynamo_key *key)
{
	json_t *answer;
	int ret = v2m_dynamo_ask(r->d, "DeleteItem",
	    json_pack("{s:o, s:s, s:{s:o}}", "Key", v2m_dynamo_key_json(key),
	    "ConditionExpression", "attribute_not_exists(f) OR f <= :f",
	    "ExpressionAttributeValues", ":f", v2m_dynamo_number(r->fence)),
	    &answer, NULL, "remove bytes", r->err);

	json_decref(answer);
	return ret < 0 ? -1 : 0;
}

static int
delete_item(void *arg, const json_t *item)
{
	struct removal *r = arg;
	struct v2m_dynamo_key key;
	const char *lane;

	snprintf(key.k, sizeof key.k, "%s", v2m_dynamo_text_of(item, "k"));
	snprintf(key.s, sizeof key.s, "%s", v2m_dynamo_text_of(item, "s"));
	lane = strrchr(key.k, '#');
	if (lane == NULL || strtoll(key.s, NULL, 10) * LANES +
	    strtoll(lane + 1, NULL, 10) < r->from)
		return 0;
	return r->fence == INT64_MAX ?
	    add_delete(r->d, &r->deletes, &key, r->err) :
	    delete_fenced(r, &key);
}

int
v2m_dynamo_find_and_delete(struct v2m_dynamo *d, const char *word,
    int64_t from, int64_t fence, struct v2m_err *err)
{
	struct removal r = { .d = d, .from = from, .fence = fence, .err = err };
	char prefix[V2M_DYNAMO_KEY], bound[24];
	struct v2m_dynamo_range range = { .prefix = prefix, .bound = bound,
		.keys_only = true, .page = 100 };
	int lane, ret = 0;

	/* After the last chunk that stays on every partition key. */
	snprintf(bound, sizeof bound, "%010" PRId64, from / LANES - 1);
	if (from < LANES)
		bound[0] = '\0';
	for (lane = 0; lane < LANES && ret == 0; lane++) {
		snprintf(prefix, sizeof prefix, "bytes#%s#%d", word, lane);
		ret = v2m_dynamo_walk(d, &range, delete_item, &r,
		    "remove bytes", err);
	}
	if (ret < 0) {
		json_decref(r.deletes);
		return -1;
	}
	return v2m_dynamo_flush(d, &r.deletes, "remove bytes", err);
}
