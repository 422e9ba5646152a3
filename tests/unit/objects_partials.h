/* objects_partials.h - partial uploads: a part of objects_suite.c, whose
 * helpers it uses. */
#ifndef V2M_TESTS_OBJECTS_PARTIALS_H
#define V2M_TESTS_OBJECTS_PARTIALS_H

#include "store/document.h"
#include "store/partial.h"

#define FAR_MS (INT64_C(4102444800) * 1000)	/* the year 2100 */
#define NEAR_MS INT64_C(1000000)		/* long ago */

static void
new_partial(struct v2m_partial *p, int64_t length)
{
	memset(p, 0, sizeof *p);
	v2m_id_new(p->id);
	snprintf(p->owner, sizeof p->owner, "%s", owner);
	snprintf(p->text, sizeof p->text, "name Ärger");
	p->length = length;
	p->most = BIG;
	p->until = FAR_MS;
	must(v2m_partial_create(store, p, &suite_err) == 0, "there is one");
}

/* Append the bytes of `big` from the upload's length up to `to`, in pieces of
 * different sizes. */
static int
feed(struct v2m_store *s, struct v2m_partial *p, int64_t to)
{
	int64_t piece = 1, n;

	while (p->offset < to) {
		n = to - p->offset < piece ? to - p->offset : piece;
		if (v2m_partial_append(s, p, big + p->offset, (size_t)n,
		    &suite_err) < 0)
			return -1;
		piece = piece * 7 % 900001 + 1;
	}
	return 0;
}

/* Is the video the first n bytes of `big`, with the right hash? */
static bool
is_big(const char *id, int64_t n)
{
	struct v2m_object o;
	struct v2m_reader *r = v2m_store_read(store, V2M_VIDEO, id, &o,
	    &suite_err);
	unsigned char *buf = malloc((size_t)n + 1);
	char hex[V2M_SHA256_HEX];
	struct v2m_sha256 h;
	bool same = r != NULL && buf != NULL && v2m_reader_length(r) == n &&
	    v2m_reader_pread(r, buf, (size_t)n + 1, 0, &suite_err) == n &&
	    memcmp(buf, big, (size_t)n) == 0;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, big, (size_t)n);
	v2m_sha256_final(&h, hex);
	v2m_reader_free(r);
	free(buf);
	return same && strcmp(hex, o.sha256) == 0 && o.created_at > 0;
}

static int
finish(struct v2m_store *s, struct v2m_partial *p)
{
	struct v2m_object o = { .name = "talk.mp4" };

	return v2m_partial_finish(s, p, &o, &suite_err);
}

/* Is nothing of it left? */
static bool
has_gone(const char *id)
{
	struct v2m_partial p = { .rev = 0 };
	bool gone = v2m_partial_get(store, id, &p, &suite_err) < 0 &&
	    suite_err.code == V2M_NOINPUT;

	v2m_partial_clear(&p);
	return gone;
}

static void
test_partial(void)
{
	struct v2m_partial p, seen = { .rev = 0 };
	struct v2m_store *other = open_store();

	new_partial(&p, BIG);
	good(feed(store, &p, 5000000) == 0, "bytes are appended");
	ok(!is_there(other, V2M_VIDEO, p.id), "nobody sees a video");
	good(v2m_partial_get(other, p.id, &seen, &suite_err) == 0 &&
	    seen.length == BIG, "but who asks sees a partial upload");
	is_int(seen.saved, 0, "with nothing saved");
	is(seen.owner, owner, "its owner");
	is(seen.text, "name Ärger", "and the text that came with it");
	good(v2m_partial_save(store, &p, false, &suite_err) == 0 &&
	    v2m_partial_get(other, p.id, &seen, &suite_err) == 0 &&
	    seen.saved == 5000000, "a save makes them durable");
	ok(finish(store, &p) < 0 && suite_err.code == V2M_DATA,
	    "it is finished only when it is whole");
	ok(v2m_partial_append(store, &p, big, BIG, &suite_err) < 0 &&
	    suite_err.code == V2M_DATA, "and never longer");
	good(feed(other, &p, BIG) == 0, "another connection goes on");
	good(finish(store, &p) == 0, "a third finishes it");
	ok(is_big(p.id, BIG), "and the video is what was sent");
	ok(has_gone(p.id), "nothing is left of the partial upload");
	ok(v2m_partial_append(store, &p, "x", 1, &suite_err) < 0 &&
	    v2m_partial_take(store, p.id, 0, &p, &suite_err) < 0,
	    "nor can it be gone on with");
	good(v2m_partial_drop(store, p.id, &suite_err) == 0 &&
	    is_big(p.id, BIG), "and dropping it leaves the video");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_partial_clear(&p);
	v2m_partial_clear(&seen);
	v2m_store_close(other);
}

