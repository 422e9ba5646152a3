/* objects_suite.c - what every driver of objects must do: objects_suite [STORE
 * [OBJECTS]], both URLs. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/db.h"
#include "store_suite.h"

#define BIG (17 * 1024 * 1024 + 5)	/* more than any driver's chunk */
#define RACERS 4

static unsigned char *big;

/* Store n bytes of `big` in pieces of different sizes.  0; -1. */
static int
put_object(struct v2m_store *s, enum v2m_kind kind, const char *id,
    size_t n, struct v2m_object *object)
{
	struct v2m_object unasked;
	struct v2m_writer *w = v2m_store_create(s, kind, id, &suite_err);
	size_t done = 0, piece = 1;
	int ret = -1;

	if (object == NULL) {
		memset(&unasked, 0, sizeof unasked);
		object = &unasked;
	}
	if (w == NULL)
		return -1;
	for (; done < n; done += piece, piece = piece * 3 % 300007 + 1) {
		if (piece > n - done)
			piece = n - done;
		if (v2m_writer_write(w, big + done, piece, &suite_err) < 0)
			goto out;
	}
	ret = v2m_writer_commit(w, object, &suite_err);
out:
	v2m_writer_free(w);
	return ret;
}

static bool
is_there(struct v2m_store *s, enum v2m_kind kind, const char *id)
{
	struct v2m_reader *r = v2m_store_read(s, kind, id, NULL, &suite_err);

	v2m_reader_free(r);
	return r != NULL;
}

static int
files_in(const char *folder)
{
	char command[160];
	FILE *p;
	int n = -1;

	snprintf(command, sizeof command, "ls -A '%s/store/%s' | wc -l",
	    suite_dir, folder);
	p = popen(command, "r");
	if (p == NULL || fscanf(p, "%d", &n) != 1)
		n = -1;
	if (p != NULL)
		pclose(p);
	return n;
}

/* If the file system has no O_TMPFILE, killed processes leave files, whose
 * names say that they are temporary. */
static void
sweep_temporary(void)
{
	char command[160];

	snprintf(command, sizeof command, "rm -f '%s'/store/*/.v2m-*.tmp",
	    suite_dir);
	must(system(command) == 0, "temporary files are removed");
}

/* --- objects --- */

static void
test_ranges(const struct v2m_object *o)
{
	static const struct { int64_t at; size_t n, wanted; } ranges[] = {
		{ 0, 1, 1 }, { 0, 65536, 65536 }, { 261119, 3, 3 },
		{ 1, 3000000, 3000000 }, { BIG - 1, 1, 1 },
		{ BIG - 10, 100, 10 }, { BIG, 1, 0 }, { BIG + 1000, 5, 0 },
		{ 0, BIG + 10, BIG }, { 5, 0, 0 },
	};
	struct v2m_reader *r = v2m_store_read(store, V2M_VIDEO, o->id, NULL,
	    &suite_err);
	unsigned char *buf = malloc(BIG + 10);
	bool right = true;
	size_t i;
	int fd;

	must(r != NULL && buf != NULL, "a reader");
	for (i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		ssize_t got = v2m_reader_pread(r, buf, ranges[i].n,
		    ranges[i].at, &suite_err);

		if (got != (ssize_t)ranges[i].wanted ||
		    (got > 0 && memcmp(buf, big + ranges[i].at,
		    (size_t)got) != 0)) {
			printf("# range %zu: %zd bytes\n", i, got);
			right = false;
		}
	}
	good(right, "ranges of an object are read as they were written");
	ok(v2m_reader_pread(r, buf, 1, -1, &suite_err) < 0,
	    "a negative offset is refused");
	fd = v2m_reader_fd(r);
	if (fd >= 0)
		ok(pread(fd, buf, 100, 5000) == 100 &&
		    memcmp(buf, big + 5000, 100) == 0,
		    "the descriptor reads the same");
	free(buf);
	v2m_reader_free(r);
}

