/* Read, change and remove one item of the table. */
#include "store/aws/dynamo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

#define MARK 25			/* 24 hex digits and the NUL */

/* FNV-1a.  It must be the same in every build, as stored keys depend on it. */
static unsigned
shard_of(const char *s)
{
	uint32_t hash = 2166136261U;

	for (; *s != '\0'; s++)
		hash = (hash ^ (unsigned char)*s) * 16777619U;
	return (hash ^ hash >> 16) % V2M_DYNAMO_SHARDS;
}

void
v2m_dynamo_sharded(struct v2m_dynamo_key *key, const char *prefix,
    const char *s)
{
	snprintf(key->k, sizeof key->k, "%s#%u", prefix, shard_of(s));
	snprintf(key->s, sizeof key->s, "%s", s);
}

json_t *
v2m_dynamo_text(const char *text)
{
	return json_pack("{s:s}", "S", text);
}

json_t *
v2m_dynamo_number(int64_t n)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRId64, n);
	return json_pack("{s:s}", "N", digits);
}

json_t *
v2m_dynamo_key_json(const struct v2m_dynamo_key *key)
{
	return json_pack("{s:{s:s}, s:{s:s}}", "k", "S", key->k, "s", "S",
	    key->s);
}

static const char *
value_of(const json_t *item, const char *name, const char *type)
{
	const char *value = json_string_value(json_object_get(
	    json_object_get(item, name), type));

	return value == NULL ? "" : value;
}

const char *
v2m_dynamo_text_of(const json_t *item, const char *name)
{
	return value_of(item, name, "S");
}

int64_t
v2m_dynamo_number_of(const json_t *item, const char *name)
{
	return strtoll(value_of(item, name, "N"), NULL, 10);
}

int
v2m_dynamo_get(struct v2m_dynamo *d, const struct v2m_dynamo_key *key,
    json_t **item, const char *doing, struct v2m_err *err)
{
	json_t *answer;

	*item = NULL;
	if (v2m_dynamo_ask(d, "GetItem", json_pack("{s:o, s:b}", "Key",
	    v2m_dynamo_key_json(key), "ConsistentRead", 1), &answer, NULL,
	    doing, err) < 0)
		return -1;
	*item = json_incref(json_object_get(answer, "Item"));
	json_decref(answer);
	return *item != NULL;
}

/* --- changes --- */

/* Write an alias such as "#3": a name in an expression may be a reserved
 * word. */
static void
add_name(json_t *names, FILE *expression, const char *name)
{
	char alias[16];

	snprintf(alias, sizeof alias, "#%zu", json_object_size(names));
	json_object_set_new(names, alias, json_string(name));
	fputs(alias, expression);
}

static void
write_change(const struct v2m_dynamo_change *c, FILE *out, json_t *names,
    json_t *values)
{
	const char *glue = "SET ", *name;
	char alias[16];
	json_t *value;
	size_t i;

	json_object_foreach(c->set, name, value) {
		fputs(glue, out);
		add_name(names, out, name);
		snprintf(alias, sizeof alias, ":%zu", json_object_size(values));
		fprintf(out, " = %s", alias);
		json_object_set(values, alias, value);
		glue = ", ";
	}
	glue = " REMOVE ";
	json_array_foreach(c->remove, i, value) {
		fputs(glue, out);
		add_name(names, out, json_string_value(value));
		glue = ", ";
	}
}

static json_t *
compose_insert(const struct v2m_dynamo_change *c)
{
	json_t *item = v2m_dynamo_key_json(c->key);

	json_object_update(item, c->set);
	return json_pack("{s:o, s:s, s:{s:s}}", "Item", item,
	    "ConditionExpression", "attribute_not_exists(#k)",
	    "ExpressionAttributeNames", "#k", "k");
}

static json_t *
compose_update(const struct v2m_dynamo_change *c)
{
	json_t *names = json_pack("{s:s}", "#rev", "rev");
	json_t *values = json_object();
	char *expression = NULL;
	json_t *request;
	size_t size;
	FILE *out = open_memstream(&expression, &size);

	if (out == NULL)
		return NULL;
	write_change(c, out, names, values);
	fclose(out);
	json_object_set_new(values, ":rev", v2m_dynamo_number(c->old_rev));
	request = json_pack("{s:o, s:s, s:s, s:o, s:o}", "Key",
	    v2m_dynamo_key_json(c->key), "UpdateExpression", expression,
	    "ConditionExpression", "#rev = :rev", "ExpressionAttributeNames",
	    names, "ExpressionAttributeValues", values);
	free(expression);
	return request;
}

/* Is the stored item the one that we wrote?  1; 0; -1, V2M_TEMP: it was changed
 * since, so that is not known. */
static int
is_ours(struct v2m_dynamo *d, const struct v2m_dynamo_change *c,
    const char *mark, int64_t rev, struct v2m_err *err)
{
	json_t *item;
	int found = v2m_dynamo_get(d, c->key, &item, c->doing, err);

	if (found <= 0)
		return found;
	if (strcmp(v2m_dynamo_text_of(item, "mark"), mark) == 0)
		found = 1;
	else if (v2m_dynamo_number_of(item, "rev") > rev)
		found = v2m_err_set(err, V2M_TEMP, "cannot %s: it was changed, "
		    "by us or by somebody else, while the store was cut off",
		    c->doing);
	else
		found = 0;
	json_decref(item);
	return found;
}

