#include "store/dir_index.h"

#include <stdlib.h>
#include <string.h>

/* An older v2m made this table together with those of the records.  The column
 * `wanted` is for dir_wanted.c, the table `tidied` for dir_tidy.c. */
static const char *const steps[] = {
	"CREATE TABLE IF NOT EXISTS object ("
	"kind TEXT NOT NULL, id TEXT NOT NULL,"
	"length INTEGER NOT NULL, sha256 TEXT NOT NULL,"
	"name TEXT NOT NULL, owner TEXT NOT NULL,"
	"video TEXT NOT NULL, fence INTEGER NOT NULL,"
	"created_at INTEGER NOT NULL,"
	"PRIMARY KEY (kind, id));"
	"CREATE INDEX IF NOT EXISTS object_video ON object (video, kind, id);",
	"ALTER TABLE object ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX object_loose ON object (kind, id) WHERE wanted = 0;"
	"CREATE TABLE tidied (folder TEXT NOT NULL PRIMARY KEY,"
	"stamp TEXT NOT NULL, complete INTEGER NOT NULL);"
	"CREATE TRIGGER object_gone AFTER DELETE ON object BEGIN "
	"DELETE FROM tidied; END;",
	NULL,
};

#define OBJECT "SELECT id, length, sha256, name, owner, video, fence, " \
	"created_at FROM object "

static const char *
word_of(enum v2m_kind kind)
{
	return kind == V2M_VIDEO ? "video" : "mp3";
}

int
v2m_dir_index_init(struct v2m_db *db, struct v2m_err *err)
{
	return v2m_db_migrate(db, "objects", steps, err);
}

int
v2m_dir_index_ready(struct v2m_db *db, struct v2m_err *err)
{
	return v2m_db_expect(db, "objects", steps, err);
}

int
v2m_dir_index_add(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err)
{
	bool taken;

	if (v2m_db_run(db, err, &taken, "INSERT INTO object (kind, id, "
	    "length, sha256, name, owner, video, fence, created_at) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "ttittttii", word_of(kind),
	    object->id, object->length, object->sha256, object->name,
	    object->owner, object->video, object->fence,
	    object->created_at) >= 0)
		return 1;
	return taken ? 0 : -1;
}

static void
fill_object(struct v2m_object *o, struct v2m_rows *rows)
{
	memset(o, 0, sizeof *o);
	v2m_text_copy(o->id, sizeof o->id, v2m_rows_text(rows, 0));
	o->length = v2m_rows_int(rows, 1);
	v2m_text_copy(o->sha256, sizeof o->sha256, v2m_rows_text(rows, 2));
	v2m_text_copy(o->name, sizeof o->name, v2m_rows_text(rows, 3));
	v2m_text_copy(o->owner, sizeof o->owner, v2m_rows_text(rows, 4));
	v2m_text_copy(o->video, sizeof o->video, v2m_rows_text(rows, 5));
	o->fence = v2m_rows_int(rows, 6);
	o->created_at = v2m_rows_int(rows, 7);
}

int
v2m_dir_index_find(struct v2m_db *db, enum v2m_kind kind,
    const char *id, struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_rows *rows = v2m_db_query(db, err,
	    OBJECT "WHERE kind = ? AND id = ?", "tt", word_of(kind), id);
	int found;

	if (rows == NULL)
		return -1;
	found = v2m_rows_next(rows, err);
	if (found == 1 && object != NULL)
		fill_object(object, rows);
	v2m_rows_free(rows);
	return found;
}

int
v2m_dir_index_drop(struct v2m_db *db, enum v2m_kind kind,
    const char *id, struct v2m_err *err)
{
	return v2m_db_run(db, err, NULL, "DELETE FROM object WHERE "
	    "kind = ? AND id = ?", "tt", word_of(kind), id) < 0 ? -1 : 0;
}

int
v2m_dir_index_adopt(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err)
{
	return (int)v2m_db_run(db, err, NULL, "UPDATE object SET "
	    "fence = ?, created_at = ? WHERE kind = ? AND id = ? AND "
	    "length = ? AND sha256 = ? AND fence > 0 AND fence < ?",
	    "iittiti", object->fence, object->created_at, word_of(kind),
	    object->id, object->length, object->sha256, object->fence);
}

int
v2m_dir_index_drop_fenced(struct v2m_db *db, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err)
{
	return (int)v2m_db_run(db, err, NULL, "DELETE FROM object WHERE "
	    "kind = ? AND id = ? AND fence = ?", "tti", word_of(kind),
	    object->id, object->fence);
}

/* Which objects to read. */
struct choice {
	struct v2m_db *db;
	const char *sql;	/* parameters: kind, last ID, limit */
	enum v2m_kind kind;
	const char *video;	/* a parameter before them, unless NULL */
};

static int
read_objects(void *from, const char *after, struct v2m_object *page,
    struct v2m_err *err)
{
	const struct choice *c = from;
	const char *kind = word_of(c->kind);
	int64_t most = V2M_OBJECTS_PAGE;
	struct v2m_rows *rows = c->video == NULL ?
	    v2m_db_query(c->db, err, c->sql, "tti", kind, after, most) :
	    v2m_db_query(c->db, err, c->sql, "ttti", c->video, kind, after,
	    most);
	int n = 0, more;

	if (rows == NULL)
		return -1;
	while ((more = v2m_rows_next(rows, err)) == 1 && n < most)
		fill_object(&page[n++], rows);
	v2m_rows_free(rows);
	return more < 0 ? -1 : n;
}

int
v2m_dir_index_objects(struct v2m_db *db, enum v2m_kind kind,
    const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	struct choice c = { db, video == NULL ?
	    OBJECT "WHERE kind = ? AND id > ? ORDER BY id LIMIT ?" :
	    OBJECT "WHERE video = ? AND kind = ? AND id > ? ORDER BY id "
	    "LIMIT ?", kind, video };

	return v2m_objects_by_page(read_objects, &c, each, arg, err);
}

int
v2m_dir_index_loose(struct v2m_db *db, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	struct choice loose = { db, OBJECT "INDEXED BY object_loose "
	    "WHERE wanted = 0 AND kind = ? AND id > ? ORDER BY id LIMIT ?",
	    kind, NULL };

	return v2m_objects_by_page(read_objects, &loose, each, arg, err);
}
