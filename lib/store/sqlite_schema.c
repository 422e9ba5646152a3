/* The table record: its columns and indexes. */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_index.h"

/* Call add for each column of the table of fields that the database lacks. */
static int
each_missing(struct v2m_db *db, int (*add)(struct v2m_db *db,
    const struct v2m_field *f, struct v2m_err *err), struct v2m_err *err)
{
	const struct v2m_field *f;
	int64_t there;

	for (f = v2m_record_fields; f->name != NULL; f++) {
		if (v2m_db_int(db, err, &there, "SELECT count(*) FROM "
		    "pragma_table_info('record') WHERE name = ?", "t",
		    f->name) < 0)
			return -1;
		if (there == 0 && add(db, f, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_column(struct v2m_db *db, const struct v2m_field *f, struct v2m_err *err)
{
	char sql[256];

	snprintf(sql, sizeof sql, "ALTER TABLE record ADD COLUMN \"%s\" %s",
	    f->name, f->kind == V2M_FIELD_INT ? "INTEGER NOT NULL DEFAULT 0" :
	    "TEXT NOT NULL DEFAULT ''");
	return v2m_db_run(db, err, NULL, sql, "") < 0 ? -1 : 0;
}

static int
refuse_older(const char *name, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_CONFIG, "the store was set up by an older "
	    "v2m (its records have no '%s'): run v2m-init, which upgrades it "
	    "and keeps what is in it", name);
}

static int
refuse_value(struct v2m_db *db, const struct v2m_field *f, struct v2m_err *err)
{
	(void)db;
	return refuse_older(f->name, err);
}

/* The name ends with the first space. */
static const char *const indexes[] = {
	"record_state_id ON record (state, id)",
	"record_owner ON record (owner, id)",
	"record_mp3 ON record (mp3)",
	"record_owner_sha256 ON record (owner, sha256, id)",
	"record_unannounced ON record (state, id) WHERE announced = 0",
	"record_told ON record (told, id)",
	"record_failure ON record (failure, id) WHERE failure <> 0",
	"record_old_video ON record (" V2M_SQLITE_ENDED ") "
	    "WHERE " V2M_SQLITE_HAS_VIDEO,
	"record_old_fetched ON record (fetched_at) WHERE " V2M_SQLITE_FETCHED,
	"record_old_unfetched ON record (" V2M_SQLITE_ENDED ") "
	    "WHERE " V2M_SQLITE_UNFETCHED,
	"record_old_failed ON record (" V2M_SQLITE_ENDED ") "
	    "WHERE " V2M_SQLITE_HAS_FAILED,
	"record_old ON record (" V2M_SQLITE_TOUCHED ") "
	    "WHERE " V2M_SQLITE_IS_EMPTY,
	"record_queued ON record (state, queued_at, due)",
	"record_untold ON record (state, done_at) WHERE " V2M_SQLITE_UNTOLD,
	"record_undelivered ON record (id) WHERE " V2M_SQLITE_UNDELIVERED,
	"record_fresh ON record (owner, id) WHERE " V2M_SQLITE_FRESH,
	"record_owner_state ON record (owner, state, id)",
};

/* An interrupted upgrade may have set the version without making all
 * indexes. */
static int
expect_indexes(struct v2m_db *db, struct v2m_err *err)
{
	char name[64];
	int64_t there;
	size_t i;

	for (i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(indexes[i],
		    " "), indexes[i]);
		if (v2m_db_int(db, err, &there, "SELECT count(*) FROM "
		    "sqlite_master WHERE type = 'index' AND name = ?", "t",
		    name) < 0)
			return -1;
		if (there == 0)
			return refuse_older(name, err);
	}
	return 0;
}

static int
expect_triggers(struct v2m_db *db, struct v2m_err *err)
{
	int64_t there;

	if (v2m_db_int(db, err, &there, "SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'trigger' AND name IN ('tally_insert', "
	    "'tally_delete', 'tally_update')", "") < 0)
		return -1;
	return there == 3 ? 0 : refuse_older("tally", err);
}

int
v2m_sqlite_records_init(struct v2m_db *db, struct v2m_err *err)
{
	char sql[512];
	size_t i;

	if (v2m_db_begin(db, err) < 0)
		return -1;
	if (each_missing(db, add_column, err) < 0)
		goto fail;
	for (i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
		snprintf(sql, sizeof sql, "CREATE INDEX IF NOT EXISTS %s",
		    indexes[i]);
		if (v2m_db_run(db, err, NULL, sql, "") < 0)
			goto fail;
	}
	if (v2m_sqlite_tally_init(db, err) == 0 &&
	    v2m_db_commit(db, err) == 0)
		return 0;
fail:
	v2m_db_rollback(db);
	return -1;
}

static void
write_insert(FILE *out)
{
	const struct v2m_field *f;

	fputs("INSERT INTO record (", out);
	for (f = v2m_record_fields; f->name != NULL; f++)
		fprintf(out, "\"%s\", ", f->name);
	fputs("rev, id) VALUES (", out);
	for (f = v2m_record_fields; f->name != NULL; f++)
		fputs("?, ", out);
	fputs("?, ?)", out);
}

static void
write_select(FILE *out)
{
	const struct v2m_field *f;

	fputs("SELECT id, rev", out);
	for (f = v2m_record_fields; f->name != NULL; f++)
		fprintf(out, ", \"%s\"", f->name);
	fputs(" FROM record", out);
}

static char *
compose_sql(void (*write_sql)(FILE *out), struct v2m_err *err)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out != NULL) {
		write_sql(out);
		if (fclose(out) == 0)
			return sql;
	}
	v2m_err_sys(err, V2M_TEMP, "cannot open the store");
	free(sql);
	return NULL;
}

int
v2m_sqlite_records_open(struct v2m_sqlite *ix, struct v2m_err *err)
{
	if (each_missing(ix->db, refuse_value, err) < 0 ||
	    expect_indexes(ix->db, err) < 0 ||
	    expect_triggers(ix->db, err) < 0)
		return -1;
	if ((ix->insert = compose_sql(write_insert, err)) == NULL ||
	    (ix->select = compose_sql(write_select, err)) == NULL)
		return -1;
	return 0;
}
