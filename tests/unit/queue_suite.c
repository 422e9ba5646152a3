/* queue_suite.c - what every driver of queues must do: queue_suite [URL]. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/id.h"
#include "base/stop.h"
#include "queue/queue.h"
#include "suite.h"

/* The longest wait for a message that is expected. */
#define SOON_MS 30000

/* The lease in short_conf, longer on slow machines.  The other configuration
 * has leases that no test sees the end of. */
static int lease_ms = 1000;
static struct v2m_conf short_conf;
static struct v2m_queue *queue;
static char name_a[48], name_b[48];	/* used by this run only */
static char failed_a[64];
static const char *const in_a[] = { name_a, NULL };
static const char *const in_b[] = { name_b, NULL };
static const char *const in_both[] = { name_a, name_b, NULL };
static const char *const in_q[] = { "q", NULL };
static const char *const in_failed[] = { failed_a, NULL };

static struct v2m_queue *
open_queue(void)
{
	struct v2m_queue *q = v2m_queue_open(&suite_conf, &suite_err);

	must(q != NULL, "the queue opens");
	return q;
}

static void
put(const char *name, const char *body)
{
	must(v2m_queue_publish(queue, name, body, 0, &suite_err) == 0,
	    "publish");
}

/* Take the next message and settle it.  Returns its body; "": there was
 * none. */
static const char *
next(const char *const *names, int wait_ms)
{
	static char body[V2M_MESSAGE_MAX + 1];
	struct v2m_queue_message m;
	int n = v2m_queue_take(queue, names, wait_ms, &m, &suite_err);

	must(n >= 0, "take");
	if (n == 0)
		return "";
	snprintf(body, sizeof body, "%s", m.body);
	must(v2m_queue_ack(queue, &m, &suite_err) == 0, "ack");
	v2m_queue_message_release(&m);
	return body;
}

static int64_t
depth(const char *name)
{
	int64_t n = -1;

	if (v2m_queue_depth(queue, name, &n, &suite_err) < 0)
		suite_diag();
	return n;
}

/* A cluster of brokers updates its counts a moment later. */
static void
is_depth(const char *name, int64_t wanted, const char *what)
{
	int64_t until = v2m_mono_ms() + SOON_MS;

	while (!suite_embedded && depth(name) != wanted &&
	    v2m_mono_ms() < until)
		usleep(50 * 1000);
	is_int(depth(name), wanted, what);
}

static void
test_bodies(void)
{
	static const char *const odd[] = { "{\"video_fid\": \"x\"}", "", " ",
	    "Ärger 日本語 🎵", "'; DROP TABLE message; --",
	    "a\nb\tc\r\x01",
	    "\xff\xfe not UTF-8", "123", "NULL" };
	char *longest = malloc(V2M_MESSAGE_MAX + 2);
	struct v2m_queue_message m;
	size_t i;

	must(longest != NULL, "memory");
	for (i = 0; i < sizeof odd / sizeof odd[0]; i++)
		put(name_a, odd[i]);
	is_depth(name_a, (int64_t)i, "messages are counted");
	for (i = 0; i < sizeof odd / sizeof odd[0]; i++)
		is(next(in_a, SOON_MS), odd[i], "a body comes as it went");
	memset(longest, 'x', V2M_MESSAGE_MAX + 1);
	longest[V2M_MESSAGE_MAX] = '\0';
	put(name_a, longest);
	is_int(v2m_queue_take(queue, in_a, SOON_MS, &m, &suite_err), 1,
	    "the longest body is taken");
	is_int((int64_t)m.length, V2M_MESSAGE_MAX, "as a whole");
	is(m.queue, name_a, "with the name of its queue");
	is_int(m.deliveries, 1, "for the first time");
	v2m_queue_ack(queue, &m, &suite_err);
	v2m_queue_message_release(&m);
	longest[V2M_MESSAGE_MAX] = 'x';
	longest[V2M_MESSAGE_MAX + 1] = '\0';
	ok(v2m_queue_publish(queue, name_a, longest, 0, &suite_err) < 0 &&
	    suite_err.code == V2M_DATA, "a longer one is refused");
	free(longest);
	is_depth(name_a, 0, "and the queue is empty");
	ok(v2m_queue_publish(queue, "", "x", 0, &suite_err) < 0 &&
	    suite_err.code == V2M_CONFIG, "a queue has a name");
	ok(v2m_queue_publish(queue, "a-name-of-57-bytes-is-too-long-because-"
	    "of-what-is-put-behind", "x", 0, &suite_err) < 0 &&
	    suite_err.code == V2M_CONFIG, "of bounded length");
}

