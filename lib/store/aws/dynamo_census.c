/* Counters of the records in each state. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"

enum { JOBS, MP3_BYTES, SOUND, TOOK, SUMS };

struct sums {
	int64_t of[V2M_JOB_STATES][SUMS];
};

static void
add(struct sums *sums, const struct v2m_record *r, int64_t sign)
{
	int64_t *of;

	if (r == NULL || r->state < 0 || r->state >= V2M_JOB_STATES)
		return;
	of = sums->of[r->state];
	of[JOBS] += sign;
	of[MP3_BYTES] += sign * r->mp3_length;
	of[SOUND] += sign * r->duration_ms;
	of[TOOK] += r->done_at > r->created_at ?
	    sign * (r->done_at - r->created_at) : 0;
}

/* "n4_1": the second sum of the fifth state. */
static void
name_sum(char name[16], int state, int sum)
{
	snprintf(name, 16, "n%d_%d", state, sum);
}

/* ADD the sums that are not 0; anew: SET all. */
static json_t *
compose(const struct v2m_dynamo_key *key, const struct sums *sums, bool anew)
{
	json_t *values = json_object(), *request = NULL;
	char text[1024], name[16], alias[17], mark[V2M_ID_SIZE];
	size_t n = (size_t)snprintf(text, sizeof text, anew ? "SET" : "ADD");
	int state, sum;

	for (state = 0; state < V2M_JOB_STATES; state++)
		for (sum = 0; sum < SUMS; sum++) {
			if (sums->of[state][sum] == 0 && !anew)
				continue;
			name_sum(name, state, sum);
			snprintf(alias, sizeof alias, ":%s", name);
			n += (size_t)snprintf(text + n, sizeof text - n,
			    "%s %s%s%s", json_object_size(values) > 0 ? "," :
			    "", name, anew ? " = " : " ", alias);
			json_object_set_new(values, alias,
			    v2m_dynamo_number(sums->of[state][sum]));
		}
	/* The mark lets a request that is repeated after a lost response count
	 * once. */
	if (json_object_size(values) > 0) {
		v2m_id_new(mark);
		json_object_set_new(values, ":mark", v2m_dynamo_text(mark));
		snprintf(text + n, sizeof text - n, "%smark = :mark",
		    anew ? ", " : " SET ");
		request = json_pack("{s:o, s:s, s:s, s:O}", "Key",
		    v2m_dynamo_key_json(key), "UpdateExpression", text,
		    "ConditionExpression", "attribute_not_exists(mark) OR "
		    "mark <> :mark", "ExpressionAttributeValues", values);
	}
	json_decref(values);
	return request;
}

static void
census_key(struct v2m_dynamo_key *key, unsigned shard)
{
	snprintf(key->k, sizeof key->k, "census#%u", shard);
	snprintf(key->s, sizeof key->s, "all");
}

void
v2m_dynamo_census_note(struct v2m_dynamo *d, const struct v2m_record *old,
    const struct v2m_record *r)
{
	struct sums sums = { .of = { { 0 } } };
	struct v2m_dynamo_key key;
	json_t *request;

	add(&sums, old, -1);
	add(&sums, r, 1);
	v2m_dynamo_sharded(&key, "census", (r != NULL ? r : old)->id);
	snprintf(key.s, sizeof key.s, "all");
	request = compose(&key, &sums, false);
	if (request != NULL)
		v2m_dynamo_do(d, "UpdateItem", request, "count a job", NULL);
}

static int
add_record(void *arg, const json_t *item)
{
	struct v2m_record r;

	v2m_dynamo_parse(item, &r);
	add(arg, &r, 1);
	return 0;
}

int
v2m_dynamo_census_anew(struct v2m_dynamo *d, struct v2m_err *err)
{
	struct v2m_dynamo_range range = { .prefix = "job", .sharded = true,
		.bound = "", .page = 200 };
	struct sums sums = { .of = { { 0 } } }, none = sums;
	struct v2m_dynamo_key key;
	unsigned i;

	if (v2m_dynamo_walk(d, &range, add_record, &sums, "count the jobs",
	    err) < 0)
		return -1;
	for (i = 0; i < V2M_DYNAMO_SHARDS; i++) {
		census_key(&key, i);
		if (v2m_dynamo_do(d, "UpdateItem", compose(&key,
		    i == 0 ? &sums : &none, true), "count the jobs", err) < 0)
			return -1;
	}
	return 0;
}

static void
add_item(struct v2m_census *census, const json_t *item)
{
	char name[16];
	int state, sum;

	for (state = 0; state < V2M_JOB_STATES; state++) {
		int64_t *to[SUMS] = { &census->states[state].jobs,
			&census->states[state].mp3_bytes,
			&census->states[state].sound_ms,
			&census->states[state].took_ms };

		for (sum = 0; sum < SUMS; sum++) {
			name_sum(name, state, sum);
			*to[sum] += v2m_dynamo_number_of(item, name);
		}
	}
}

int
v2m_dynamo_census(void *self, struct v2m_census *census, struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	json_t *item;
	unsigned i;

	for (i = 0; i < V2M_DYNAMO_SHARDS; i++) {
		census_key(&key, i);
		if (v2m_dynamo_get(self, &key, &item, "count the jobs",
		    err) < 0)
			return -1;
		add_item(census, item);
		json_decref(item);
	}
	return 0;
}
