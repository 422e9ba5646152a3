/* The sqlite driver of records: opens and closes the database, and has the
 * table of functions. */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"

/* The columns of `record` are added from the table of fields.  An older v2m
 * also made the table of objects here; now dir_index.c does. */
static const char *const steps[] = {
	"CREATE TABLE record (id TEXT NOT NULL PRIMARY KEY,"
	"rev INTEGER NOT NULL);",
	"CREATE TABLE note (kind TEXT NOT NULL, key TEXT NOT NULL,"
	"rev INTEGER NOT NULL, until INTEGER NOT NULL, text TEXT NOT NULL,"
	"PRIMARY KEY (kind, key));"
	"CREATE INDEX note_until ON note (kind, until);",
	/* sqlite_schema.c has the indexes that replace them. */
	"DROP INDEX IF EXISTS record_state;"
	"DROP INDEX IF EXISTS record_sha256;",
	/* For the counts, which the triggers of sqlite_tally.c keep. */
	"CREATE TABLE IF NOT EXISTS tally (owner TEXT NOT NULL,"
	"state INTEGER NOT NULL, jobs INTEGER NOT NULL,"
	"bytes INTEGER NOT NULL, PRIMARY KEY (owner, state)) WITHOUT ROWID;"
	"DROP INDEX IF EXISTS record_usage;"
	"DROP INDEX IF EXISTS record_waits;",
	NULL,
};

const char *
v2m_sqlite_folder(const struct v2m_conf *conf, const char *key,
    struct v2m_err *err)
{
	const char *root = v2m_conf_rest(conf, key, "dir");

	if (root[0] == '/' && strlen(root) <= V2M_SQLITE_PATH - 64)
		return root;
	if (root[0] == '\0')
		v2m_err_set(err, V2M_CONFIG, "%s: dir: without a folder (use "
		    "dir:/FOLDER)", key);
	else if (root[0] != '/')
		v2m_err_set(err, V2M_CONFIG, "%s: '%s' is not an absolute "
		    "path (use dir:/FOLDER)", key, root);
	else
		v2m_err_set(err, V2M_CONFIG, "%s: path too long: '%s'", key,
		    root);
	return NULL;
}

static struct v2m_sqlite *
new_one(const struct v2m_conf *conf, const char *key,
    char path[V2M_SQLITE_PATH], struct v2m_err *err)
{
	const char *root = v2m_sqlite_folder(conf, key, err);
	struct v2m_sqlite *q;

	if (root == NULL)
		return NULL;
	q = calloc(1, sizeof *q);
	if (q == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	snprintf(q->root, sizeof q->root, "%s", root);
	snprintf(path, V2M_SQLITE_PATH, "%s/" V2M_SQLITE_FILE, root);
	return q;
}

static void
sqlite_close(void *self)
{
	struct v2m_sqlite *q = self;

	v2m_db_close(q->db);
	free(q->select);
	free(q->insert);
	free(q);
}

static int
sqlite_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	char path[V2M_SQLITE_PATH];
	struct v2m_sqlite *q = new_one(conf, key, path, err);
	int ret = -1;

	if (q == NULL)
		return -1;
	if (v2m_io_mkdirs(q->root, 0700, err) == 0 &&
	    (q->db = v2m_db_open(path, true, err)) != NULL &&
	    v2m_db_migrate(q->db, "store", steps, err) == 0 &&
	    v2m_sqlite_records_init(q->db, err) == 0 &&
	    v2m_io_sync_dir(q->root, err) == 0) {
		v2m_sqlite_reserve_keep(q, v2m_conf_number(conf,
		    "free_reserve"));
		ret = 0;
	}
	sqlite_close(q);
	return ret;
}

static void *
sqlite_open(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	char path[V2M_SQLITE_PATH];
	struct v2m_sqlite *q = new_one(conf, key, path, err);

	if (q == NULL)
		return NULL;
	q->db = v2m_db_open_of(conf, key, path, err);
	if (q->db != NULL && v2m_db_expect(q->db, "store", steps, err) == 0 &&
	    v2m_sqlite_records_open(q, err) == 0)
		return q;
	sqlite_close(q);
	return NULL;
}

static int
sqlite_ready(void *self, struct v2m_err *err)
{
	struct v2m_sqlite *q = self;

	return v2m_db_expect(q->db, "store", steps, err);
}

static int
sqlite_now(void *self, int64_t *now_ms, struct v2m_err *err)
{
	(void)self;
	(void)err;
	*now_ms = v2m_wall_ms();
	return 0;
}

const struct v2m_records_ops v2m_records_sqlite = {
	.init = sqlite_init,
	.open = sqlite_open,
	.close = sqlite_close,
	.ready = sqlite_ready,
	.now = sqlite_now,
	.keep_room = v2m_sqlite_reserve_keep,
	.get = v2m_sqlite_get,
	.get_by_mp3 = v2m_sqlite_get_by_mp3,
	.insert = v2m_sqlite_insert,
	.put = v2m_sqlite_reserve_put,
	.forget = v2m_sqlite_forget,
	.list = v2m_sqlite_list,
	.next_owner = v2m_sqlite_next_owner,
	.next_fresh = v2m_sqlite_next_fresh,
	.count = v2m_sqlite_count,
	.usage = v2m_sqlite_usage,
	.census = v2m_sqlite_census,
	.document_get = v2m_sqlite_document_get,
	.document_put = v2m_sqlite_document_put,
	.document_drop = v2m_sqlite_document_drop,
	.document_list = v2m_sqlite_document_list,
};