/* The time of publishing of the next message, which is then settled or
 * released. */
static int64_t
published_of_next(bool settle)
{
	struct v2m_queue_message m;
	int64_t at;

	must(v2m_queue_take(queue, in_a, SOON_MS, &m, &suite_err) == 1, "take");
	at = m.published_ms;
	must((settle ? v2m_queue_ack(queue, &m, &suite_err) :
	    v2m_queue_release(queue, &m, 0, &suite_err)) == 0, "settle");
	v2m_queue_message_release(&m);
	return at;
}

static void
test_published(void)
{
	put(name_a, "x");
	is_int(published_of_next(true), 0, "nobody said when it was published");
	must(v2m_queue_publish(queue, name_a, "x", INT64_C(1764450000123),
	    &suite_err) == 0, "publish");
	is_int(published_of_next(false), INT64_C(1764450000123),
	    "the time of publishing comes with a message");
	is_int(published_of_next(true), 0, "but not when it comes again");
	is_int(v2m_queue_in_order(queue, name_a, &suite_err), 1,
	    "a queue of ours gives out in order");
}

static void
test_waiting(void)
{
	int64_t began, took = INT64_MAX;
	int i;

	/* A machine may stand still in one of them. */
	for (i = 0; i < 5 && took >= 1000; i++) {
		began = v2m_mono_ms();
		is(next(in_a, 0), "", "no message, no wait");
		took = v2m_mono_ms() - began;
	}
	ok(took < 1000, "at once");
	began = v2m_mono_ms();
	is(next(in_a, 300), "", "no message in a while");
	ok(v2m_mono_ms() - began >= 290, "is waited for");
}

static void
test_settling(void)
{
	struct v2m_queue_message m, again;
	int64_t began;
	int n;

	put(name_a, "one");
	must(v2m_queue_take(queue, in_a, SOON_MS, &m, &suite_err) == 1, "take");
	is_depth(name_a, 0, "a message that is taken is not counted");
	is(next(in_a, 0), "", "and not given twice");
	good(v2m_queue_release(queue, &m, 0, &suite_err) == 0,
	    "a job is released");
	v2m_queue_message_release(&m);
	is_depth(name_a, 1, "it is counted again");
	must(v2m_queue_take(queue, in_a, SOON_MS, &m, &suite_err) == 1, "take");
	is(m.body, "one", "and given again");
	is_int(m.deliveries, 2, "for the second time");
	began = v2m_mono_ms();
	good(v2m_queue_release(queue, &m, 1200, &suite_err) == 0,
	    "release with a delay");
	v2m_queue_message_release(&m);
	is_depth(name_a, 1, "a delayed message is counted");
	n = v2m_queue_take(queue, in_a, 200, &again, &suite_err);
	ok(n == 0 || v2m_mono_ms() - began >= 1190,
	    "but not given before its time");
	if (n == 0)
		n = v2m_queue_take(queue, in_a, SOON_MS, &again, &suite_err);
	is_int(n, 1, "only after it");
	ok(v2m_mono_ms() - began >= 1190, "as long as it was told");
	good(v2m_queue_ack(queue, &again, &suite_err) == 0,
	    "a released job is acknowledged");
	good(v2m_queue_ack(queue, &again, &suite_err) == 0 ||
	    !suite_embedded, "a second ack is no error");
	v2m_queue_message_release(&again);
	is_depth(name_a, 0, "what is acknowledged is gone");
}

