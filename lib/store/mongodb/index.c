/* Indexes: those of the GridFS specification, and our own. */
#include "store/mongodb/mongodb.h"

#include "base/log.h"

struct index {
	const char *keys;		/* as JSON */
	bool unique;
};

static const struct index of_files[] = {
	{ "{\"filename\": 1, \"uploadDate\": 1}", false },
	{ "{\"metadata.video\": 1, \"_id\": 1}", false },
	{ NULL, false },
};

static const struct index of_chunks[] = {
	{ "{\"files_id\": 1, \"n\": 1}", true },
	{ NULL, false },
};

static const struct index of_jobs[] = {
	{ "{\"state\": 1, \"_id\": 1}", false },
	{ "{\"state\": 1, \"announced\": 1, \"_id\": 1}", false },
	{ "{\"state\": 1, \"queued_at\": 1, \"due\": 1}", false },
	{ "{\"state\": 1, \"fence\": 1, \"owner\": 1, \"_id\": 1}", false },
	{ "{\"told\": 1, \"state\": 1, \"done_at\": 1}", false },
	{ "{\"owner\": 1, \"_id\": 1}", false },
	{ "{\"owner\": 1, \"state\": 1}", false },
	{ "{\"owner\": 1, \"sha256\": 1}", false },
	{ "{\"mp3\": 1}", false },
	{ "{\"told\": 1, \"_id\": 1}", false },
	{ "{\"failure\": 1, \"_id\": 1}", false },
	{ "{\"state\": 1, \"video_gone\": 1, \"done_at\": 1}", false },
	{ "{\"state\": 1, \"fetched_at\": 1, \"done_at\": 1}", false },
	{ "{\"state\": 1, \"done_at\": 1}", false },
	{ NULL, false },
};

static const struct index of_documents[] = {
	{ "{\"kind\": 1, \"key\": 1}", true },
	{ "{\"kind\": 1, \"until\": 1}", false },
	{ NULL, false },
};

/* Server errors: the index exists with other options or keys. */
#define OPTIONS_CONFLICT 85
#define SPECS_CONFLICT 86

static int
make(struct v2m_mongodb *m, mongoc_collection_t *in, const struct index *ix,
    struct v2m_err *err)
{
	bson_t *keys, *command;
	bson_error_t error;
	char *name;
	bool made;

	keys = bson_new_from_json((const uint8_t *)ix->keys, -1, &error);
	if (keys == NULL)
		return v2m_err_set(err, V2M_BUG, "%s: %s", ix->keys,
		    error.message);
	/* The names that other drivers give, so that their indexes are
	 * found. */
	name = mongoc_collection_keys_to_index_string(keys);
	command = BCON_NEW("createIndexes",
	    BCON_UTF8(mongoc_collection_get_name(in)),
	    "indexes", "[", "{", "key", BCON_DOCUMENT(keys), "name",
	    BCON_UTF8(name), "unique", BCON_BOOL(ix->unique), "}", "]");
	made = mongoc_collection_write_command_with_opts(in, command, NULL,
	    NULL, &error);
	if (!made && (error.code == OPTIONS_CONFLICT ||
	    error.code == SPECS_CONFLICT)) {
		v2m_warn("%s has another index %s already, which is kept",
		    mongoc_collection_get_name(in), name);
		made = true;
	}
	if (!made)
		v2m_mongodb_err(m, &error, err, "make the index %s of %s",
		    name, mongoc_collection_get_name(in));
	bson_destroy(command);
	bson_free(name);
	bson_destroy(keys);
	return made ? 0 : -1;
}

static int
make_all(struct v2m_mongodb *m, mongoc_collection_t *in,
    const struct index *ix, struct v2m_err *err)
{
	for (; ix->keys != NULL; ix++)
		if (make(m, in, ix, err) < 0)
			return -1;
	return 0;
}

int
v2m_mongodb_index_objects(struct v2m_mongodb *m, struct v2m_err *err)
{
	int kind;

	for (kind = V2M_VIDEO; kind <= V2M_MP3; kind++)
		if (make_all(m, m->files[kind], of_files, err) < 0 ||
		    make_all(m, m->chunks[kind], of_chunks, err) < 0)
			return -1;
	return 0;
}

int
v2m_mongodb_index_records(struct v2m_mongodb *m, struct v2m_err *err)
{
	if (make_all(m, m->jobs, of_jobs, err) < 0)
		return -1;
	return make_all(m, m->documents, of_documents, err);
}