/* Interrupt it at each of these lengths, on different sides of chunk
 * borders. */
static void
resume_at(const int64_t *cuts, int64_t length)
{
	struct v2m_partial p, q = { .rev = 0 };
	struct v2m_store *s = open_store();
	bool fine = true;
	size_t i;

	new_partial(&p, length);
	for (i = 0; fine && cuts[i] != 0; i++) {
		/* Save sometimes, sometimes not. */
		fine = feed(s, &p, cuts[i]) == 0 &&
		    v2m_partial_save(s, &p, i % 2 == 0, &suite_err) == 0 &&
		    (i % 2 == 0 || feed(s, &p, cuts[i] + 40000) == 0) &&
		    v2m_partial_take(s, p.id, 0, &q, &suite_err) == 0 &&
		    q.offset == cuts[i] && q.hashed;
		v2m_partial_clear(&p);
		p = q;
		memset(&q, 0, sizeof q);
		v2m_store_close(s);
		s = open_store();
	}
	good(fine, "an upload is cut off and goes on, many times");
	good(feed(s, &p, length) == 0 && finish(s, &p) == 0 &&
	    is_big(p.id, length), "and ends whole");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_partial_clear(&p);
	v2m_store_close(s);
}

static bool
has_large_chunks(void)
{
	struct v2m_partial p;
	bool large;

	new_partial(&p, 1);
	large = p.chunk_size > 1000000;
	v2m_partial_drop(store, p.id, &suite_err);
	v2m_partial_clear(&p);
	return large;
}

static void
test_partial_resumed(void)
{
	static const int64_t cuts[] = { 1, 1000, 261119, 261120, 261121,
		262143, 262144, 262145, 522240, 524288, 524289, 3000000, 0 };
	static const int64_t far[] = { 4000000, 5242879, 5242880, 5242881,
		10485760, 10485761, 15728639, 0 };

	resume_at(cuts, 3100000);
	if (has_large_chunks())
		resume_at(far, 15728640);
}

/* So many more bytes do not only stay in memory, but reach the store. */
static int64_t
enough(const struct v2m_partial *p)
{
	return p->chunk_size > 2000000 ? p->chunk_size : 2000000;
}

static void
test_partial_fence(void)
{
	struct v2m_partial p, q = { .rev = 0 };
	unsigned char *wrong;
	size_t n;

	new_partial(&p, has_large_chunks() ? 15000000 : 4000000);
	n = (size_t)enough(&p);
	wrong = calloc(1, n);
	must(wrong != NULL, "memory");
	must(feed(store, &p, 1000000) == 0 && v2m_partial_save(store, &p, false,
	    &suite_err) == 0, "there is one");
	good(v2m_partial_take(store, p.id, 0, &q, &suite_err) == 0 &&
	    q.offset == 1000000, "a newer connection takes it over");
	ok(v2m_partial_append(store, &p, wrong, n, &suite_err) < 0 &&
	    suite_err.code == V2M_DENIED,
	    "what the older one still sends is refused");
	ok(v2m_partial_save(store, &p, false, &suite_err) < 0 &&
	    suite_err.code == V2M_DENIED, "it can save nothing");
	ok(finish(store, &p) < 0, "nor finish it");
	good(feed(store, &q, 2000000) == 0, "the newer one goes on");
	p.ours = true;		/* as a stopped process, which does not know
				 * that */
	p.ngathered = 0;
	ok(v2m_partial_append(store, &p, wrong, n, &suite_err) < 0,
	    "however often it tries");
	p.ours = true;
	ok(v2m_partial_save(store, &p, false, &suite_err) < 0,
	    "and whatever it tries");
	good(feed(store, &q, q.length) == 0 && finish(store, &q) == 0 &&
	    is_big(q.id, q.length), "what is stored is the newer one's");
	v2m_store_remove(store, V2M_VIDEO, q.id, &suite_err);

	v2m_partial_clear(&p);
	new_partial(&p, -1);
	must(feed(store, &p, 600000) == 0 &&
	    v2m_partial_save(store, &p, false, &suite_err) == 0 &&
	    feed(store, &p, 1500000) == 0, "one who is far");
	good(v2m_partial_take(store, p.id, 0, &q, &suite_err) == 0 &&
	    finish(store, &q) == 0 && is_big(p.id, 600000),
	    "what another sent behind the end is not there");
	v2m_store_remove(store, V2M_VIDEO, q.id, &suite_err);

	v2m_partial_clear(&p);
	new_partial(&p, -1);
	must(feed(store, &p, 600000) == 0, "a partial upload of unknown length "
	    "is fed");
	must(v2m_partial_save(store, &p, false, &suite_err) == 0, "saved");
	must(v2m_partial_append(store, &p, wrong, 1000000, &suite_err) == 0,
	    "with wrong bytes behind");
	good(v2m_partial_take(store, p.id, 0, &p, &suite_err) == 0 &&
	    p.offset == 600000 && !p.doubtful,
	    "one may take back what one sent");
	good(feed(store, &p, 700000) == 0 && finish(store, &p) == 0 &&
	    is_big(p.id, 700000), "and send it right, and less of it");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_partial_clear(&p);
	v2m_partial_clear(&q);
	free(wrong);
}