static void
test_object(void)
{
	struct v2m_object o, found;
	struct v2m_store *other = open_store();
	struct v2m_reader *r;
	struct v2m_writer *w;
	char id[V2M_ID_SIZE];

	v2m_id_new(id);
	w = v2m_store_create(store, V2M_VIDEO, id, &suite_err);
	must(w != NULL, "a writer");
	good(v2m_writer_write(w, big, BIG, &suite_err) == 0, "bytes go in");
	is_int(v2m_writer_length(w), BIG, "the writer counts them");
	ok(!is_there(other, V2M_VIDEO, id) && suite_err.code == V2M_NOINPUT,
	    "nobody sees an object before its commit");
	memset(&o, 0, sizeof o);
	snprintf(o.name, sizeof o.name, "Ärger\nim Büro.mp4");
	snprintf(o.owner, sizeof o.owner, "%s", owner);
	v2m_id_new(o.video);
	o.fence = 7;
	good(v2m_writer_commit(w, &o, &suite_err) == 0,
	    "an object is committed");
	ok(v2m_writer_write(w, "x", 1, &suite_err) < 0 &&
	    v2m_writer_commit(w, &o, &suite_err) < 0,
	    "a committed writer takes nothing more");
	v2m_writer_free(w);
	is(o.id, id, "commit fills in the ID");
	r = v2m_store_read(other, V2M_VIDEO, id, &found, &suite_err);
	good(r != NULL, "everybody sees it after its commit");
	must(r != NULL, "the object");
	is_int(v2m_reader_length(r), BIG, "its length");
	is(found.name, "Ärger?im Büro.mp4", "its name, cleaned");
	is(found.owner, owner, "its owner");
	is(found.video, o.video, "the job it is for");
	is(found.sha256, o.sha256, "its hash");
	is_int(found.length, BIG, "the length its head tells");
	is_int(found.fence, 7, "its fence");
	ok(found.created_at == o.created_at && o.created_at > 0,
	    "the time of its commit");
	v2m_reader_free(r);
	memset(&found, 0, sizeof found);
	is_int(v2m_store_stat(other, V2M_VIDEO, id, &found, &suite_err), 1,
	    "it can be asked for without being opened");
	ok(strcmp(found.sha256, o.sha256) == 0 && found.length == BIG &&
	    strcmp(found.owner, owner) == 0, "and the same is known of it");
	is_int(v2m_store_stat(other, V2M_MP3, id, NULL, &suite_err), 0,
	    "of another kind there is none");
	is_int(v2m_store_stat(other, V2M_VIDEO, "nonsense", NULL, &suite_err),
	    0, "nor of what is no ID");
	test_ranges(&o);
	ok(!is_there(store, V2M_MP3, id), "a video is no MP3");
	good(put_object(store, V2M_MP3, id, 3, NULL) == 0 &&
	    is_there(store, V2M_MP3, id),
	    "a video and an MP3 may have the same ID");
	good(v2m_store_remove(store, V2M_VIDEO, id, &suite_err) == 0,
	    "an object is removed");
	ok(!is_there(other, V2M_VIDEO, id) && suite_err.code == V2M_NOINPUT,
	    "and is gone for everybody");
	good(v2m_store_remove(other, V2M_VIDEO, id, &suite_err) == 0,
	    "what is not there is removed in silence");
	ok(is_there(other, V2M_MP3, id), "the MP3 of the same ID remains");
	v2m_store_remove(store, V2M_MP3, id, &suite_err);
	v2m_store_close(other);
}

