/* How many jobs there are of each state, added up by the server. */
#include "store/mongodb.h"

#include <string.h>

#include "base/clock.h"

/* Sums of plain fields only: not every server has expressions. */
static bson_t *
make_pipeline(void)
{
	return BCON_NEW("pipeline", "[", "{", "$group", "{",
	    "_id", BCON_UTF8("$state"),
	    "jobs", "{", "$sum", BCON_INT32(1), "}",
	    "mp3", "{", "$sum", BCON_UTF8("$mp3_length"), "}",
	    "sound", "{", "$sum", BCON_UTF8("$duration_ms"), "}",
	    "created", "{", "$sum", BCON_UTF8("$created_at"), "}",
	    "done", "{", "$sum", BCON_UTF8("$done_at"), "}",
	    "}", "}", "]");
}

static void
take(const bson_t *doc, struct v2m_census *census)
{
	int64_t state = v2m_mongodb_int(doc, "_id", -1), took;

	if (state < 0 || state >= V2M_STATES)
		return;
	census->states[state].jobs = v2m_mongodb_int(doc, "jobs", 0);
	census->states[state].mp3_bytes = v2m_mongodb_int(doc, "mp3", 0);
	census->states[state].sound_ms = v2m_mongodb_int(doc, "sound", 0);
	took = v2m_mongodb_int(doc, "done", 0) -
	    v2m_mongodb_int(doc, "created", 0);
	census->states[state].took_ms = took > 0 ? took : 0;
}

static int
census_once(struct v2m_mongodb *m, struct v2m_census *census,
    struct v2m_err *err)
{
	bson_t *pipeline = make_pipeline();
	mongoc_cursor_t *cursor;
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	memset(census, 0, sizeof *census);
	cursor = mongoc_collection_aggregate(m->jobs, MONGOC_QUERY_NONE,
	    pipeline, NULL, NULL);
	while (mongoc_cursor_next(cursor, &doc))
		take(doc, census);
	if (mongoc_cursor_error(cursor, &error))
		ret = v2m_mongodb_err(m, &error, err, "count the records");
	mongoc_cursor_destroy(cursor);
	bson_destroy(pipeline);
	return ret;
}

int
v2m_mongodb_census(void *self, struct v2m_census *census, struct v2m_err *err)
{
	struct v2m_err failure = { 0 };
	int64_t since = v2m_mono_ms();

	do {
		if (census_once(self, census, &failure) == 0)
			return 0;
	} while (v2m_mongodb_again(since, V2M_MONGODB_ASK_MS, &failure));
	if (err != NULL)
		*err = failure;
	return -1;
}
