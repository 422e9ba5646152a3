/* Which objects a record needs: the column `wanted` of the index.  Triggers
 * keep it up to date, so that v2m-prune need not check all objects.
 *
 * 1: the object is needed, and only its age can change that: its record was not
 * removed, and has this video or MP3.  0: v2m-prune has to read the record.  A
 * 0 too many only costs time. */
#include "store/dir_index.h"
#include "store/record.h"

/* In SQL, states are the numbers of enum v2m_state. */
#define DONE "4"
#define CANCELLED "6"
_Static_assert(V2M_JOB_DONE == 4 && V2M_JOB_CANCELLED == 6,
    "the states that the triggers name");

#define IS_WANTED "CASE kind WHEN 'video' THEN EXISTS (" \
	"SELECT 1 FROM record r WHERE r.id = object.id AND " \
	"r.state <> " CANCELLED " AND r.video_gone = 0 AND " \
	"NOT (r.state = " DONE " AND r.mp3 = '')) ELSE EXISTS (" \
	"SELECT 1 FROM record r WHERE r.mp3 = object.id AND " \
	"r.state <> " CANCELLED " AND object.video IN ('', r.id)) END"

#define JUDGE "UPDATE object SET wanted = " IS_WANTED " WHERE "
#define ITS_VIDEO(row) "kind = 'video' AND id = " row ".id;"
#define ITS_MP3(row) "kind = 'mp3' AND id = " row ".mp3;"

static const char *const triggers[] = {
	"CREATE TRIGGER object_new AFTER INSERT ON object BEGIN "
	    JUDGE "kind = NEW.kind AND id = NEW.id; END",
	"CREATE TRIGGER record_new AFTER INSERT ON record BEGIN "
	    JUDGE ITS_VIDEO("NEW") JUDGE ITS_MP3("NEW") "END",
	"CREATE TRIGGER record_change AFTER UPDATE ON record WHEN "
	    "NEW.mp3 <> OLD.mp3 OR NEW.video_gone <> OLD.video_gone OR "
	    "(NEW.state = " DONE ") <> (OLD.state = " DONE ") OR "
	    "(NEW.state = " CANCELLED ") <> (OLD.state = " CANCELLED ") "
	    "BEGIN " JUDGE ITS_VIDEO("NEW") JUDGE ITS_MP3("NEW")
	    JUDGE ITS_MP3("OLD") "END",
	"CREATE TRIGGER part_gone AFTER DELETE ON note "
	    "WHEN OLD.kind = 'part' BEGIN DELETE FROM tidied; END",
	"CREATE TRIGGER record_gone AFTER DELETE ON record BEGIN "
	    JUDGE ITS_VIDEO("OLD") JUDGE ITS_MP3("OLD") "END",
};

/* 1, 0, -1. */
static int
are_there(struct v2m_db *db, struct v2m_err *err)
{
	int64_t one;

	return v2m_db_int(db, err, &one, "SELECT 1 FROM sqlite_master "
	    "WHERE type = 'trigger' AND name = 'record_gone'", "");
}

int
v2m_dir_wanted_expect(struct v2m_db *db, struct v2m_err *err)
{
	int there = are_there(db, err);

	if (there == 0)
		return v2m_err_set(err, V2M_CONFIG, "the store was set up by "
		    "an older v2m: run v2m-init, which upgrades it and "
		    "keeps what is in it");
	return there < 0 ? -1 : 0;
}

static int
add_triggers(struct v2m_db *db, struct v2m_err *err)
{
	size_t i;

	for (i = 0; i < sizeof triggers / sizeof triggers[0]; i++)
		if (v2m_db_run(db, err, NULL, triggers[i], "") < 0)
			return -1;
	return v2m_db_run(db, err, NULL, "UPDATE object SET wanted = "
	    IS_WANTED, "") < 0 ? -1 : 0;
}

/* Checked again in the transaction: another v2m-init may run. */
int
v2m_dir_wanted_init(struct v2m_db *db, struct v2m_err *err)
{
	int there;

	if (v2m_db_begin(db, err) < 0)
		return -1;
	there = are_there(db, err);
	if (there == 0 && add_triggers(db, err) == 0)
		there = 1;
	if (there == 1)
		return v2m_db_commit(db, err);
	v2m_db_rollback(db);
	return -1;
}