static void
test_small_objects(void)
{
	struct v2m_object o, found;
	struct v2m_writer *w, *w2;
	struct v2m_reader *r;
	char id[V2M_ID_SIZE], byte;

	memset(&o, 0, sizeof o);
	v2m_id_new(id);
	good(put_object(store, V2M_MP3, id, 0, &o) == 0,
	    "an empty object is stored");
	is(o.sha256, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855", "with the hash of nothing");
	r = v2m_store_read(store, V2M_MP3, id, &found, &suite_err);
	ok(r != NULL && v2m_reader_length(r) == 0 &&
	    v2m_reader_pread(r, &byte, 1, 0, &suite_err) == 0,
	    "and read");
	v2m_reader_free(r);
	ok(put_object(store, V2M_MP3, id, 5, NULL) < 0 &&
	    suite_err.code == V2M_CANTCREATE, "an ID is used once only");
	v2m_store_remove(store, V2M_MP3, id, &suite_err);

	v2m_id_new(id);
	w = v2m_store_create(store, V2M_MP3, id, &suite_err);
	must(w != NULL && v2m_writer_write(w, "abc", 3, &suite_err) == 0,
	    "a writer");
	v2m_writer_free(w);
	ok(!is_there(store, V2M_MP3, id),
	    "what is not committed is thrown away");
	w = v2m_store_create(store, V2M_MP3, id, &suite_err);
	must(w != NULL && v2m_writer_write(w, big, BIG, &suite_err) == 0,
	    "a writer of more than goes at once");
	v2m_writer_free(w);
	ok(!is_there(store, V2M_MP3, id), "however much it was");
	w = v2m_store_create(store, V2M_MP3, id, &suite_err);
	w2 = v2m_store_create(store, V2M_MP3, id, &suite_err);
	must(w != NULL && w2 != NULL, "two writers");
	v2m_writer_write(w, "first", 5, &suite_err);
	v2m_writer_write(w2, "second!", 7, &suite_err);
	memset(&o, 0, sizeof o);
	good(v2m_writer_commit(w, &o, &suite_err) == 0,
	    "of two writers of an ID the first to commit wins");
	ok(v2m_writer_commit(w2, &o, &suite_err) < 0 &&
	    suite_err.code == V2M_CANTCREATE, "the second is refused");
	v2m_writer_free(w);
	v2m_writer_free(w2);
	r = v2m_store_read(store, V2M_MP3, id, &found, &suite_err);
	ok(r != NULL && found.length == 5, "and leaves the first's alone");
	v2m_reader_free(r);
	v2m_store_remove(store, V2M_MP3, id, &suite_err);
}

static void
test_bad_ids(void)
{
	static const char *const bad[] = { "", "x", "../../../../etc/passwd",
	    "0123456789ABCDEF01234567", "0123456789abcdef012345678",
	    "0123456789abcdef0123456\n" };
	bool refused = true;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		refused &= v2m_store_create(store, V2M_VIDEO, bad[i],
		    &suite_err) == NULL;
		refused &= v2m_store_read(store, V2M_VIDEO, bad[i], NULL,
		    &suite_err) == NULL && suite_err.code == V2M_NOINPUT;
		refused &= v2m_store_remove(store, V2M_VIDEO, bad[i],
		    &suite_err) < 0;
	}
	ok(refused, "what is no ID gets nowhere");
}

struct walk {
	char ids[260][V2M_ID_SIZE];
	int n, seen, stop_after;
	bool sorted, removing;
	char last[V2M_ID_SIZE];
};

static int
on_object(void *arg, const struct v2m_object *o)
{
	struct walk *k = arg;
	int i;

	if (strcmp(k->last, o->id) >= 0)
		k->sorted = false;
	snprintf(k->last, sizeof k->last, "%s", o->id);
	for (i = 0; i < k->n; i++)
		if (strcmp(k->ids[i], o->id) == 0)
			k->seen++;
	if (k->removing && v2m_store_remove(store, V2M_MP3, o->id,
	    &suite_err) < 0)
		return -1;
	return k->stop_after != 0 && k->seen >= k->stop_after ? 42 : 0;
}