static void
test_bury(void)
{
	struct v2m_queue_message m;

	put(name_a, "no job");
	must(v2m_queue_take(queue, in_a, SOON_MS, &m, &suite_err) == 1, "take");
	good(v2m_queue_bury(queue, &m, &suite_err) == 0, "a job is buried");
	v2m_queue_message_release(&m);
	is_depth(name_a, 0, "what is buried has left its queue");
	is_depth(failed_a, 1, "for the one of failures");
	is(next(in_failed, SOON_MS), "no job",
	    "the queue of failed jobs is empty again");
}

static void
test_turns(void)
{
	char order[8] = "";
	int i;

	for (i = 0; i < 3; i++) {
		put(name_a, "a");
		put(name_b, "b");
	}
	for (i = 0; i < 6; i++)
		snprintf(order + i, sizeof order - (size_t)i, "%s",
		    next(in_both, SOON_MS));
	ok(strncmp(order, "aaa", 3) != 0 && strncmp(order, "bbb", 3) != 0 &&
	    strlen(order) == 6, "queues take turns");
	put(name_b, "only b");
	is(next(in_a, 0), "", "a queue that was not named gives nothing");
	is(next(in_both, SOON_MS), "only b", "the one that has some is found");
}

/* A message that is held, and extended three times; 0 where the machine stood
 * still for so long that it was given to others, and is settled; else how long
 * it was held. */
static int64_t
keep_message(struct v2m_queue *held, struct v2m_queue_message *m)
{
	struct v2m_queue_message other;
	int64_t began, extended;
	int i;

	put(name_a, "left");
	must(v2m_queue_take(held, in_a, SOON_MS, m, &suite_err) == 1, "take");
	began = extended = v2m_mono_ms();
	for (i = 0; i < 3; i++) {
		int n = v2m_queue_take(queue, in_a, lease_ms * 2 / 5, &other,
		    &suite_err);

		if (n == 1 && v2m_mono_ms() - extended >= lease_ms) {
			v2m_queue_ack(queue, &other, &suite_err);
			v2m_queue_message_release(&other);
			v2m_queue_message_release(m);
			return 0;
		}
		is_int(n, 0, "a message that is held stays so");
		extended = v2m_mono_ms();
		good(v2m_queue_extend(held, m, &suite_err) == 0,
		    "a lease is extended");
	}
	return v2m_mono_ms() - began;
}

/* A message that is not settled, with the driver's own leases. */
static void
test_lease(void)
{
	struct v2m_queue *held = v2m_queue_open(&short_conf, &suite_err);
	struct v2m_queue_message m, again;
	int64_t kept = 0;
	int i;

	must(held != NULL, "a queue of short leases");
	for (i = 0; i < 5 && kept == 0; i++)
		kept = keep_message(held, &m);
	ok(kept > lease_ms, "for longer than a lease");
	is_int(v2m_queue_take(queue, in_a, 5 * lease_ms, &again, &suite_err),
	    1, "one that is held no longer is given to others");
	is_int(again.deliveries, 2, "for the second time");
	good(v2m_queue_ack(held, &m, &suite_err) == 0,
	    "who was overtaken may acknowledge it");
	good(v2m_queue_release(held, &m, 0, &suite_err) == 0 &&
	    v2m_queue_bury(held, &m, &suite_err) == 0 &&
	    v2m_queue_extend(held, &m, &suite_err) == 0,
	    "give it back, bury it or keep it longer");
	v2m_queue_message_release(&m);
	is_int(depth(name_a) + depth(failed_a), 0, "without any effect");
	is(next(in_a, 0), "", "on whose it is now");
	good(v2m_queue_release(queue, &again, 0, &suite_err) == 0,
	    "who settles it");
	v2m_queue_message_release(&again);
	is(next(in_a, 0), "left", "as he likes");

	put(name_a, "late");
	must(v2m_queue_take(held, in_a, SOON_MS, &m, &suite_err) == 1, "take");
	usleep((lease_ms + 50) * 1000);
	is_depth(name_a, 1, "a lease that ran out counts as waiting");
	good(v2m_queue_ack(held, &m, &suite_err) == 0, "a late ack");
	v2m_queue_message_release(&m);
	is(next(in_a, 0), "", "is good while nobody else took it");
	v2m_queue_close(held);
}

