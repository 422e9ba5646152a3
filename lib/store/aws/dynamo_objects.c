/* Heads, with which chunks become an object. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"

static const char *const prefixes[] = {
	[V2M_VIDEO] = "head-video",
	[V2M_MP3] = "head-mp3",
};

static void
parse_head(const json_t *item, struct v2m_dynamo_head *head)
{
	struct v2m_object *o = &head->object;

	memset(head, 0, sizeof *head);
	v2m_text_copy(o->id, sizeof o->id, v2m_dynamo_text_of(item, "s"));
	o->length = v2m_dynamo_number_of(item, "length");
	v2m_text_copy(o->sha256, sizeof o->sha256,
	    v2m_dynamo_text_of(item, "sha256"));
	v2m_text_copy(o->name, sizeof o->name,
	    v2m_dynamo_text_of(item, "name"));
	v2m_text_copy(o->owner, sizeof o->owner,
	    v2m_dynamo_text_of(item, "owner"));
	v2m_text_copy(o->video, sizeof o->video,
	    v2m_dynamo_text_of(item, "video"));
	o->fence = v2m_dynamo_number_of(item, "fence");
	o->created_at = v2m_dynamo_number_of(item, "created_at");
	v2m_text_copy(head->word, sizeof head->word,
	    v2m_dynamo_text_of(item, "word"));
	head->size = v2m_dynamo_number_of(item, "size");
}

int
v2m_dynamo_head(struct v2m_dynamo *d, enum v2m_kind kind, const char *id,
    struct v2m_dynamo_head *head, struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT], doing[16 + V2M_OBJECT_WHAT];
	struct v2m_dynamo_key key;
	json_t *item;
	int found;

	snprintf(doing, sizeof doing, "look for %s",
	    v2m_object_what(what, kind, id));
	v2m_dynamo_sharded(&key, prefixes[kind], id);
	found = v2m_dynamo_get(d, &key, &item, doing, err);
	if (found == 1)
		parse_head(item, head);
	json_decref(item);
	if (found != 1 || (head->size > 0 && head->size <= V2M_DYNAMO_CHUNK &&
	    head->object.length >= 0))
		return found;
	return v2m_err_damage(err, "%s is damaged: its length or the size of "
	    "its chunks is invalid", what);
}

int
v2m_dynamo_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_dynamo_head head;
	int found = v2m_dynamo_head(self, kind, id, &head, err);

	if (found == 1)
		*object = head.object;
	return found;
}

static void
add_text(json_t *set, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(set, name, v2m_dynamo_text(text));
}

static json_t *
compose_head(const struct v2m_dynamo_head *head)
{
	const struct v2m_object *o = &head->object;
	json_t *set = json_pack("{s:o, s:o, s:o, s:o, s:o}", "rev",
	    v2m_dynamo_number(1), "length", v2m_dynamo_number(o->length),
	    "fence", v2m_dynamo_number(o->fence), "created_at",
	    v2m_dynamo_number(o->created_at), "size",
	    v2m_dynamo_number(head->size));

	add_text(set, "sha256", o->sha256);
	add_text(set, "name", o->name);
	add_text(set, "owner", o->owner);
	add_text(set, "video", o->video);
	add_text(set, "word", head->word);
	return set;
}

static void
mark_key(struct v2m_dynamo_key *key, const struct v2m_object *object)
{
	snprintf(key->k, sizeof key->k, "of#%s", object->video);
	snprintf(key->s, sizeof key->s, "%s", object->id);
}

static int
put_mark(struct v2m_dynamo *d, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct v2m_dynamo_key key;

	if (object->video[0] == '\0')
		return 0;
	mark_key(&key, object);
	return v2m_dynamo_do(d, "PutItem", json_pack("{s:o}", "Item",
	    v2m_dynamo_key_json(&key)), "note an MP3", err);
}

int
v2m_dynamo_publish(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_dynamo_head *head, struct v2m_err *err)
{
	char what[V2M_OBJECT_WHAT], doing[16 + V2M_OBJECT_WHAT];
	struct v2m_dynamo_key key;
	struct v2m_dynamo_change c = { .key = &key, .doing = doing };

	snprintf(doing, sizeof doing, "store %s",
	    v2m_object_what(what, kind, head->object.id));
	if (kind == V2M_MP3 && put_mark(d, &head->object, err) < 0)
		return -1;
	v2m_dynamo_sharded(&key, prefixes[kind], head->object.id);
	c.set = compose_head(head);
	return v2m_dynamo_change(d, &c, err);
}

int
v2m_dynamo_adopt(struct v2m_dynamo *d, const struct v2m_object *o,
    struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	json_t *answer;
	int ret;

	v2m_dynamo_sharded(&key, prefixes[V2M_VIDEO], o->id);
	ret = v2m_dynamo_ask(d, "UpdateItem",
	    json_pack("{s:o, s:s, s:s, s:{s:s, s:s}, s:{s:o, s:o, s:o, s:o}}",
	    "Key", v2m_dynamo_key_json(&key),
	    "UpdateExpression", "SET #f = :f, created_at = :c",
	    "ConditionExpression", "#l = :l AND sha256 = :s AND #f <= :f",
	    "ExpressionAttributeNames", "#f", "fence", "#l", "length",
	    "ExpressionAttributeValues", ":f", v2m_dynamo_number(o->fence),
	    ":c", v2m_dynamo_number(o->created_at), ":l",
	    v2m_dynamo_number(o->length), ":s", v2m_dynamo_text(o->sha256)),
	    &answer, NULL, "store a video", err);
	json_decref(answer);
	return ret < 0 ? -1 : ret == 0;
}

/* A copied object of another program has no SHA-256, and so no such
 * attribute. */
