/* How often the embedded queue and its database call fsync(2): once for each
 * change that is promised to be durable, and no more. */
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/db.h"
#include "queue/queue.h"
#include "suite.h"

static const char *const jobs[] = { "video", NULL };
static int files, folders;	/* flushes so far */

/* Replaces libc's function, also for SQLite. */
static int
count(int fd, long call)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		folders++;
	else
		files++;
	return (int)syscall(call, fd);
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
	return count(fd, SYS_fsync);
}

__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	return count(fd, SYS_fdatasync);
}

static void
start_counting(void)
{
	files = folders = 0;
}

static struct v2m_queue *
open_queue(void)
{
	struct v2m_queue *q = v2m_queue_open(&suite_conf, &suite_err);

	must(q != NULL, "the queue opens");
	return q;
}

static void
put(struct v2m_queue *q, int n)
{
	while (n-- > 0)
		must(v2m_queue_publish(q, "video", "a job", 0, &suite_err) == 0,
		    "publish");
}

static void
test_database(void)
{
	static const char *const steps[] = { "CREATE TABLE a (b)", NULL };
	char path[80];
	struct v2m_db *db;

	snprintf(path, sizeof path, "%s/new.db", suite_dir);
	start_counting();
	db = v2m_db_open(path, true, &suite_err);
	must(db != NULL && v2m_db_migrate(db, "a", steps, &suite_err) == 0,
	    "a database");
	ok(folders > 0, "a new log's name is flushed with its folder");
	v2m_db_close(db);
	/* The next open reserves its space. */
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL, "the database");
	v2m_db_close(db);
	start_counting();
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL && v2m_db_run(db, &suite_err, NULL,
	    "INSERT INTO a VALUES (1)", "") == 1, "a row");
	is_int(files, 1, "a change flushes the log, once");
	is_int(folders, 0, "the name of a log that is there is on disk");
	v2m_db_close(db);
}

/* Like commands that come one after the other. */
static void
test_log(void)
{
	char path[80], log[88];
	struct stat st = { 0 };
	struct v2m_db *db;
	int i;

	snprintf(path, sizeof path, "%s/new.db", suite_dir);
	snprintf(log, sizeof log, "%s-wal", path);
	for (i = 0; i < 600; i++) {
		db = v2m_db_open(path, false, &suite_err);
		must(db != NULL && v2m_db_run(db, &suite_err, NULL,
		    "INSERT INTO a VALUES (1)", "") == 1, "a row");
		v2m_db_close(db);
	}
	must(stat(log, &st) == 0, "the log");
	is_int(st.st_size, 1 << 20, "the log stays in its room");
}

static void
test_queue(void)
{
	struct v2m_queue *q = open_queue(), *other = open_queue();
	struct v2m_queue_message m;
	int i;

	put(q, 3);
	must(v2m_queue_take(q, jobs, 0, &m, &suite_err) == 1, "take");
	start_counting();
	for (i = 0; i < 2; i++) {
		must(v2m_queue_ack(q, &m, &suite_err) == 0, "ack");
		v2m_queue_message_release(&m);
		must(v2m_queue_take(q, jobs, 0, &m, &suite_err) == 1, "take");
	}
	is_int(files, 2, "to settle a message and take the next flushes once");
	must(v2m_queue_ack(q, &m, &suite_err) == 0, "ack");
	v2m_queue_message_release(&m);
	is_int(v2m_queue_take(q, jobs, 0, &m, &suite_err), 0, "none is left");
	is_int(files, 3, "the last goes without a next one");
	put(q, 1);
	must(v2m_queue_take(q, jobs, 0, &m, &suite_err) == 1, "take");
	must(v2m_queue_ack(q, &m, &suite_err) == 0, "ack");
	v2m_queue_message_release(&m);
	v2m_queue_close(q);
	is_int(v2m_queue_take(other, jobs, 0, &m, &suite_err), 0,
	    "closing settles what was acknowledged");
	v2m_queue_close(other);
}

int
main(int argc, char **argv)
{
	(void)argc;
	unsetenv("V2M_TEST_QUEUE");
	suite_start(1, argv, "queue", "V2M_TEST_QUEUE", "2min");
	must(v2m_queue_init(&suite_conf, &suite_err) == 0, "init");
	test_database();
	test_log();
	test_queue();
	return suite_end();
}
