/* Writers of a database get their turn in the order in which they came; one
 * that is stopped or dead does not delay the others.  Where the order is
 * compared, no writer is passed over for being slow, as the test machine may be
 * slow. */
#include "base/db_turns.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/db.h"
#include "tap.h"

#define WRITERS 8
#define THREADS 8
#define ROWS 25
#define PATIENCE_MS 600000
#define NO_STALL_MS 300000
#define STALL_MS 1000
#define SHORT_MS 300

static char path[64];
static struct v2m_db_turns *turns;	/* of the parent process */
static pid_t writers[WRITERS];
static int from_writers;

static void
must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void
pause_shortly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

static void
wait_count(int n)
{
	while (v2m_db_turns_count(turns) != n)
		pause_shortly();
}

static void
wait_stopped(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status),
	    "a writer stops");
}

/* --- the turns alone --- */

struct writer {
	int number, out, stall_ms;
	bool stops;	/* once it has the turn */
};

static void
write_once(const struct writer *w)
{
	struct v2m_db_turns *t = v2m_db_turns_open(path, w->stall_ms,
	    PATIENCE_MS);
	char c = (char)('0' + w->number);

	must(t != NULL, "turns");
	v2m_db_turn_take(t);
	if (w->stops)
		raise(SIGSTOP);
	must(write(w->out, &c, 1) == 1, "write");
	v2m_db_turn_end(t);
	v2m_db_turns_close(t);
	_exit(0);
}

static pid_t
start_writer(const struct writer *w)
{
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid == 0)
		write_once(w);
	return pid;
}

/* Start writers one after the other, while the parent has the turn and acts as
 * if it waited for SQLite's lock. */
static void
line_up(int stall_ms, bool first_stops)
{
	int fds[2], i;

	must(pipe(fds) == 0, "pipe");
	from_writers = fds[0];
	v2m_db_turn_take(turns);
	for (i = 0; i < WRITERS; i++) {
		struct writer w = { i, fds[1], stall_ms,
		    first_stops && i == 0 };

		writers[i] = start_writer(&w);
		while (v2m_db_turns_count(turns) != i + 2)
			must(v2m_db_turn_wait(turns), "patience");
	}
	close(fds[1]);
}

/* Which n writers write next? */
static const char *
order_of(int n)
{
	static char order[WRITERS + 1];
	int i;

	for (i = 0; i < n; i++)
		must(read(from_writers, &order[i], 1) == 1, "read");
	order[n] = '\0';
	return order;
}

/* The same, sorted. */
static const char *
set_of(int n)
{
	static char set[WRITERS + 1];
	int i, at;

	for (i = 0; i < n; i++) {
		char c = order_of(1)[0];

		for (at = i; at > 0 && set[at - 1] > c; at--)
			set[at] = set[at - 1];
		set[at] = c;
	}
	set[n] = '\0';
	return set;
}

static void
reap(void)
{
	int i;

	for (i = 0; i < WRITERS; i++)
		waitpid(writers[i], NULL, 0);
	close(from_writers);
	ok(v2m_db_turns_count(turns) == 0, "nobody is left in the line");
}

static void
test_order(void)
{
	line_up(NO_STALL_MS, false);
	v2m_db_turn_end(turns);
	is(order_of(WRITERS), "01234567", "first come, first served");
	reap();
}

static void
test_stopped(void)
{
	line_up(STALL_MS, false);
	kill(writers[0], SIGSTOP);
	kill(writers[3], SIGSTOP);
	kill(writers[4], SIGSTOP);
	wait_stopped(writers[0]);
	wait_stopped(writers[3]);
	wait_stopped(writers[4]);
	v2m_db_turn_end(turns);
	is(set_of(WRITERS - 3), "12567", "who is stopped is passed over");
	kill(writers[4], SIGCONT);
	is(order_of(1), "4", "and has its turn when it goes on");
	kill(writers[0], SIGCONT);
	kill(writers[3], SIGCONT);
	is(set_of(2), "03", "and so have the others");
	reap();
}

static void
test_dead(void)
{
	line_up(STALL_MS, false);
	kill(writers[0], SIGKILL);
	kill(writers[1], SIGKILL);
	kill(writers[5], SIGKILL);
	waitpid(writers[0], NULL, 0);
	waitpid(writers[1], NULL, 0);
	waitpid(writers[5], NULL, 0);
	v2m_db_turn_end(turns);
	is(set_of(WRITERS - 3), "23467", "the dead are passed over");
	reap();
}

static void
test_stopped_with_turn(void)
{
	line_up(STALL_MS, true);
	v2m_db_turn_end(turns);
	is(set_of(WRITERS - 1), "1234567",
	    "who has the turn and stops holds up nobody");
	kill(writers[0], SIGCONT);
	is(order_of(1), "0", "and goes on where it was");
	reap();
}