static void
test_close(void)
{
	struct v2m_queue *other = open_queue();
	struct v2m_queue_message m;

	put(name_a, "held");
	put(name_a, "free");
	must(v2m_queue_take(other, in_a, SOON_MS, &m, &suite_err) == 1, "take");
	v2m_queue_message_release(&m);
	v2m_queue_close(other);
	is(next(in_a, SOON_MS), "held", "closing gives back what was held");
	is(next(in_a, SOON_MS), "free", "in its old place");
}

static int
take_and_die(void *arg)
{
	struct v2m_queue *q = v2m_queue_open(&short_conf, &suite_err);
	struct v2m_queue_message m;

	(void)arg;
	if (q == NULL ||
	    v2m_queue_take(q, in_a, SOON_MS, &m, &suite_err) != 1)
		return 1;
	raise(SIGKILL);
	return 0;
}

static int
publish_and_die(void *arg)
{
	struct v2m_queue *q = open_queue();
	int published;

	setenv("V2M_FAULT", arg, 1);
	published = v2m_queue_publish(q, name_a, "last words", 0, &suite_err);
	v2m_queue_close(q);
	return published < 0 ? 1 : 0;
}

static void
test_death(void)
{
	static char before[] = "kill:queue-publish";
	static char behind[] = "kill:queue-published";
	static char failing[] = "fail:queue-publish";

	put(name_a, "orphan");
	ok(WIFSIGNALED(suite_child(take_and_die, NULL)), "a taker dies");
	is(next(in_a, 10 * lease_ms), "orphan", "its message comes back");
	suite_child(publish_and_die, before);
	is(next(in_a, 100), "", "what was not published is not there");
	suite_child(publish_and_die, failing);
	is(next(in_a, 100), "", "nor what failed to be");
	ok(WIFSIGNALED(suite_child(publish_and_die, behind)),
	    "a publisher dies after it");
	is(next(in_a, SOON_MS), "last words", "what was published is there");
}

/* --- many at once --- */

#define MESSAGES 400
#define TAKERS 4

static int *taken;		/* shared: how often each message was taken */

static int
take_many(void *arg)
{
	struct v2m_queue *q = open_queue();
	struct v2m_queue_message m;
	int n;

	(void)arg;
	while ((n = v2m_queue_take(q, in_a, 200, &m, &suite_err)) == 1) {
		__atomic_add_fetch(&taken[atoi(m.body)], 1, __ATOMIC_SEQ_CST);
		if (v2m_queue_ack(q, &m, &suite_err) < 0)
			return 1;
		v2m_queue_message_release(&m);
	}
	v2m_queue_close(q);
	return n < 0;
}

static int
publish_many(void *arg)
{
	struct v2m_queue *q = open_queue();
	char body[16];
	int i, from = *(int *)arg;

	for (i = from; i < from + MESSAGES / 4; i++) {
		snprintf(body, sizeof body, "%d", i);
		if (v2m_queue_publish(q, name_a, body, 0, &suite_err) < 0)
			return 1;
	}
	v2m_queue_close(q);
	return 0;
}