/* Take it and stop before the driver is told, while the next holder goes on and
 * saves. */
static int
take_and_freeze(void *arg)
{
	struct v2m_store *s = open_store();
	struct v2m_partial p = { .rev = 0 };

	setenv("V2M_FAULT", "stop:partial-taken", 1);
	return v2m_partial_take(s, arg, 0, &p, &suite_err) < 0 &&
	    suite_err.code == V2M_DENIED ? 0 : 1;
}

static void
test_partial_frozen_taker(void)
{
	struct v2m_partial p;
	int status = 0;
	pid_t pid;

	new_partial(&p, 900000);
	must(feed(store, &p, 300000) == 0 &&
	    v2m_partial_save(store, &p, true, &suite_err) == 0, "there is one");
	pid = suite_fork(take_and_freeze, p.id);
	waitpid(pid, &status, WUNTRACED);
	ok(WIFSTOPPED(status), "who takes an upload freezes");
	good(v2m_partial_take(store, p.id, 0, &p, &suite_err) == 0 &&
	    feed(store, &p, 800000) == 0 &&
	    v2m_partial_save(store, &p, false, &suite_err) == 0,
	    "the next one takes it, and saves");
	kill(pid, SIGCONT);
	is_int(suite_wait(pid), 0, "the first is refused when he wakes");
	good(feed(store, &p, 900000) == 0 && finish(store, &p) == 0 &&
	    is_big(p.id, 900000), "and has spoiled nothing");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_partial_clear(&p);
}

static void
test_partial_dropped(void)
{
	struct v2m_partial p, q = { .rev = 0 };

	new_partial(&p, BIG);
	must(feed(store, &p, 2000000) == 0 && v2m_partial_save(store, &p, false,
	    &suite_err) == 0, "there is one");
	good(v2m_partial_drop(store, p.id, &suite_err) == 0 && has_gone(p.id),
	    "a partial upload is dropped");
	ok(v2m_partial_append(store, &p, big, (size_t)enough(&p),
	    &suite_err) < 0 && suite_err.code == V2M_DENIED,
	    "under its holder's feet");
	ok(v2m_partial_take(store, p.id, 0, &q, &suite_err) < 0 &&
	    suite_err.code == V2M_NOINPUT, "and cannot be taken");
	good(v2m_partial_drop(store, p.id, &suite_err) == 0,
	    "dropping it again is fine");
	v2m_partial_clear(&p);
	v2m_partial_clear(&q);
	ok(v2m_partial_drop(store, "../../etc/passwd", &suite_err) < 0 &&
	    v2m_partial_get(store, "x", &p, &suite_err) < 0 &&
	    v2m_partial_take(store, "../x", 0, &p, &suite_err) < 0,
	    "what is no ID is no partial upload");
}