static void
test_walk(void)
{
	static struct walk k;

	for (k.n = 0; k.n < 260; k.n++) {
		v2m_id_new(k.ids[k.n]);
		must(put_object(store, V2M_MP3, k.ids[k.n], 1, NULL) == 0,
		    "many objects");
	}
	k.sorted = true;
	is_int(v2m_store_objects(store, V2M_MP3, NULL, on_object, &k,
	    &suite_err), 0, "all objects are walked");
	is_int(k.seen, 260, "each of them once");
	ok(k.sorted, "by their IDs");
	k.seen = 0;
	k.last[0] = '\0';
	k.stop_after = 3;
	is_int(v2m_store_objects(store, V2M_MP3, NULL, on_object, &k,
	    &suite_err), 42, "a walk ends when it is told to");
	is_int(k.seen, 3, "at once");
	k.stop_after = k.seen = 0;
	k.last[0] = '\0';
	k.removing = suite_embedded;
	if (!k.removing)
		return;		/* others may own them */
	is_int(v2m_store_objects(store, V2M_MP3, NULL, on_object, &k,
	    &suite_err), 0, "objects are removed during a walk");
	is_int(k.seen, 260, "and none is passed over");
	ok(!is_there(store, V2M_MP3, k.ids[100]), "they are gone");
}

static void
test_walk_of_one_job(void)
{
	static struct walk k;
	char video[V2M_ID_SIZE], other[V2M_ID_SIZE];
	struct v2m_object o;

	v2m_id_new(video);
	v2m_id_new(other);
	memset(&o, 0, sizeof o);
	for (k.n = 0; k.n < 3; k.n++) {
		struct v2m_writer *w;

		v2m_id_new(k.ids[k.n]);
		snprintf(o.video, sizeof o.video, "%s",
		    k.n == 1 ? other : video);
		w = v2m_store_create(store, V2M_MP3, k.ids[k.n], &suite_err);
		must(w != NULL && v2m_writer_write(w, "x", 1, &suite_err) ==
		    0 && v2m_writer_commit(w, &o, &suite_err) == 0, "an MP3");
		v2m_writer_free(w);
	}
	k.sorted = true;
	is_int(v2m_store_objects(store, V2M_MP3, video, on_object, &k,
	    &suite_err), 0, "the MP3s of one job are walked");
	is_int(k.seen, 2, "and no others");
}

static void *
run_thread(void *arg)
{
	struct v2m_err err;
	struct v2m_store *s = v2m_store_open(&suite_conf, &err);
	bool *fine = arg;
	int i;

	*fine = s != NULL;
	for (i = 0; i < 20 && *fine; i++) {
		struct v2m_object o;
		char id[V2M_ID_SIZE];
		struct v2m_writer *w;

		v2m_id_new(id);
		w = v2m_store_create(s, V2M_VIDEO, id, &err);
		memset(&o, 0, sizeof o);
		*fine &= w != NULL &&
		    v2m_writer_write(w, big, 70000, &err) == 0 &&
		    v2m_writer_commit(w, &o, &err) == 0 &&
		    v2m_store_remove(s, V2M_VIDEO, id, &err) == 0;
		v2m_writer_free(w);
	}
	v2m_store_close(s);
	return NULL;
}

static void
test_threads(void)
{
	ok(suite_threads(run_thread),
	    "threads with stores of their own do not disturb each other");
}

/* --- many at once --- */

#define STORERS 8
#define RACED 25

static struct {
	char ids[RACED][V2M_ID_SIZE];
	int stored[RACED];
	volatile int ready;
} *race;

/* Each process stores other bytes. */
static int
run_race(void *arg)
{
	struct v2m_store *s = open_store();
	int i, bad = 0;
	int me = __atomic_fetch_add(&race->ready, 1, __ATOMIC_SEQ_CST);

	(void)arg;
	while (race->ready < STORERS)
		sched_yield();
	for (i = 0; i < RACED; i++) {
		if (put_object(s, V2M_MP3, race->ids[i], 1000 + me,
		    NULL) == 0)
			__atomic_add_fetch(&race->stored[i], 1,
			    __ATOMIC_SEQ_CST);
		else
			bad |= suite_err.code != V2M_CANTCREATE;
	}
	v2m_store_close(s);
	return bad;
}

/* An ID has one object, which is that of one process. */
static void
test_race(void)
{
	int i, won = 0, there = 0;

	race = mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(race != MAP_FAILED, "shared memory");
	for (i = 0; i < RACED; i++)
		v2m_id_new(race->ids[i]);
	is_int(suite_children(STORERS, run_race, NULL), 0, "8 processes that "
	    "store the same 25 are only told that there is one");
	for (i = 0; i < RACED; i++) {
		won += race->stored[i] == 1;
		there += is_there(store, V2M_MP3, race->ids[i]);
		v2m_store_remove(store, V2M_MP3, race->ids[i], &suite_err);
	}
	is_int(won, RACED, "each has one winner");
	is_int(there, RACED, "and is there");
	munmap(race, sizeof *race);
}

