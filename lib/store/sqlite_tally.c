/* The number of jobs in each state of an owner, and their bytes.  Triggers keep
 * them up to date, as counting takes longer the more jobs there are. */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>

/* The bytes of a job: its video and its MP3, if they are stored. */
#define BYTES(r) r "length * (" r "video_gone = 0) + " \
	r "mp3_length * (" r "mp3 <> '')"
#define COUNT_IN "INSERT INTO tally VALUES (new.owner, new.state, 1, " \
	BYTES("new.") ") ON CONFLICT (owner, state) DO UPDATE SET " \
	"jobs = jobs + 1, bytes = bytes + excluded.bytes;"
#define COUNT_OUT "UPDATE tally SET jobs = jobs - 1, bytes = bytes - (" \
	BYTES("old.") ") WHERE owner = old.owner AND state = old.state;" \
	"DELETE FROM tally WHERE owner = old.owner AND state = old.state " \
	"AND jobs = 0;"

/* Accepted and not removed jobs; and those of them that wait or run. */
#define ACCEPTED "state NOT IN (0, 6)"
#define WAITS "state IN (1, 2, 3)"
_Static_assert(V2M_JOB_NEW == 0 && V2M_JOB_HELD == 1 && V2M_JOB_QUEUED == 2 &&
    V2M_JOB_RUNNING == 3 && V2M_JOB_CANCELLED == 6, "the states in SQL");

int
v2m_sqlite_tally_init(struct v2m_db *db, struct v2m_err *err)
{
	static const char *const steps[] = {
		"DROP TRIGGER IF EXISTS tally_insert",
		"DROP TRIGGER IF EXISTS tally_delete",
		"DROP TRIGGER IF EXISTS tally_update",
		"CREATE TRIGGER tally_insert AFTER INSERT ON record BEGIN "
		    COUNT_IN " END",
		"CREATE TRIGGER tally_delete AFTER DELETE ON record BEGIN "
		    COUNT_OUT " END",
		"CREATE TRIGGER tally_update AFTER UPDATE OF owner, state, "
		    "length, video_gone, mp3, mp3_length ON record BEGIN "
		    COUNT_OUT COUNT_IN " END",
		"DELETE FROM tally",
		"INSERT INTO tally SELECT owner, state, count(*), sum("
		    BYTES("") ") FROM record GROUP BY owner, state",
	};
	size_t i;

	for (i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (v2m_db_run(db, err, NULL, steps[i], "") < 0)
			return -1;
	return 0;
}

/* 1; 0: there is no row; -1. */
static int
read_pair(struct v2m_rows *rows, int64_t *a, int64_t *b, struct v2m_err *err)
{
	int got;

	if (rows == NULL)
		return -1;
	got = v2m_rows_next(rows, err);
	if (got == 1) {
		*a = v2m_rows_int(rows, 0);
		*b = v2m_rows_int(rows, 1);
	}
	v2m_rows_free(rows);
	return got;
}

int
v2m_sqlite_tally(struct v2m_sqlite *q, const char *owner, int state,
    int64_t *n, struct v2m_err *err)
{
	int64_t bytes;

	*n = 0;
	return read_pair(v2m_db_query(q->db, err, "SELECT sum(jobs), "
	    "sum(bytes) FROM tally WHERE owner = ?1 AND (?2 < 0 OR "
	    "state = ?2)", "ti", owner, (int64_t)state), n, &bytes, err) < 0 ?
	    -1 : 0;
}

/* The IDs as one JSON array, so that their number is not limited. */
static char *
as_array(const char *const *ids, size_t n, struct v2m_err *err)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (out != NULL) {
		fputc('[', out);
		for (i = 0; i < n; i++)
			fprintf(out, "%s\"%s\"", i > 0 ? "," : "", ids[i]);
		fputc(']', out);
		if (fclose(out) == 0)
			return text;
	}
	v2m_err_sys(err, V2M_TEMP, "cannot count the jobs");
	free(text);
	return NULL;
}

/* One statement, so that no job is in only one of the two sums. */
int
v2m_sqlite_usage(void *self, const char *owner, const char *const *skip,
    size_t n, bool with_bytes, struct v2m_usage *usage, struct v2m_err *err)
{
	struct v2m_sqlite *q = self;
	char *ids = as_array(skip, n, err);
	int got;

	if (ids == NULL)
		return -1;
	got = read_pair(v2m_db_query(q->db, err, "SELECT "
	    "sum(jobs * (" WAITS ")), sum(bytes) FROM ("
	    "SELECT state, jobs, bytes FROM tally WHERE owner = ? UNION ALL "
	    "SELECT state, -1, -(" BYTES("") ") FROM record WHERE owner = ? "
	    "AND id IN (SELECT value FROM json_each(?))) WHERE " ACCEPTED,
	    "ttt", owner, owner, ids), &usage->jobs, &usage->bytes, err);
	free(ids);
	if (!with_bytes)
		usage->bytes = 0;
	return got == 1 ? 0 : -1;
}