/* Each change has a random mark.  By it a change whose response was lost is
 * told from one by another process. */
int
v2m_dynamo_change(struct v2m_dynamo *d, struct v2m_dynamo_change *c,
    struct v2m_err *err)
{
	int64_t rev = v2m_dynamo_number_of(c->set, "rev");
	json_t *answer;
	char mark[MARK];
	bool lost;
	int ret;

	v2m_id_new(mark);
	json_object_set_new(c->set, "mark", v2m_dynamo_text(mark));
	ret = c->old_rev == 0 ?
	    v2m_dynamo_ask(d, "PutItem", compose_insert(c), &answer, &lost,
	    c->doing, err) :
	    v2m_dynamo_ask(d, "UpdateItem", compose_update(c), &answer, &lost,
	    c->doing, err);
	json_decref(answer);
	json_decref(c->set);
	json_decref(c->remove);
	c->set = c->remove = NULL;
	if (ret < 0)
		return -1;
	return ret == 0 ? 1 : lost ? is_ours(d, c, mark, rev, err) : 0;
}

int
v2m_dynamo_delete(struct v2m_dynamo *d, const struct v2m_dynamo_key *key,
    int64_t rev, const char *doing, struct v2m_err *err)
{
	json_t *request = json_pack("{s:o, s:s, s:{s:s}}", "Key",
	    v2m_dynamo_key_json(key), "ConditionExpression", rev == 0 ?
	    "attribute_exists(#rev)" : "#rev = :rev",
	    "ExpressionAttributeNames", "#rev", "rev"), *answer;
	bool lost;
	int ret;

	if (rev != 0 && request != NULL)
		json_object_set_new(request, "ExpressionAttributeValues",
		    json_pack("{s:o}", ":rev", v2m_dynamo_number(rev)));
	ret = v2m_dynamo_ask(d, "DeleteItem", request, &answer, &lost, doing,
	    err);
	json_decref(answer);
	if (ret <= 0 || !lost)
		return ret < 0 ? -1 : ret == 0;
	/* An earlier try may have deleted it, unless it is there. */
	ret = v2m_dynamo_get(d, key, &answer, doing, err);
	json_decref(answer);
	return ret < 0 ? -1 : ret == 0;
}

/* A response may leave items unprocessed, which are sent again. */
int
v2m_dynamo_batch(struct v2m_dynamo *d, json_t *writes, const char *doing,
    struct v2m_err *err)
{
	json_t *request = json_pack("{s:{s:o}}", "RequestItems", d->table,
	    writes), *answer, *left;
	unsigned n;

	for (n = 0; ; n++) {
		if (v2m_dynamo_ask(d, "BatchWriteItem", request, &answer, NULL,
		    doing, err) < 0)
			return -1;
		left = json_object_get(answer, "UnprocessedItems");
		if (json_object_size(left) == 0)
			break;
		request = json_pack("{s:O}", "RequestItems", left);
		json_decref(answer);
		if (n >= V2M_DYNAMO_TRIES || !v2m_aws_pause(n)) {
			json_decref(request);
			return v2m_err_set(err, V2M_TEMP, "cannot %s: %s takes "
			    "no more writes at present", doing, d->aws.host);
		}
	}
	json_decref(answer);
	return 0;
}

int
v2m_dynamo_flush(struct v2m_dynamo *d, json_t **writes, const char *doing,
    struct v2m_err *err)
{
	json_t *all = *writes;

	*writes = NULL;
	if (json_array_size(all) > 0)
		return v2m_dynamo_batch(d, all, doing, err);
	json_decref(all);
	return 0;
}

static int
show_items(const json_t *answer, const char *table,
    int (*each)(void *arg, const json_t *item), void *arg)
{
	const json_t *items = json_object_get(json_object_get(answer,
	    "Responses"), table), *item;
	int ret = 0;
	size_t i;

	json_array_foreach(items, i, item) {
		ret = each(arg, item);
		if (ret != 0)
			break;
	}
	return ret;
}

/* Keys left unprocessed as the response became too large are asked for again at
 * once; later with a pause, as the server is busy then. */
int
v2m_dynamo_get_items(struct v2m_dynamo *d, json_t *keys,
    int (*each)(void *arg, const json_t *item), void *arg, const char *doing,
    struct v2m_err *err)
{
	json_t *request = json_pack("{s:{s:{s:o, s:b}}}", "RequestItems",
	    d->table, "Keys", keys, "ConsistentRead", 1), *answer, *left;
	unsigned n;
	int ret;

	if (json_array_size(keys) == 0) {
		json_decref(request);
		return 0;
	}
	for (n = 0; ; n++) {
		if (v2m_dynamo_ask(d, "BatchGetItem", request, &answer, NULL,
		    doing, err) < 0)
			return -1;
		ret = show_items(answer, d->table, each, arg);
		left = json_object_get(answer, "UnprocessedKeys");
		if (ret != 0 || json_object_size(left) == 0)
			break;
		request = json_pack("{s:O}", "RequestItems", left);
		json_decref(answer);
		if (n >= V2M_DYNAMO_TRIES || (n > 0 && !v2m_aws_pause(n))) {
			json_decref(request);
			return v2m_err_set(err, V2M_TEMP, "cannot %s: %s "
			    "answers no more at present", doing, d->aws.host);
		}
	}
	json_decref(answer);
	return ret;
}
