/* v2m-init: create the table, or check an existing one. */
#include "store/aws/dynamo.h"

#include <string.h>

#include "base/clock.h"
#include "base/stop.h"

#define MAKE_MS (5 * 60 * 1000)	/* creating a table or index may take minutes */

enum state { ABSENT, BUSY, NO_INDEX, STRANGE, FINE };

/* [ { "AttributeName": NAME, "KeyType": TYPE }, ... ] */
static bool
is_key(const json_t *schema, const char *hash, const char *range)
{
	const json_t *part;
	size_t i, right = 0;

	json_array_foreach(schema, i, part) {
		const char *name = json_string_value(json_object_get(part,
		    "AttributeName"));
		const char *type = json_string_value(json_object_get(part,
		    "KeyType"));

		if (name != NULL && type != NULL)
			right += strcmp(name, strcmp(type, "HASH") == 0 ? hash :
			    range) == 0;
	}
	return i == 2 && right == 2;
}

static bool
is_active(const json_t *thing, const char *member)
{
	const char *status = json_string_value(json_object_get(thing, member));

	/* It can be used while it is being updated. */
	return status != NULL && (strcmp(status, "ACTIVE") == 0 ||
	    strcmp(status, "UPDATING") == 0);
}

static bool
has_all(const json_t *index)
{
	const char *type = json_string_value(json_object_get(
	    json_object_get(index, "Projection"), "ProjectionType"));

	return type == NULL || strcmp(type, "ALL") == 0;
}

static enum state
judge_index(const json_t *table)
{
	const json_t *index;
	size_t i;

	json_array_foreach(json_object_get(table, "GlobalSecondaryIndexes"), i,
	    index) {
		const char *name = json_string_value(json_object_get(index,
		    "IndexName"));

		if (name == NULL || strcmp(name, V2M_DYNAMO_OPEN) != 0)
			continue;
		if (!is_key(json_object_get(index, "KeySchema"),
		    V2M_DYNAMO_OPEN, "s") || !has_all(index))
			return STRANGE;
		return is_active(index, "IndexStatus") ? FINE : BUSY;
	}
	return NO_INDEX;
}

static int
look(struct v2m_dynamo *d, enum state *state, struct v2m_err *err)
{
	const json_t *table;
	json_t *answer;
	int ret = v2m_dynamo_ask(d, "DescribeTable", json_object(), &answer,
	    NULL, "look at the table", err);

	*state = ABSENT;
	if (ret != 0)
		return ret < 0 ? -1 : 0;
	table = json_object_get(answer, "Table");
	if (!is_key(json_object_get(table, "KeySchema"), "k", "s"))
		*state = STRANGE;
	else if (!is_active(table, "TableStatus"))
		*state = BUSY;
	else
		*state = judge_index(table);
	json_decref(answer);
	return 0;
}

static json_t *
key_schema(const char *hash)
{
	return json_pack("[{s:s, s:s}, {s:s, s:s}]", "AttributeName", hash,
	    "KeyType", "HASH", "AttributeName", "s", "KeyType", "RANGE");
}

static json_t *
attributes(void)
{
	return json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]",
	    "AttributeName", "k", "AttributeType", "S", "AttributeName", "s",
	    "AttributeType", "S", "AttributeName", V2M_DYNAMO_OPEN,
	    "AttributeType", "S");
}

static json_t *
index_of(void)
{
	return json_pack("{s:s, s:o, s:{s:s}}", "IndexName", V2M_DYNAMO_OPEN,
	    "KeySchema", key_schema(V2M_DYNAMO_OPEN), "Projection",
	    "ProjectionType", "ALL");
}

static int
make_table(struct v2m_dynamo *d, struct v2m_err *err)
{
	return v2m_dynamo_do(d, "CreateTable",
	    json_pack("{s:s, s:o, s:o, s:[o]}", "BillingMode",
	    "PAY_PER_REQUEST", "AttributeDefinitions", attributes(),
	    "KeySchema", key_schema("k"), "GlobalSecondaryIndexes", index_of()),
	    "make the table", err);
}

static int
add_index(struct v2m_dynamo *d, struct v2m_err *err)
{
	return v2m_dynamo_do(d, "UpdateTable",
	    json_pack("{s:o, s:[{s:o}]}", "AttributeDefinitions", attributes(),
	    "GlobalSecondaryIndexUpdates", "Create", index_of()),
	    "add the table's index", err);
}

/* One step towards a table that can be used. */
static int
step(struct v2m_dynamo *d, enum state state, struct v2m_err *err)
{
	switch (state) {
	case ABSENT:
		return make_table(d, err);
	case NO_INDEX:
		return add_index(d, err);
	case STRANGE:
		return v2m_err_set(err, V2M_CONFIG, "the table '%s' is not one "
		    "of v2m: its keys are not k and s, or those of its index "
		    "'" V2M_DYNAMO_OPEN "' are not that and s, with all "
		    "attributes; name another, which v2m-init then makes",
		    d->table);
	case BUSY:
		if (!v2m_aws_pause(5))
			return v2m_err_set(err, V2M_TEMP, "interrupted");
		return 0;
	case FINE:
		break;
	}
	return 0;
}

/* A new table refuses this for some minutes, as it has no backups yet. */
static int
keep_history(struct v2m_dynamo *d, int64_t until, struct v2m_err *err)
{
	struct v2m_err failure;

	while (v2m_dynamo_do(d, "UpdateContinuousBackups",
	    json_pack("{s:{s:b}}", "PointInTimeRecoverySpecification",
	    "PointInTimeRecoveryEnabled", 1), "turn on point_in_time",
	    &failure) < 0)
		if (failure.code != V2M_TEMP || v2m_mono_ms() > until ||
		    v2m_stop_count() > 0)
			return v2m_err_pass(err, &failure);
	return 0;
}

int
v2m_dynamo_make(struct v2m_dynamo *d, struct v2m_err *err)
{
	int64_t until = v2m_mono_ms() + MAKE_MS;
	enum state state = BUSY;

	while (state != FINE) {
		if (look(d, &state, err) < 0 || step(d, state, err) < 0)
			return -1;
		if (state != FINE && v2m_mono_ms() > until)
			return v2m_err_set(err, V2M_TEMP, "the table '%s' is "
			    "not ready after 5 min: run v2m-init again later",
			    d->table);
	}
	return d->point_in_time ? keep_history(d, until, err) : 0;
}

int
v2m_dynamo_ready(void *self, struct v2m_err *err)
{
	struct v2m_dynamo *d = self;
	enum state state;

	if (look(d, &state, err) < 0)
		return -1;
	if (state == FINE)
		return 0;
	if (state == BUSY)
		return v2m_err_set(err, V2M_TEMP, "the table '%s' is being "
		    "made", d->table);
	return v2m_err_set(err, V2M_CONFIG, "there is no table '%s' of v2m at "
	    "%s: run v2m-init", d->table, d->aws.host);
}