static void
test_patience(void)
{
	struct v2m_db_turns *t = v2m_db_turns_open(path, STALL_MS, SHORT_MS);
	int waits = 0, i;

	must(t != NULL, "turns");
	/* One that stands still for all of the time waits once. */
	for (i = 0; i < 5 && waits <= 1; i++) {
		waits = 0;
		v2m_db_turn_take(t);
		while (v2m_db_turn_wait(t))
			waits++;
		v2m_db_turn_end(t);
	}
	ok(waits > 1, "it waits more than once for a lock that stays taken");
	v2m_db_turn_take(t);
	ok(v2m_db_turn_wait(t), "the next time it is patient again");
	v2m_db_turns_close(t);
}

/* --- as a database takes them --- */

static struct v2m_db *
open_db(void)
{
	struct v2m_err err;
	struct v2m_db *db = v2m_db_open(path, false, &err);

	if (db == NULL)
		printf("# %s\n", err.msg);
	must(db != NULL, "database");
	return db;
}

static bool
insert(struct v2m_db *db, int64_t who)
{
	struct v2m_err err;

	if (v2m_db_run(db, &err, NULL, "INSERT INTO turn (who) VALUES (?)",
	    "i", who) == 1)
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static int64_t
ask(const char *sql)
{
	struct v2m_db *db = open_db();
	int64_t n = -1;

	v2m_db_int(db, NULL, &n, sql, "");
	v2m_db_close(db);
	return n;
}

/* SQLite must not be open here when a child is forked. */
static void
insert_once(int gate, int who)
{
	struct v2m_db *db;
	bool done;
	char c;

	must(read(gate, &c, 1) == 1, "gate");
	db = open_db();
	done = insert(db, who);
	v2m_db_close(db);
	_exit(done ? 0 : 1);
}

static void
start_inserters(int gates[WRITERS])
{
	int i, fds[2];

	for (i = 0; i < WRITERS; i++) {
		must(pipe(fds) == 0, "pipe");
		writers[i] = fork();
		if (writers[i] == 0)
			insert_once(fds[0], i);
		close(fds[0]);
		gates[i] = fds[1];
	}
}

static void
test_database(void)
{
	int i, gates[WRITERS], status, refused = 0;
	struct v2m_db *db;

	start_inserters(gates);
	db = open_db();
	must(v2m_db_begin(db, NULL) == 0, "begin");
	for (i = 0; i < WRITERS; i++) {
		must(write(gates[i], "", 1) == 1, "gate");
		wait_count(i + 2);
	}
	/* A writer that takes long is passed over, while it has the lock. */
	usleep(500 * 1000);
	must(v2m_db_commit(db, NULL) == 0, "commit");
	for (i = 0; i < WRITERS; i++) {
		waitpid(writers[i], &status, 0);
		refused += status != 0;
	}
	v2m_db_close(db);
	ok(refused == 0, "no writer of a row is refused");
	ok(ask("SELECT count(*) FROM turn") == WRITERS, "all rows are there");
}

static void *
insert_many(void *arg)
{
	struct v2m_db *db = open_db();
	int64_t i, done = 0;

	(void)arg;
	for (i = 0; i < ROWS; i++)
		done += insert(db, 100 + i);
	v2m_db_close(db);
	return (void *)(intptr_t)done;
}

static void
test_threads(void)
{
	pthread_t threads[THREADS];
	int64_t all = 0;
	void *done;
	int i;

	for (i = 0; i < THREADS; i++)
		must(pthread_create(&threads[i], NULL, insert_many, NULL) == 0,
		    "thread");
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &done);
		all += (intptr_t)done;
	}
	ok(all == THREADS * ROWS &&
	    ask("SELECT count(*) FROM turn WHERE who >= 100") == all,
	    "threads take turns too, each with a connection");
}

static void
test_without(void)
{
	char name[80];
	struct v2m_db *db;

	snprintf(name, sizeof name, "%s-turns", path);
	must(unlink(name) == 0 && mkdir(name, 0700) == 0, "mkdir");
	db = open_db();
	ok(insert(db, 1000), "where there can be no turns, SQLite's lock is "
	    "waited for");
	v2m_db_close(db);
}

int
main(void)
{
	static const char *const steps[] = { "CREATE TABLE turn ("
	    "seq INTEGER PRIMARY KEY, who INTEGER NOT NULL)", NULL };
	char folder[] = "/tmp/v2m-turns.XXXXXX", command[64];
	struct v2m_db *db;

	alarm(600);
	must(mkdtemp(folder) != NULL, "folder");
	snprintf(path, sizeof path, "%s/a.db", folder);
	db = v2m_db_open(path, true, NULL);
	must(db != NULL && v2m_db_migrate(db, "test", steps, NULL) == 0,
	    "database");
	v2m_db_close(db);
	turns = v2m_db_turns_open(path, STALL_MS, PATIENCE_MS);
	must(turns != NULL, "turns");
	test_order();
	test_stopped();
	test_dead();
	test_stopped_with_turn();
	test_patience();
	test_database();
	test_threads();
	v2m_db_turns_close(turns);
	test_without();
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	ok(system(command) == 0, "the folder goes");
	return tap_done();
}