static void
test_race(void)
{
	pid_t pids[2 * TAKERS];
	int i, from[TAKERS], status = 0, once = 0;

	taken = mmap(NULL, MESSAGES * sizeof *taken, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(taken != MAP_FAILED, "shared memory");
	for (i = 0; i < TAKERS; i++) {
		from[i] = i * MESSAGES / TAKERS;
		pids[i] = suite_fork(publish_many, &from[i]);
		pids[TAKERS + i] = suite_fork(take_many, NULL);
	}
	for (i = 0; i < 2 * TAKERS; i++)
		status |= suite_wait(pids[i]);
	is_int(status, 0, "4 publish and 4 take without an error");
	while (*next(in_a, 0) != '\0')
		status++;
	for (i = 0; i < MESSAGES; i++)
		once += taken[i] == 1;
	/* A taker that saw nothing for 200 ms may have left early. */
	is_int(once + status, MESSAGES, "400 messages, each of them once");
	munmap(taken, MESSAGES * sizeof *taken);
}

static void *
run_thread(void *arg)
{
	struct v2m_err err;
	struct v2m_queue *q = v2m_queue_open(&suite_conf, &err);
	struct v2m_queue_message m;
	bool *fine = arg;
	int i;

	*fine = q != NULL;
	for (i = 0; i < 40 && *fine; i++) {
		*fine &= v2m_queue_publish(q, name_b, "x", 0, &err) == 0 &&
		    v2m_queue_take(q, in_b, SOON_MS, &m, &err) == 1 &&
		    v2m_queue_ack(q, &m, &err) == 0;
		v2m_queue_message_release(&m);
	}
	v2m_queue_close(q);
	return NULL;
}

static void
test_names(void)
{
	static const char *const none[] = { "", NULL };
	struct v2m_queue_message m = { .body = NULL };
	int64_t n;

	ok(v2m_queue_depth(queue, "", &n, &suite_err) < 0 &&
	    v2m_queue_ready(queue, "", &n, &suite_err) < 0,
	    "messages of a queue without a name are not counted");
	ok(v2m_queue_publish(queue, "", "x", 0, &suite_err) < 0,
	    "none is published to it");
	ok(v2m_queue_take(queue, none, 1000, &m, &suite_err) < 0 &&
	    suite_err.code == V2M_CONFIG, "and none is taken from it");
}

static void
test_threads(void)
{
	ok(suite_threads(run_thread),
	    "threads with queues of their own do not disturb each other");
	is_depth(name_b, 0, "and leave nothing");
}

static void
report_speed(void)
{
	int64_t began = v2m_mono_ms();
	int i;

	for (i = 0; i < 200; i++) {
		put(name_a, "{\"video_fid\": \"0123456789abcdef01234567\"}");
		next(in_a, SOON_MS);
	}
	began = v2m_mono_ms() - began;
	printf("# publish, take and ack: %lld a second\n",
	    (long long)(200 * 1000 / (began > 0 ? began : 1)));
}

/* --- the file --- */

static void
test_setup(void)
{
	struct v2m_conf conf;
	char url[96], path[96];
	struct stat st;

	snprintf(path, sizeof path, "%s/v2m.db", suite_dir);
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "the file is its owner's alone");
	snprintf(url, sizeof url, "sqlite:%s/sub/q.db", suite_dir);
	suite_load(&conf, "queue", url, "2min");
	ok(v2m_queue_open(&conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "v2m-init") != NULL,
	    "a queue that is not set up wants v2m-init");
	good(v2m_queue_init(&conf, &suite_err) == 0, "which makes the folder");
	v2m_conf_release(&conf);
	suite_load(&conf, "queue", "sqlite:", "2min");
	ok(v2m_queue_open(&conf, &suite_err) == NULL &&
	    v2m_queue_init(&conf, &suite_err) < 0 &&
	    suite_err.code == V2M_CONFIG, "sqlite: alone is refused");
	v2m_conf_release(&conf);
	suite_load(&conf, "queue", "pigeon://u:geheim@loft", "2min");
	ok(v2m_queue_open(&conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "geheim") == NULL,
	    "an unknown scheme is refused without its password");
	v2m_conf_release(&conf);
	suite_load(&conf, "queue", NULL, "0");
	ok(v2m_queue_open(&conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG, "so is a lease of nothing");
	v2m_conf_release(&conf);
}

/* Rows that another program, or an administrator with sqlite3, may insert. */
static void
test_foreign_rows(void)
{
	struct v2m_queue_message m;
	struct v2m_db *db;
	char path[96];

	snprintf(path, sizeof path, "%s/v2m.db", suite_dir);
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL && v2m_db_run(db, &suite_err, NULL,
	    "INSERT INTO message (queue, body) VALUES "
	    "(?, x'610062'), (?, 42), (?, zeroblob(70000)), (?, 'end')",
	    "tttt", name_a, name_a, name_a, name_a) == 4, "foreign rows");
	v2m_db_close(db);
	must(v2m_queue_take(queue, in_a, 0, &m, &suite_err) == 1, "take");
	ok(m.length == 3 && memcmp(m.body, "a\0b", 4) == 0,
	    "a body with a NUL keeps its length");
	v2m_queue_ack(queue, &m, &suite_err);
	v2m_queue_message_release(&m);
	is(next(in_a, 0), "42", "a number is a body as well");
	is(next(in_a, 0), "end", "one that is too long is passed over");
	is_depth(failed_a, 1, "and put aside");
}

