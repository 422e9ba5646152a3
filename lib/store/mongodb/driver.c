/* Open and close, and the tables of functions. */
#include "store/mongodb/mongodb.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/module.h"
#include "store/driver.h"

#define CHUNK_MIN 1000
#define CHUNK_MAX (15 << 20)	/* a document has at most 16 MiB */

static const char *const databases[] = {
	[V2M_VIDEO] = "videos",
	[V2M_MP3] = "mp3s",
};

static void
mongodb_close(void *self)
{
	struct v2m_mongodb *m = self;
	int kind;

	if (--m->halves > 0)
		return;
	for (kind = V2M_VIDEO; kind <= V2M_MP3; kind++) {
		mongoc_collection_destroy(m->files[kind]);
		mongoc_collection_destroy(m->chunks[kind]);
	}
	mongoc_collection_destroy(m->partials);
	mongoc_collection_destroy(m->jobs);
	mongoc_collection_destroy(m->documents);
	mongoc_client_destroy(m->client);
	if (m->key_fd >= 0)
		close(m->key_fd);
	free(m);
}

static int
read_chunk_size(struct v2m_mongodb *m, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	int64_t size = v2m_conf_number(conf, "chunk_size");

	if (size < CHUNK_MIN || size > CHUNK_MAX)
		return v2m_err_set(err, V2M_CONFIG, "chunk_size: '%s' is not "
		    "between 1k and 15M", v2m_conf_text(conf, "chunk_size"));
	m->chunk_size = (int32_t)size;
	return 0;
}

static void
name_collections(struct v2m_mongodb *m)
{
	int kind;

	for (kind = V2M_VIDEO; kind <= V2M_MP3; kind++) {
		m->files[kind] = mongoc_client_get_collection(m->client,
		    databases[kind], "fs.files");
		m->chunks[kind] = mongoc_client_get_collection(m->client,
		    databases[kind], "fs.chunks");
	}
	m->partials = mongoc_client_get_collection(m->client,
	    databases[V2M_VIDEO], "v2m.partials");
	m->jobs = mongoc_client_get_collection(m->client,
	    databases[V2M_VIDEO], "v2m.jobs");
	m->documents = mongoc_client_get_collection(m->client,
	    databases[V2M_VIDEO], "v2m.notes");
}

/* No request is sent: the first step that needs one does. */
static void *
mongodb_open(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	struct v2m_mongodb *m = calloc(1, sizeof *m);

	if (m == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	m->key_fd = -1;
	m->halves = 1;
	v2m_mongodb_quiet();
	if (read_chunk_size(m, conf, err) < 0 ||
	    v2m_mongodb_connect(m, conf, key, err) < 0) {
		mongodb_close(m);
		return NULL;
	}
	name_collections(m);
	return m;
}

static void *
gridfs_open(const struct v2m_conf *conf, const char *key, void *records,
    struct v2m_err *err)
{
	struct v2m_mongodb *m = records;

	if (m == NULL)
		return mongodb_open(conf, key, err);
	m->halves++;
	return m;
}

/* The records have checked the same connection. */
static int
gridfs_ready(void *self, struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	int64_t now;

	return m->halves > 1 ? 0 : v2m_mongodb_now(m, &now, err);
}

static int
init_half(const struct v2m_conf *conf, const char *key,
    int (*make)(struct v2m_mongodb *m, struct v2m_err *err),
    struct v2m_err *err)
{
	struct v2m_mongodb *m = mongodb_open(conf, key, err);
	int ret;

	if (m == NULL)
		return -1;
	ret = make(m, err);
	if (ret == 0)
		v2m_mongodb_warn_once(m);
	mongodb_close(m);
	return ret;
}

static int
mongodb_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	return init_half(conf, key, v2m_mongodb_index_records, err);
}

static int
gridfs_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	return init_half(conf, key, v2m_mongodb_index_objects, err);
}

static const struct v2m_records_ops records_mongodb = {
	.init = mongodb_init,
	.open = mongodb_open,
	.close = mongodb_close,
	.now = v2m_mongodb_now,
	.get = v2m_mongodb_get,
	.get_by_mp3 = v2m_mongodb_get_by_mp3,
	.insert = v2m_mongodb_insert,
	.put = v2m_mongodb_put,
	.forget = v2m_mongodb_forget,
	.list = v2m_mongodb_list,
	.next_owner = v2m_mongodb_next_owner,
	.next_fresh = v2m_mongodb_next_fresh,
	.count = v2m_mongodb_count,
	.usage = v2m_mongodb_usage,
	.census = v2m_mongodb_census,
	.document_get = v2m_mongodb_document_get,
	.document_put = v2m_mongodb_document_put,
	.document_drop = v2m_mongodb_document_drop,
	.document_list = v2m_mongodb_document_list,
};

static const struct v2m_objects_ops objects_gridfs = {
	.init = gridfs_init,
	.open = gridfs_open,
	.close = mongodb_close,
	.ready = gridfs_ready,
	.create = v2m_mongodb_create,
	.write = v2m_mongodb_write,
	.commit = v2m_mongodb_commit,
	.discard = v2m_mongodb_discard,
	.stat = v2m_mongodb_stat,
	.read = v2m_mongodb_read,
	.read_on = v2m_mongodb_read_on,
	.pread = v2m_mongodb_pread,
	.release = v2m_mongodb_release,
	.remove = v2m_mongodb_remove,
	.objects = v2m_mongodb_objects,
	.tidy = v2m_mongodb_tidy,
	.partial_chunk_size = v2m_mongodb_partial_chunk_size,
	.partial_begin = v2m_mongodb_partial_begin,
	.partial_take = v2m_mongodb_partial_take,
	.partial_write = v2m_mongodb_partial_write,
	.partial_read = v2m_mongodb_partial_read,
	.partial_finish = v2m_mongodb_partial_finish,
	.partial_unfinish = v2m_mongodb_partial_unfinish,
	.partial_erase = v2m_mongodb_partial_erase,
};

V2M_EXPORT const struct v2m_store_driver v2m_store_mongodb = {
	.records = &records_mongodb,
	.objects = &objects_gridfs,
};