/* --- sudden death --- */

struct death {
	const char *order;
	char id[V2M_ID_SIZE];
};

static int
store_one(void *arg)
{
	struct death *d = arg;
	struct v2m_store *s = open_store();
	int stored;

	setenv("V2M_FAULT", d->order, 1);
	stored = put_object(s, V2M_VIDEO, d->id, 100000, NULL);
	v2m_store_close(s);
	return stored < 0 ? 1 : 0;
}

/* A copy of an object of another program, without SHA-256. */
static int
store_copy(void *arg)
{
	struct death *d = arg;
	struct v2m_store *s = open_store();
	struct v2m_object o = { .created_at = 1700000000000 };
	struct v2m_writer *w;
	int stored = -1;

	setenv("V2M_FAULT", d->order, 1);
	w = v2m_store_create(s, V2M_VIDEO, d->id, &suite_err);
	if (w != NULL && v2m_writer_write(w, "copied", 6, &suite_err) == 0)
		stored = v2m_writer_commit_as(w, &o, &suite_err);
	v2m_writer_free(w);
	v2m_store_close(s);
	return stored < 0 ? 1 : 0;
}

static void
test_death(const char *point, bool visible)
{
	char order[64], what[96];
	struct death d = { .order = order };
	struct v2m_store *s;
	int status;

	snprintf(order, sizeof order, "kill:%s", point);
	v2m_id_new(d.id);
	status = suite_child(store_one, &d);
	if (!WIFSIGNALED(status) && !suite_embedded) {
		printf("ok %d - # SKIP the driver does not pass %s\n",
		    ++tap_count, point);
		v2m_store_remove(store, V2M_VIDEO, d.id, &suite_err);
		return;
	}
	snprintf(what, sizeof what, "killed at %s", point);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, what);
	s = open_store();
	snprintf(what, sizeof what, "killed at %s: %s", point,
	    visible ? "all of it is there" : "nothing is to be seen");
	ok(is_there(s, V2M_VIDEO, d.id) == visible &&
	    is_there(store, V2M_VIDEO, d.id) == visible, what);
	v2m_store_close(s);
	good(v2m_store_remove(store, V2M_VIDEO, d.id, &suite_err) == 0 &&
	    put_object(store, V2M_VIDEO, d.id, 10, NULL) == 0,
	    "what it left does not stand in the way once removed");
	v2m_store_remove(store, V2M_VIDEO, d.id, &suite_err);
}

static void
test_failure(const char *point)
{
	char order[64], what[96];
	struct death d = { .order = order };
	int status;

	snprintf(order, sizeof order, "fail:%s", point);
	snprintf(what, sizeof what, "a failure at %s is reported", point);
	v2m_id_new(d.id);
	status = suite_child(store_one, &d);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 1, what);
	ok(!is_there(store, V2M_VIDEO, d.id), "no video is there after it");
	if (suite_embedded)
		is_int(files_in("videos"), 0, "nor a file of one");
	v2m_id_new(d.id);
	status = suite_child(store_copy, &d);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 1 &&
	    !is_there(store, V2M_VIDEO, d.id),
	    "nor one without a SHA-256");
}

/* --- the folder --- */

static mode_t
mode_of(const char *rest)
{
	char path[256];
	struct stat st;

	path_of(path, rest);
	return stat(path, &st) < 0 ? 0 : st.st_mode & 07777;
}

static void
test_modes(void)
{
	char id[V2M_ID_SIZE], rest[64];

	v2m_id_new(id);
	snprintf(rest, sizeof rest, "videos/%s", id);
	put_object(store, V2M_VIDEO, id, 1, NULL);
	ok(mode_of("") == 0700 && mode_of("videos") == 0700 &&
	    mode_of("mp3s") == 0700, "folders are their owner's alone");
	ok(mode_of(rest) == 0600 && mode_of("index.db") == 0600,
	    "so are files");
	v2m_store_remove(store, V2M_VIDEO, id, &suite_err);
}

