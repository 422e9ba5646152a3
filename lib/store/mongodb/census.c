/* How many jobs there are in each state, summed by the server. */
#include "store/mongodb/mongodb.h"

#include <stddef.h>
#include <string.h>


/* Sums of plain fields, one per request: not every server has expressions, and
 * FerretDB 1 returns 0 for all sums of a $group but the first. */
enum { JOBS, MP3_BYTES, SOUND, CREATED, DONE, SUMS };

static const char *const fields[SUMS] = {
	[MP3_BYTES] = "$mp3_length",
	[SOUND] = "$duration_ms",
	[CREATED] = "$created_at",
	[DONE] = "$done_at",
};

static bson_t *
make_pipeline(int sum)
{
	if (fields[sum] == NULL)
		return BCON_NEW("pipeline", "[", "{", "$group", "{",
		    "_id", BCON_UTF8("$state"),
		    "sum", "{", "$sum", BCON_INT32(1), "}", "}", "}", "]");
	return BCON_NEW("pipeline", "[", "{", "$group", "{",
	    "_id", BCON_UTF8("$state"),
	    "sum", "{", "$sum", BCON_UTF8(fields[sum]), "}", "}", "}", "]");
}

static int
add_up(struct v2m_mongodb *m, int sum, int64_t sums[V2M_JOB_STATES],
    struct v2m_err *err)
{
	bson_t *pipeline = make_pipeline(sum);
	mongoc_cursor_t *cursor;
	bson_error_t error;
	const bson_t *doc;
	int64_t state;
	int ret = 0;

	cursor = mongoc_collection_aggregate(m->jobs, MONGOC_QUERY_NONE,
	    pipeline, NULL, NULL);
	while (mongoc_cursor_next(cursor, &doc)) {
		state = v2m_mongodb_int(doc, "_id", -1);
		if (state >= 0 && state < V2M_JOB_STATES)
			sums[state] = v2m_mongodb_int(doc, "sum", 0);
	}
	if (mongoc_cursor_error(cursor, &error))
		ret = v2m_mongodb_err(m, &error, err, "count the records");
	mongoc_cursor_destroy(cursor);
	bson_destroy(pipeline);
	return ret;
}

static int
census_once(struct v2m_mongodb *m, struct v2m_census *census,
    struct v2m_err *err)
{
	int64_t sums[SUMS][V2M_JOB_STATES], took;
	int i;

	memset(sums, 0, sizeof sums);
	for (i = 0; i < SUMS; i++)
		if (add_up(m, i, sums[i], err) < 0)
			return -1;
	for (i = 0; i < V2M_JOB_STATES; i++) {
		census->states[i].jobs = sums[JOBS][i];
		census->states[i].mp3_bytes = sums[MP3_BYTES][i];
		census->states[i].sound_ms = sums[SOUND][i];
		took = sums[DONE][i] - sums[CREATED][i];
		census->states[i].took_ms = took > 0 ? took : 0;
	}
	return 0;
}

int
v2m_mongodb_census(void *self, struct v2m_census *census, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	int ret;

	do
		ret = census_once(self, census, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}