static int
find_in_list(int64_t before, const char *id)
{
	struct v2m_partial *list;
	char after[V2M_ID_SIZE] = "";
	size_t i, n;
	int found = 0;

	do {
		if (v2m_partial_list(store, before, after, 2, &list, &n,
		    &suite_err) < 0)
			return -1;
		for (i = 0; i < n; i++) {
			found += strcmp(list[i].id, id) == 0;
			memcpy(after, list[i].id, sizeof after);
		}
		free(list);
	} while (n == 2);
	return found;
}

static void
test_partial_list(void)
{
	struct v2m_partial p[3];
	int i;

	for (i = 0; i < 3; i++)
		new_partial(&p[i], 100);
	p[1].until = NEAR_MS;
	good(v2m_partial_save(store, &p[1], true, &suite_err) == 0,
	    "a save says until when it lives");
	ok(find_in_list(0, p[0].id) == 1 && find_in_list(0, p[1].id) == 1,
	    "all partial uploads are listed");
	ok(find_in_list(NEAR_MS + 1, p[0].id) == 0 &&
	    find_in_list(NEAR_MS + 1, p[1].id) == 1 &&
	    find_in_list(NEAR_MS, p[1].id) == 0,
	    "or those whose time is over");
	good(v2m_partial_take(store, p[1].id, FAR_MS, &p[1], &suite_err) == 0 &&
	    find_in_list(NEAR_MS + 1, p[1].id) == 0,
	    "which taking it changes");
	for (i = 0; i < 3; i++) {
		v2m_partial_drop(store, p[i].id, &suite_err);
		v2m_partial_clear(&p[i]);
	}
}

/* Die at a point in or between the three steps of a partial upload. */
struct dying {
	const char *point, *id;
	bool finish;
};

static int
die_at(void *arg)
{
	struct dying *d = arg;
	struct v2m_store *s = open_store();
	struct v2m_partial p = { .rev = 0 };
	char order[64];

	if (v2m_partial_take(s, d->id, 0, &p, &suite_err) < 0)
		return 1;
	snprintf(order, sizeof order, "kill:%s", d->point);
	setenv("V2M_FAULT", order, 1);
	if (feed(s, &p, 700000) < 0)
		return 2;
	if (d->finish)
		finish(s, &p);
	else
		v2m_partial_save(s, &p, false, &suite_err);
	return 3;
}

static void
test_partial_death(const char *point, bool ends, int64_t saved)
{
	struct dying d = { point, NULL, ends };
	struct v2m_partial p;
	char what[96];
	int status;

	new_partial(&p, 700000);
	must(feed(store, &p, 300000) == 0 &&
	    v2m_partial_save(store, &p, true, &suite_err) == 0, "there is one");
	d.id = p.id;
	status = suite_child(die_at, &d);
	snprintf(what, sizeof what, "killed at %s", point);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, what);
	if (saved < 0) {
		ok(is_big(p.id, 700000) && has_gone(p.id), "it was finished");
	} else {
		good(v2m_partial_take(store, p.id, 0, &p, &suite_err) == 0 &&
		    p.offset == saved, "it is as it was saved");
		good(feed(store, &p, 700000) == 0 && finish(store, &p) == 0 &&
		    is_big(p.id, 700000), "and goes on to its end");
	}
	v2m_partial_drop(store, p.id, &suite_err);
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_partial_clear(&p);
}

/* Processes take it from each other while they finish it: one of them
 * succeeds. */
struct finisher {
	pthread_barrier_t *start;
	char id[V2M_ID_SIZE];
	int ended;
};

static void *
run_finisher(void *arg)
{
	struct finisher *f = arg;
	struct v2m_store *s = v2m_store_open(&suite_conf, NULL);
	struct v2m_object o = { .name = "talk.mp4" };
	struct v2m_partial p = { .rev = 0 };

	pthread_barrier_wait(f->start);
	if (s != NULL && v2m_partial_take(s, f->id, 0, &p, NULL) == 0)
		f->ended = v2m_partial_finish(s, &p, &o, NULL) == 0;
	v2m_partial_clear(&p);
	v2m_store_close(s);
	return NULL;
}

