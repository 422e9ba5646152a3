/* Items sorted by s, merged from all shards. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

struct shard {
	char k[V2M_DYNAMO_KEY];
	json_t *answer, *items;		/* the current page */
	size_t at;
	json_t *next;			/* key at which the next page begins; or
					 * NULL */
	bool begun;
};

struct walk {
	struct v2m_dynamo *d;
	const struct v2m_dynamo_range *range;
	struct shard shards[V2M_DYNAMO_SHARDS];
	unsigned n;
	const char *doing;
};

static json_t *
compose_query(const struct walk *w, struct shard *s)
{
	const struct v2m_dynamo_range *range = w->range;
	json_t *values = json_pack("{s:o}", ":k", v2m_dynamo_text(s->k));
	json_t *request;

	/* A key condition must not have an empty string. */
	json_object_set_new(values, ":s", v2m_dynamo_text(
	    range->bound[0] != '\0' ? range->bound : range->backwards ?
	    "\U0010ffff" : "\x01"));
	request = json_pack("{s:s, s:{s:s, s:s}, s:o, s:b, s:b, s:i}",
	    "KeyConditionExpression", range->backwards ?
	    "#k = :k AND #s < :s" : "#k = :k AND #s > :s",
	    "ExpressionAttributeNames", "#k", range->open_only ?
	    V2M_DYNAMO_OPEN : "k", "#s", "s", "ExpressionAttributeValues",
	    values, "ScanIndexForward", !range->backwards, "ConsistentRead",
	    !range->open_only, "Limit", range->page);
	if (request != NULL && range->open_only)
		json_object_set_new(request, "IndexName",
		    json_string(V2M_DYNAMO_OPEN));
	if (request != NULL && range->keys_only)
		json_object_set_new(request, "ProjectionExpression",
		    json_string("k, s"));
	if (request != NULL && s->next != NULL)
		json_object_set(request, "ExclusiveStartKey", s->next);
	return request;
}

static void
drop_page(struct shard *s)
{
	json_decref(s->answer);
	json_decref(s->next);
	s->answer = s->items = s->next = NULL;
	s->at = 0;
}

/* A page may be empty without being the last. */
static int
read_page(struct walk *w, struct shard *s, struct v2m_err *err)
{
	json_t *request, *answer;

	while (!s->begun || (s->at == json_array_size(s->items) &&
	    s->next != NULL)) {
		request = compose_query(w, s);
		drop_page(s);
		s->begun = true;
		if (v2m_dynamo_ask(w->d, "Query", request, &answer, NULL,
		    w->doing, err) < 0)
			return -1;
		s->answer = answer;
		s->items = json_object_get(answer, "Items");
		s->next = json_incref(json_object_get(answer,
		    "LastEvaluatedKey"));
	}
	return 0;
}

static const json_t *
head(const struct shard *s)
{
	return json_array_get(s->items, s->at);
}

/* Find the shard with the next item.  1; 0: there is none; -1. */
static int
find_first(struct walk *w, struct shard **first, struct v2m_err *err)
{
	unsigned i;
	int order;

	*first = NULL;
	for (i = 0; i < w->n; i++) {
		struct shard *s = &w->shards[i];

		if (read_page(w, s, err) < 0)
			return -1;
		if (head(s) == NULL)
			continue;
		order = *first == NULL ? -1 :
		    strcmp(v2m_dynamo_text_of(head(s), "s"),
		    v2m_dynamo_text_of(head(*first), "s"));
		if (*first == NULL || (w->range->backwards ? order > 0 :
		    order < 0))
			*first = s;
	}
	return *first != NULL;
}

static void
name_shards(struct walk *w)
{
	const struct v2m_dynamo_range *range = w->range;
	unsigned i;

	w->n = range->sharded ? V2M_DYNAMO_SHARDS : 1;
	for (i = 0; i < w->n; i++)
		if (range->sharded)
			snprintf(w->shards[i].k, V2M_DYNAMO_KEY, "%s#%u",
			    range->prefix, i);
		else
			snprintf(w->shards[i].k, V2M_DYNAMO_KEY, "%s",
			    range->prefix);
}

int
v2m_dynamo_walk(struct v2m_dynamo *d, const struct v2m_dynamo_range *range,
    int (*each)(void *arg, const json_t *item), void *arg, const char *doing,
    struct v2m_err *err)
{
	struct walk w = { .d = d, .range = range, .doing = doing };
	struct shard *s;
	unsigned i;
	int ret;

	name_shards(&w);
	while ((ret = find_first(&w, &s, err)) == 1) {
		ret = each(arg, head(s));
		s->at++;
		if (ret != 0)
			break;
	}
	for (i = 0; i < w.n; i++)
		drop_page(&w.shards[i]);
	return ret;
}