static void
test_damage(void)
{
	char id[V2M_ID_SIZE], path[256], rest[64];
	struct v2m_reader *r;
	char buf[2000];

	v2m_id_new(id);
	snprintf(rest, sizeof rest, "videos/%s", id);
	path_of(path, rest);
	put_object(store, V2M_VIDEO, id, 1000, NULL);
	r = v2m_store_read(store, V2M_VIDEO, id, NULL, &suite_err);
	must(r != NULL && truncate(path, 500) == 0, "a file is cut");
	is_int(v2m_reader_pread(r, buf, 100, 0, &suite_err), 100,
	    "what is left of a file that is cut is read");
	ok(v2m_reader_pread(r, buf, 1000, 0, &suite_err) < 0 &&
	    suite_err.code == V2M_IO, "what is not is an error");
	v2m_reader_free(r);
	ok(!is_there(store, V2M_VIDEO, id) && suite_err.code == V2M_IO,
	    "a file of another length is an error, not a short video");
	ok(v2m_store_stat(store, V2M_VIDEO, id, NULL, &suite_err) < 0 &&
	    suite_err.code == V2M_IO, "also for who only asks for it");
	unlink(path);
	ok(!is_there(store, V2M_VIDEO, id) && suite_err.code == V2M_IO,
	    "so is a missing one");
	ok(put_object(store, V2M_VIDEO, id, 1, NULL) < 0,
	    "whose ID is not for others");
	good(v2m_store_remove(store, V2M_VIDEO, id, &suite_err) == 0,
	    "it can be removed");
}

/* An index of before there was the table of wanted objects. */
static void
make_older(struct v2m_db *db)
{
	static const char *const steps[] = { "DROP TRIGGER object_new",
		"DROP TRIGGER record_new", "DROP TRIGGER record_change",
		"DROP TRIGGER record_gone", "DROP TRIGGER object_gone",
		"DROP TRIGGER part_gone", "DROP TABLE tidied",
		"DROP INDEX object_loose",
		"ALTER TABLE object DROP COLUMN wanted",
		"DROP INDEX record_told", "DROP INDEX record_old",
		"CREATE INDEX record_state ON record (state, due)",
		"UPDATE v2m_schema SET version = 2 WHERE component = 'store'",
		"UPDATE v2m_schema SET version = 1 "
		    "WHERE component = 'objects'",
		NULL };
	int i;

	for (i = 0; steps[i] != NULL; i++)
		must(v2m_db_run(db, &suite_err, NULL, steps[i], "") >= 0,
		    steps[i]);
}

/* A store of before records and objects were separate: all tables were one
 * component, and uploads had no fence of their own. */
static void
test_upgrade_of_one(void)
{
	char path[256], id[V2M_ID_SIZE], rest[64];
	struct v2m_partial p = { .rev = 0 };
	struct v2m_db *db;

	v2m_id_new(id);
	must(put_object(store, V2M_VIDEO, id, 1000, NULL) == 0, "an object");
	v2m_id_new(p.id);
	p.length = p.most = 900000;
	must(v2m_partial_create(store, &p, &suite_err) == 0 &&
	    v2m_partial_append(store, &p, big, 400000, &suite_err) == 0 &&
	    v2m_partial_save(store, &p, true, &suite_err) == 0, "an upload");
	snprintf(rest, sizeof rest, "videos/%s.fence", p.id);
	path_of(path, rest);
	must(unlink(path) == 0, "which has a fence");
	path_of(path, "index.db");
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL, "the index");
	make_older(db);
	must(v2m_db_run(db, &suite_err, NULL,
	    "DELETE FROM v2m_schema WHERE component = 'objects'", "") == 1,
	    "an older index");
	v2m_db_close(db);
	ok(v2m_store_open(&suite_conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "v2m-init") != NULL,
	    "a store of before it was two wants v2m-init");
	ok(v2m_store_ready(store, &suite_err) < 0 &&
	    suite_err.code == V2M_CONFIG, "as one that is open says");
	good(v2m_store_init(&suite_conf, &suite_err) == 0, "which mends it");
	v2m_store_close(store);
	store = open_store();
	good(is_there(store, V2M_VIDEO, id), "its objects are there");
	good(v2m_partial_take(store, p.id, 0, &p, &suite_err) == 0 &&
	    v2m_partial_append(store, &p, big + 400000, 500000, &suite_err) ==
	    0 && v2m_partial_finish(store, &p, &(struct v2m_object){ .fence = 0
	    }, &suite_err) == 0, "and its uploads go on");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_store_remove(store, V2M_VIDEO, id, &suite_err);
	v2m_partial_clear(&p);
}