static void
test_partial_finishers(void)
{
	enum { THREADS = 4, ROUNDS = 10 };
	struct finisher all[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	struct v2m_partial p;
	int i, round, ended, one = 0, kept = 0;

	pthread_barrier_init(&start, NULL, THREADS);
	for (round = 0; round < ROUNDS; round++) {
		new_partial(&p, 600000);
		must(feed(store, &p, 600000) == 0 && v2m_partial_save(store, &p,
		    true, &suite_err) == 0, "there is one");
		for (i = 0; i < THREADS; i++) {
			all[i].start = &start;
			all[i].ended = 0;
			memcpy(all[i].id, p.id, sizeof p.id);
			must(pthread_create(&threads[i], NULL, run_finisher,
			    &all[i]) == 0, "threads");
		}
		for (i = ended = 0; i < THREADS; i++) {
			pthread_join(threads[i], NULL);
			ended += all[i].ended;
		}
		one += ended <= 1;
		/* If all disturbed each other, it can still be finished. */
		if (ended == 0 && v2m_partial_take(store, p.id, 0, &p,
		    &suite_err) == 0)
			finish(store, &p);
		kept += is_big(p.id, 600000) && has_gone(p.id);
		v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
		v2m_partial_clear(&p);
	}
	is_int(one, ROUNDS, "of many finishers one ends it at most");
	is_int(kept, ROUNDS, "and the video is there");
	pthread_barrier_destroy(&start);
}

/* If the saved hash state is of another build of the library, the bytes are
 * hashed again. */
static void
test_partial_hash(void)
{
	struct v2m_document n = { .rev = 0 };
	struct v2m_partial p;
	char *at = NULL;

	new_partial(&p, 900000);
	must(feed(store, &p, 400000) == 0 &&
	    v2m_partial_save(store, &p, true, &suite_err) == 0, "there is one");
	must(v2m_document_get(store, V2M_PARTIAL_DOCUMENT, p.id, &n, &suite_err)
	    == 1 && (at = strstr(n.text, "nettle-")) != NULL, "its state");
	at[7] = '0';
	must(v2m_document_put(store, &n, &suite_err) == 1, "changed");
	good(v2m_partial_take(store, p.id, 0, &p, &suite_err) == 0 && !p.hashed,
	    "another build's hash is not believed");
	good(feed(store, &p, 900000) == 0 && finish(store, &p) == 0,
	    "it is made anew");
	ok(is_big(p.id, 900000), "and is right");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_document_clear(&n);
	v2m_partial_clear(&p);
}

static void
test_partial_tidy(void)
{
	struct v2m_partial p;
	int left = 0;

	new_partial(&p, 900000);
	must(feed(store, &p, 800000) == 0 &&
	    v2m_partial_save(store, &p, true, &suite_err) == 0, "there is one");
	good(v2m_store_tidy(store, FAR_MS, false, true, count_left, &left,
	    &suite_err) == 0, "a store is tidied");
	good(v2m_partial_take(store, p.id, 0, &p, &suite_err) == 0,
	    "and keeps the uploads of the living");
	good(feed(store, &p, 900000) == 0 && finish(store, &p) == 0,
	    "which go on");
	ok(is_big(p.id, 900000), "to their end");
	v2m_store_remove(store, V2M_VIDEO, p.id, &suite_err);
	v2m_partial_clear(&p);
}

static void
test_partial_room(void)
{
	struct v2m_partial p;

	good(v2m_partial_room(store, 1, 1, &suite_err) == 0, "there is room");
	ok(v2m_partial_room(store, INT64_C(1) << 60, 1, &suite_err) < 0 &&
	    suite_err.code == V2M_TEMP && v2m_err_is_busy(&suite_err),
	    "but not for more than a disk");
	new_partial(&p, INT64_C(1) << 60);
	good(v2m_partial_room(store, 1, 1, &suite_err) == 0,
	    "what is announced to come of an upload takes none");
	v2m_partial_drop(store, p.id, &suite_err);
	v2m_partial_clear(&p);
}

static void
test_partials(void)
{
	test_partial();
	test_partial_resumed();
	test_partial_fence();
	test_partial_frozen_taker();
	test_partial_dropped();
	test_partial_list();
	test_partial_finishers();
	test_partial_hash();
	test_partial_tidy();
	test_partial_death("partial-written", false, 300000);
	test_partial_death("partial-saved", false, 700000);
	test_partial_death("store-written", true, 700000);
	test_partial_death("store-linked", true, 700000);
	test_partial_death("store-committed", true, 700000);
	test_partial_death("partial-finished", true, -1);
	if (suite_embedded)
		test_partial_room();
}

#endif