static int
init_at_once(void *arg)
{
	return v2m_queue_init(arg, &suite_err) < 0;
}

static void
test_many_inits(void)
{
	struct v2m_conf conf;
	char url[96];

	snprintf(url, sizeof url, "sqlite:%s/new/q.db", suite_dir);
	suite_load(&conf, "queue", url, "2min");
	is_int(suite_children(TAKERS, init_at_once, &conf), 0,
	    "several v2m-init at once");
	v2m_conf_release(&conf);
}

static void *
stop_soon(void *arg)
{
	(void)arg;
	usleep(200 * 1000);
	raise(SIGTERM);
	return NULL;
}

static int
wait_until_stopped(void *arg)
{
	int64_t began = v2m_mono_ms();
	struct v2m_queue *q;
	struct v2m_queue_message m;
	pthread_t thread;
	int n;

	(void)arg;
	if (v2m_stop_init(&suite_err) < 0)
		return 1;
	q = open_queue();
	pthread_create(&thread, NULL, stop_soon, NULL);
	n = v2m_queue_take(q, in_a, 20000, &m, &suite_err);
	pthread_join(thread, NULL);
	v2m_queue_close(q);
	return n == 0 && v2m_mono_ms() - began < 15000 ? 0 : 1;
}

#define NOW_MS "unixepoch() * 1000"

static void
run_sql(const char *sql)
{
	struct v2m_db *db;
	char path[96];

	snprintf(path, sizeof path, "%s/v2m.db", suite_dir);
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL && v2m_db_run(db, &suite_err, NULL, sql, "") >= 0,
	    sql);
	v2m_db_close(db);
}

/* CPU time of a hundred takes that find nothing. */
static int64_t
look_us(void)
{
	struct timespec t;
	int64_t began;
	int i;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	began = t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
	for (i = 0; i < 100; i++)
		must(next(in_a, 0)[0] == '\0', "none is due");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000 - began;
}

/* Due messages are taken in the order of their due time. */
static void
test_order(void)
{
	run_sql("INSERT INTO message (queue, body, due_ms, wait_ms) SELECT "
	    "column1, column2, column3, column4 FROM (VALUES "
	    "('q', 'late', 2000, 10), ('q', 'early', 1000, 10), "
	    "('q', 'new', 0, 0), ('q', 'later', " NOW_MS " + 60000, 60000))");
	is(next(in_q, 0), "early", "who waited longest");
	is(next(in_q, 0), "late", "who waited, too");
	is(next(in_q, 0), "new", "who came behind them");
	is(next(in_q, 0), "", "who still waits");
	run_sql("DELETE FROM message WHERE queue = 'q'");
}