static void
test_setup(void)
{
	struct v2m_conf conf;
	char url[96], path[256];

	snprintf(url, sizeof url, "dir:%s/none", suite_dir);
	suite_load(&conf, "store", url, "2min");
	ok(v2m_store_open(&conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "v2m-init") != NULL,
	    "a store that is not set up wants v2m-init");
	v2m_conf_release(&conf);
	suite_load(&conf, "store", "dir:", "2min");
	ok(v2m_store_open(&conf, &suite_err) == NULL &&
	    v2m_store_init(&conf, &suite_err) < 0 &&
	    suite_err.code == V2M_CONFIG, "dir: alone is refused");
	v2m_conf_release(&conf);
	suite_load(&conf, "store", "floppy://u:geheim@disk", "2min");
	ok(v2m_store_open(&conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "geheim") == NULL,
	    "an unknown scheme is refused without its password");
	v2m_conf_release(&conf);
	path_of(path, "videos");
	rmdir(path);
	ok(put_object(store, V2M_VIDEO, "0123456789abcdef01234567", 1,
	    NULL) < 0 && suite_err.code == V2M_CONFIG,
	    "a missing folder wants v2m-init");
	good(v2m_store_init(&suite_conf, &suite_err) == 0, "which makes it");
	good(v2m_partial_room(store, 1, 1, &suite_err) == 0, "there is room");
	ok(v2m_partial_room(store, INT64_C(1) << 60, 1, &suite_err) < 0 &&
	    suite_err.code == V2M_TEMP, "but not for everything");
}

static int
init_at_once(void *arg)
{
	return v2m_store_init(arg, &suite_err) < 0;
}

static void
test_many_inits(void)
{
	struct v2m_conf conf;
	char url[96];

	snprintf(url, sizeof url, "dir:%s/new/store", suite_dir);
	suite_load(&conf, "store", url, "2min");
	is_int(suite_children(RACERS, init_at_once, &conf), 0,
	    "several v2m-init at once");
	v2m_conf_release(&conf);
}

/* A store on a file system of 2 MB, in a mount namespace of the child.  0:
 * passed; 77: that is not possible here. */
static int
fill_disk(void *arg)
{
	struct v2m_store *s;
	struct v2m_conf conf;
	char dir[96], url[128];
	int i;

	(void)arg;
	snprintf(dir, sizeof dir, "%s/small", suite_dir);
	snprintf(url, sizeof url, "dir:%s/store", dir);
	if (mkdir(dir, 0700) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=2m") < 0)
		return 77;
	suite_load(&conf, "store", url, "2min");
	if (v2m_store_init(&conf, &suite_err) < 0)
		return 1;
	s = v2m_store_open(&conf, &suite_err);
	if (s == NULL)
		return 2;
	for (i = 0; i < 3; i++)
		if (put_object(s, V2M_VIDEO, "0123456789abcdef01234567",
		    BIG, NULL) == 0 || suite_err.code != V2M_TEMP ||
		    strstr(suite_err.msg, "No space left") == NULL ||
		    is_there(s, V2M_VIDEO, "0123456789abcdef01234567"))
			return 3;
	/* No space for the index either: records fail with a temporary
	 * error. */
	for (i = 0; i < 5000; i++) {
		struct v2m_record r = record();
		int n;

		memset(r.reason, 'x', sizeof r.reason - 1);
		n = v2m_store_insert(s, &r, &suite_err);
		if (n < 0)
			break;
	}
	if (i == 5000 || suite_err.code != V2M_TEMP)
		return 4;
	if (put_object(s, V2M_VIDEO, "0123456789abcdef01234567", 10,
	    NULL) == 0 || suite_err.code != V2M_TEMP)
		return 5;
	v2m_store_close(s);
	v2m_conf_release(&conf);
	return 0;
}

static int
outgrow_limit(void *arg)
{
	struct rlimit most = { 1 << 20, 1 << 20 };
	struct v2m_store *s = open_store();
	bool refused;

	(void)arg;
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &most) < 0)
		return 77;
	refused = put_object(s, V2M_VIDEO, "0123456789abcdef01234567", BIG,
	    NULL) < 0 && suite_err.code == V2M_IO;
	v2m_store_close(s);
	return refused ? 0 : 1;
}