int
v2m_dynamo_unpublish(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_object *o, struct v2m_err *err)
{
	bool hashed = o->sha256[0] != '\0';
	struct v2m_dynamo_key key;
	json_t *answer, *values;
	int ret;

	v2m_dynamo_sharded(&key, prefixes[kind], o->id);
	values = json_pack("{s:o, s:o}", ":c",
	    v2m_dynamo_number(o->created_at), ":f",
	    v2m_dynamo_number(o->fence));
	if (hashed)
		json_object_set_new(values, ":s", v2m_dynamo_text(o->sha256));
	ret = v2m_dynamo_ask(d, "DeleteItem",
	    json_pack("{s:o, s:s, s:{s:s}, s:o}",
	    "Key", v2m_dynamo_key_json(&key), "ConditionExpression", hashed ?
	    "created_at = :c AND #f = :f AND sha256 = :s" :
	    "created_at = :c AND #f = :f AND attribute_not_exists(sha256)",
	    "ExpressionAttributeNames", "#f", "fence",
	    "ExpressionAttributeValues", values), &answer, NULL,
	    "take back what was stored", err);
	json_decref(answer);
	return ret < 0 ? -1 : 0;
}

/* --- chunks without a head --- */

int
v2m_dynamo_pend(struct v2m_dynamo *d, enum v2m_kind kind, const char *id,
    const char *word, struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	int64_t now;
	json_t *item;

	if (v2m_dynamo_now(d, &now, err) < 0)
		return -1;
	v2m_dynamo_sharded(&key, "pending", word);
	item = v2m_dynamo_key_json(&key);
	json_object_set_new(item, "id", v2m_dynamo_text(id));
	json_object_set_new(item, "kind", v2m_dynamo_number(kind));
	json_object_set_new(item, "at", v2m_dynamo_number(now));
	return v2m_dynamo_do(d, "PutItem", json_pack("{s:o}", "Item", item),
	    "note what is stored", err);
}

int
v2m_dynamo_unpend(struct v2m_dynamo *d, const char *word, struct v2m_err *err)
{
	struct v2m_dynamo_key key;

	v2m_dynamo_sharded(&key, "pending", word);
	return v2m_dynamo_do(d, "DeleteItem", json_pack("{s:o}", "Key",
	    v2m_dynamo_key_json(&key)), "note what is stored", err);
}

/* --- removing --- */

static int
delete_head(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_object *o, struct v2m_err *err)
{
	struct v2m_dynamo_key key;

	v2m_dynamo_sharded(&key, prefixes[kind], o->id);
	if (v2m_dynamo_do(d, "DeleteItem", json_pack("{s:o}", "Key",
	    v2m_dynamo_key_json(&key)), "remove an object", err) < 0)
		return -1;
	if (kind == V2M_VIDEO || o->video[0] == '\0')
		return 0;
	mark_key(&key, o);
	return v2m_dynamo_do(d, "DeleteItem", json_pack("{s:o}", "Key",
	    v2m_dynamo_key_json(&key)), "remove an object", err);
}

int
v2m_dynamo_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_dynamo_head head;
	int found = v2m_dynamo_head(self, kind, id, &head, err);

	if (found != 1)
		return found;
	if (v2m_dynamo_pend(self, kind, id, head.word, err) < 0 ||
	    delete_head(self, kind, &head.object, err) < 0 ||
	    v2m_fault("store-removed", err) < 0 ||
	    v2m_dynamo_delete_chunks(self, head.word, 0, (head.object.length +
	    head.size - 1) / head.size, err) < 0)
		return -1;
	return v2m_dynamo_unpend(self, head.word, err);
}

/* --- the walks --- */

struct walk {
	struct v2m_dynamo *d;
	const char *video;
	int (*each)(void *arg, const struct v2m_object *object);
	void *arg;
	struct v2m_err *err;
};

static int
show(void *arg, const json_t *item)
{
	struct v2m_dynamo_head head;
	struct walk *w = arg;

	parse_head(item, &head);
	return w->each(w->arg, &head.object);
}

static int
show_marked(void *arg, const json_t *item)
{
	struct v2m_object object;
	struct walk *w = arg;
	int found = v2m_dynamo_stat(w->d, V2M_MP3, v2m_dynamo_text_of(item,
	    "s"), &object, w->err);

	if (found != 1 || strcmp(object.video, w->video) != 0)
		return found < 0 ? -1 : 0;
	return w->each(w->arg, &object);
}

int
v2m_dynamo_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	char prefix[V2M_DYNAMO_KEY];
	struct v2m_dynamo_range range = { .prefix = prefixes[kind],
		.sharded = true, .bound = "", .page = 100 };
	struct walk w = { self, video, each, arg, err };

	if (video == NULL || kind != V2M_MP3)
		return v2m_dynamo_walk(self, &range, show, &w,
		    "list the store", err);
	snprintf(prefix, sizeof prefix, "of#%s", video);
	range.prefix = prefix;
	range.sharded = false;
	return v2m_dynamo_walk(self, &range, show_marked, &w,
	    "list the store", err);
}