/* The clock was set back, or differs between machines. */
static void
test_wrong_clock(void)
{
	run_sql("INSERT INTO message (queue, body, due_ms, wait_ms, holder) "
	    "SELECT column1, column2, column3, column4, column5 FROM (VALUES "
	    "('q', 'delayed', " NOW_MS " + 3600000, 10000, NULL), "
	    "('q', 'held', " NOW_MS " + 7200000, 120000, 'x'), "
	    "('q', 'right', " NOW_MS " + 60000, 30001, NULL))");
	is(next(in_q, 5000), "delayed", "a pause that ends in an hour is over");
	is(next(in_q, 0), "held", "so is a lease that ends in two hours");
	is(next(in_q, 0), "", "and not one of less than twice its length");
	run_sql("DELETE FROM message WHERE queue = 'q'");
}

static void
test_many_pausing(void)
{
	int64_t few = look_us(), many;
	char sql[512];

	snprintf(sql, sizeof sql, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
	    "SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO message "
	    "(queue, body, due_ms, wait_ms) SELECT '%s', '', " NOW_MS
	    " + 600000 + i, 600000 FROM n", name_a);
	run_sql(sql);
	many = look_us();
	printf("# a look: %ld us, among 100,000 that wait %ld us\n",
	    (long)(few / 100), (long)(many / 100));
	ok(many < 5 * few + 20000, "who looks walks over none that waits");
	snprintf(sql, sizeof sql, "DELETE FROM message WHERE queue = '%s'",
	    name_a);
	run_sql(sql);
}

/* Made by an older v2m with another index and without the time of
 * publishing. */
static void
test_older(void)
{
	put(name_a, "of before");
	v2m_queue_close(queue);
	run_sql("CREATE INDEX message_line ON message (queue, seq, due_ms)");
	run_sql("DROP INDEX message_due");
	run_sql("ALTER TABLE message DROP COLUMN published_ms");
	run_sql("ALTER TABLE message DROP COLUMN wait_ms");
	run_sql("UPDATE v2m_schema SET version = 1 WHERE component = 'queue'");
	ok(v2m_queue_open(&suite_conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG, "an older queue wants v2m-init");
	good(v2m_queue_init(&suite_conf, &suite_err) == 0, "which upgrades it");
	queue = open_queue();
	is(next(in_a, 0), "of before", "with what is in it");
}

int
main(int argc, char **argv)
{
	char id[V2M_ID_SIZE], lease[16];
	int64_t began;

	/* A broker's queues must be declared first. */
	v2m_id_new(id);
	snprintf(name_a, sizeof name_a, "test-a-%s", id);
	snprintf(name_b, sizeof name_b, "test-b-%s", id);
	snprintf(failed_a, sizeof failed_a, "%s.failed", name_a);
	setenv("V2M_QUEUE_VIDEO", name_a, 1);
	setenv("V2M_QUEUE_MP3", name_b, 1);
	suite_start(argc, argv, "queue", "V2M_TEST_QUEUE", "2min");
	good(v2m_queue_init(&suite_conf, &suite_err) == 0,
	    "the queue is set up");
	good(v2m_queue_init(&suite_conf, &suite_err) == 0, "init again");
	queue = open_queue();

	test_bodies();
	test_published();
	test_waiting();
	test_settling();
	test_bury();
	began = v2m_mono_ms();
	test_turns();
	lease_ms += (int)(v2m_mono_ms() - began);
	snprintf(lease, sizeof lease, "%dms", lease_ms);
	suite_load(&short_conf, "queue", v2m_conf_text(&suite_conf, "queue"),
	    lease);
	test_close();
	if (suite_embedded)
		test_lease();
	test_death();
	test_race();
	test_names();
	test_threads();
	is_int(suite_child(wait_until_stopped, NULL), 0,
	    "a signal ends the wait");
	if (suite_embedded) {
		test_setup();
		test_foreign_rows();
		test_many_inits();
		test_order();
		test_wrong_clock();
		test_many_pausing();
		test_older();
	}
	report_speed();
	v2m_queue_close(queue);
	v2m_conf_release(&short_conf);
	return suite_end();
}