static void
test_full_disk(void)
{
	int status = suite_child(fill_disk, NULL);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("ok %d - # SKIP no file system of one's own\n",
		    ++tap_count);
	else
		is_int(status, 0,
		    "a full disk is temporary trouble and nothing is left");
	is_int(suite_child(outgrow_limit, NULL), 0,
	    "a file that may not grow further is an error");
	is_int(files_in("videos"), 0, "and nothing is left");
}

static void
count_left(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
}

/* Objects, and what is being written, are not removed by tidying. */
static void
test_tidy(void)
{
	struct v2m_object mp3 = { .created_at = 0 };
	char done[V2M_ID_SIZE], doing[V2M_ID_SIZE];
	struct v2m_writer *w;
	int64_t now = 0;
	int left = 0;

	v2m_id_new(done);
	v2m_id_new(doing);
	good(put_object(store, V2M_MP3, done, 300000, NULL) == 0 &&
	    v2m_store_now(store, &now, &suite_err) == 0, "an object");
	w = v2m_store_create(store, V2M_MP3, doing, &suite_err);
	good(w != NULL && v2m_writer_write(w, big, 300000, &suite_err) == 0,
	    "and one in the making");
	good(v2m_store_tidy(store, now - 3600000, false, true, count_left,
	    &left, &suite_err) == 0, "tidying what is an hour old");
	is_int(left, 0, "finds nothing");
	good(w != NULL && v2m_writer_commit(w, &mp3, &suite_err) == 0,
	    "the one in the making can be committed");
	v2m_writer_free(w);
	good(v2m_store_tidy(store, now + 3600000, false, true, count_left,
	    &left, &suite_err) == 0, "tidying all that nobody owns");
	ok(is_there(store, V2M_MP3, done) && is_there(store, V2M_MP3, doing),
	    "leaves both");
	v2m_store_remove(store, V2M_MP3, done, &suite_err);
	v2m_store_remove(store, V2M_MP3, doing, &suite_err);
}

#include "objects_loose.h"
#include "objects_partials.h"

int
main(int argc, char **argv)
{
	size_t i;

	big = malloc(BIG);
	must(big != NULL, "memory");
	for (i = 0; i < BIG; i++)
		big[i] = (unsigned char)(i * 2654435761u >> 13);
	begin_store(argc, argv);
	test_object();
	test_small_objects();
	test_bad_ids();
	test_walk();
	test_walk_of_one_job();
	test_threads();
	if (getenv("V2M_TEST_NO_RACES") == NULL)
		test_race();
	test_tidy();
	test_loose();
	test_partials();
	test_death("store-written", false);
	test_death("store-linked", false);
	test_death("store-committed", true);
	if (suite_embedded)
		sweep_temporary();
	test_failure("store-written");
	test_failure("store-linked");
	test_failure("store-committed");
	if (suite_embedded) {
		test_modes();
		test_damage();
		test_older_upgrade();
		test_tidied();
		test_upgrade_of_one();
		test_setup();
		test_many_inits();
		test_full_disk();
	}
	v2m_store_close(store);
	free(big);
	return suite_end();
}
