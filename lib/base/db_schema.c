/* The versions of a database's tables. */
#include "base/db_private.h"

static int
version_of(struct v2m_db *db, const char *component, int64_t *version,
    struct v2m_err *err)
{
	int64_t tables;

	*version = 0;
	if (v2m_db_int(db, err, &tables, "SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'table' AND name = 'v2m_schema'", "") < 0)
		return -1;
	if (tables == 0)
		return 0;
	return v2m_db_int(db, err, version, "SELECT version FROM v2m_schema "
	    "WHERE component = ?", "t", component) < 0 ? -1 : 0;
}

static int64_t
count_steps(const char *const *steps)
{
	int64_t n = 0;

	while (steps[n] != NULL)
		n++;
	return n;
}

int
v2m_db_migrate(struct v2m_db *db, const char *component,
    const char *const *steps, struct v2m_err *err)
{
	int64_t version, wanted = count_steps(steps);

	if (v2m_db_begin(db, err) < 0)
		return -1;
	if (v2m_db_execute(db, "CREATE TABLE IF NOT EXISTS v2m_schema ("
	    "component TEXT PRIMARY KEY, version INTEGER NOT NULL)", err) < 0 ||
	    version_of(db, component, &version, err) < 0)
		goto fail;
	if (version > wanted) {
		v2m_err_set(err, V2M_CONFIG, "database '%s' was made by a "
		    "newer v2m: install that one", db->path);
		goto fail;
	}
	for (; version < wanted; version++)
		if (v2m_db_execute(db, steps[version], err) < 0)
			goto fail;
	if (v2m_db_run(db, err, NULL, "INSERT INTO v2m_schema VALUES (?, ?) "
	    "ON CONFLICT (component) DO UPDATE SET version = excluded.version",
	    "ti", component, wanted) < 0)
		goto fail;
	return v2m_db_commit(db, err);
fail:
	v2m_db_rollback(db);
	return -1;
}

int
v2m_db_expect(struct v2m_db *db, const char *component,
    const char *const *steps, struct v2m_err *err)
{
	int64_t version;

	if (version_of(db, component, &version, err) < 0)
		return -1;
	if (version > 0 && version < count_steps(steps))
		return v2m_err_set(err, V2M_CONFIG, "database '%s' was made by "
		    "an older v2m: run v2m-init, which upgrades it and keeps "
		    "what is in it", db->path);
	if (version < count_steps(steps))
		return v2m_err_set(err, V2M_CONFIG, "database '%s' is not set "
		    "up: run v2m-init", db->path);
	if (version > count_steps(steps))
		return v2m_err_set(err, V2M_CONFIG, "database '%s' was made by "
		    "a newer v2m: install that one", db->path);
	return 0;
}
