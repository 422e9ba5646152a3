/* upload_stream.c - uploads as their bytes arrive, and quotas; an argument is
 * the URL of a store. */
#include <jansson.h>
#include <pthread.h>

#include "base/db.h"
#include "flow/job.h"
#include "flow/prune.h"
#include "flow/quota.h"
#include "flow/upload_stream.h"
#include "store/document.h"
#include "suite.h"

#define SIZE 900000

static struct v2m_services services;
static struct v2m_conf limited;		/* with quotas */
static char owner[V2M_EMAIL_MAX];
static unsigned char bytes[SIZE];
static enum v2m_upload_refusal why;

static struct v2m_upload_stream_request
ask_for(int64_t length, bool resumable)
{
	struct v2m_upload_stream_request ask = { .owner = owner,
	    .name = "C:/a/talk.mp4", .length = length, .resumable = resumable,
	    .text = "meta data" };

	v2m_settings_init(&ask.settings);
	return ask;
}

static struct v2m_upload_stream *
begin(int64_t length, bool resumable)
{
	struct v2m_upload_stream_request ask = ask_for(length, resumable);

	return v2m_upload_stream_begin(&services, &ask, &why, &suite_err);
}

static int
feed(struct v2m_upload_stream *r, int64_t to)
{
	while (v2m_upload_stream_offset(r) < to) {
		int64_t at = v2m_upload_stream_offset(r);
		size_t n = to - at < 50000 ? (size_t)(to - at) : 50000;

		if (v2m_upload_stream_write(r, v2m_upload_stream_gathers(r, n) ?
		    NULL : &services, bytes + at, n, &suite_err) < 0)
			return -1;
	}
	return 0;
}

static int
finish_with(struct v2m_upload_stream *r, struct v2m_services *s)
{
	bool existed;
	int ret = v2m_upload_stream_finish_begin(r, s, &existed, &suite_err);

	return ret <= 0 ? ret :
	    v2m_upload_stream_finish_end(r, s, NULL, &suite_err);
}

static int
finish(struct v2m_upload_stream *r)
{
	return finish_with(r, &services);
}

static void
id_of(const struct v2m_upload_stream *r, char id[V2M_ID_SIZE])
{
	memcpy(id, v2m_upload_stream_record(r)->id, V2M_ID_SIZE);
}

static bool
has_record(const char *id, struct v2m_record *r)
{
	return v2m_store_get(services.store, id, r, &suite_err) == 0;
}

static bool
has_video(const char *id)
{
	struct v2m_reader *reader = v2m_store_read(services.store, V2M_VIDEO,
	    id, NULL, &suite_err);
	bool has = reader != NULL && v2m_reader_length(reader) == SIZE;

	v2m_reader_free(reader);
	return has;
}

/* Is there neither record, nor video, nor partial upload? */
static bool
is_nothing(const char *id)
{
	struct v2m_partial part = { .rev = 0 };
	struct v2m_record r;
	bool none = !has_record(id, &r) && !has_video(id) &&
	    v2m_partial_get(services.store, id, &part, &suite_err) < 0;

	v2m_partial_clear(&part);
	return none;
}

static void
forget(const char *id)
{
	v2m_partial_drop(services.store, id, &suite_err);
	v2m_store_remove(services.store, V2M_VIDEO, id, &suite_err);
	v2m_store_forget(services.store, id, &suite_err);
}

static void
test_whole(void)
{
	struct v2m_upload_stream *r = begin(SIZE, false);
	struct v2m_record record;
	char id[V2M_ID_SIZE];

	must(r != NULL, "an upload begins");
	id_of(r, id);
	ok(has_record(id, &record) && record.state == V2M_JOB_NEW &&
	    strcmp(record.name, "talk.mp4") == 0, "its record is new");
	good(feed(r, SIZE) == 0, "its bytes come");
	is_int(v2m_upload_stream_stage(r), V2M_UPLOAD_STORED, "all of them");
	ok(v2m_upload_stream_write(r, &services, "x", 1, &suite_err) < 0 &&
	    v2m_upload_stream_refusal(r) == V2M_UPLOAD_LENGTH, "and no more");
	good(finish(r) == 0, "it becomes a job");
	ok(has_record(id, &record) && record.state == V2M_JOB_QUEUED,
	    "its record is queued");
	is_int(record.length, SIZE, "with its length");
	ok(record.sha256[0] != '\0', "with its digest");
	ok(has_video(id), "its video is stored");
	good(finish(r) == 0, "finishing it again changes nothing");
	good(v2m_upload_stream_abort(r, &services, &suite_err) == 0 &&
	    has_video(id), "nor does aborting it");
	v2m_upload_stream_free(r);
	forget(id);
}

static void
test_refused(void)
{
	struct v2m_upload_stream *r = begin(0, false);
	struct v2m_upload_stream_request ask;
	char id[V2M_ID_SIZE];

	ok(r == NULL && suite_err.code == V2M_DATA &&
	    why == V2M_UPLOAD_LENGTH, "an empty file is refused");
	r = begin(INT64_C(9) << 30, false);
	ok(r == NULL && suite_err.code == V2M_DATA &&
	    why == V2M_UPLOAD_LENGTH, "and one that is too large");
	is(suite_err.msg, "larger than max_upload (8.0 GB)", "by name");
	ask = ask_for(-1, false);
	ask.most = 1000;
	r = v2m_upload_stream_begin(&services, &ask, &why, &suite_err);
	must(r != NULL, "one of unknown length");
	id_of(r, id);
	ok(feed(r, 1001) < 0 && suite_err.code == V2M_DATA &&
	    v2m_upload_stream_refusal(r) == V2M_UPLOAD_LENGTH,
	    "it may not be longer than allowed");
	v2m_upload_stream_abort(r, &services, &suite_err);
	v2m_upload_stream_free(r);
	ok(is_nothing(id), "nothing stays of it");
	r = begin(-1, false);
	must(r != NULL, "another one");
	id_of(r, id);
	ok(finish(r) < 0 && suite_err.code == V2M_DATA,
	    "nothing in it is refused");
	ok(is_nothing(id), "and nothing stays");
	v2m_upload_stream_free(r);
	r = begin(SIZE, false);
	must(r != NULL && feed(r, 1000) == 0, "one that is cut off");
	id_of(r, id);
	ok(finish(r) < 0 && suite_err.code == V2M_DATA && is_nothing(id),
	    "leaves nothing either");
	v2m_upload_stream_free(r);
}

static void
test_resumed(void)
{
	struct v2m_upload_stream *r = begin(SIZE, true), *again;
	struct v2m_upload_stream_state state;
	struct v2m_record record;
	char id[V2M_ID_SIZE];

	must(r != NULL && feed(r, 300000) == 0, "a resumable one");
	id_of(r, id);
	good(v2m_upload_stream_save(r, &services, true, &suite_err) == 0,
	    "an upload is saved and left");
	v2m_upload_stream_free(r);
	must(has_record(id, &record), "its record");
	good(v2m_upload_stream_inspect(&services, &record, &state, &why,
	    &suite_err) == 0 && state.offset == 300000,
	    "anybody can look how far it is");
	ok(state.length == SIZE && state.stage == V2M_UPLOAD_COMING,
	    "and how far it is to go");
	is(state.text, "meta data", "and what came with it");
	r = v2m_upload_stream_resume(&services, &record, &why, &suite_err);
	must(r != NULL && feed(r, 400000) == 0, "resumed");
	again = v2m_upload_stream_resume(&services, &record, &why, &suite_err);
	must(again != NULL, "resumed by another");
	is_int(v2m_upload_stream_offset(again), 300000, "from what was saved");
	ok(feed(r, SIZE) < 0 &&
	    v2m_upload_stream_refusal(r) == V2M_UPLOAD_TAKEN,
	    "the first has lost it");
	ok(finish(r) < 0 && v2m_upload_stream_refusal(r) == V2M_UPLOAD_TAKEN &&
	    has_record(id, &record), "and cannot spoil it");
	v2m_upload_stream_free(r);
	good(feed(again, SIZE) == 0 && finish(again) == 0 && has_video(id),
	    "the second ends it");
	v2m_upload_stream_free(again);
	must(has_record(id, &record), "its record");
	good(v2m_upload_stream_inspect(&services, &record, &state, &why,
	    &suite_err) == 0 && state.offset == SIZE &&
	    state.stage == V2M_UPLOAD_ACCEPTED, "and then it is a job");
	r = v2m_upload_stream_resume(&services, &record, &why, &suite_err);
	good(r != NULL && finish(r) == 0, "for who asks again, too");
	v2m_upload_stream_free(r);
	forget(id);
}

/* The job is removed during the check. */
static void
test_removed(void)
{
	struct v2m_upload_stream *r = begin(SIZE, true);
	struct v2m_record record;
	char id[V2M_ID_SIZE];
	bool existed;

	must(r != NULL && feed(r, SIZE) == 0, "one that is all there");
	id_of(r, id);
	must(v2m_upload_stream_finish_begin(r, &services, &existed,
	    &suite_err) == 1 && has_record(id, &record), "it is stored");
	must(v2m_job_remove(services.store, &record, &suite_err) == 1,
	    "and removed");
	ok(v2m_upload_stream_finish_end(r, &services, NULL, &suite_err) < 0 &&
	    suite_err.code == V2M_NOINPUT, "who finishes it hears so");
	ok(!has_video(id), "and its video is gone");
	v2m_upload_stream_free(r);
	forget(id);
}

struct dying {
	const char *order, *point;
	int to;			/* the child writes the ID there */
	bool resumable;
};

static int
die_at(void *arg)
{
	struct dying *d = arg;
	struct v2m_upload_stream_request ask = ask_for(SIZE, d->resumable);
	struct v2m_services s;
	struct v2m_upload_stream *r;
	char order[64];

	if (v2m_services_open(&s, &limited, true, &suite_err) < 0)
		return 1;
	snprintf(order, sizeof order, "%s:%s", d->order, d->point);
	setenv("V2M_FAULT", order, 1);
	r = v2m_upload_stream_begin(&s, &ask, &why, &suite_err);
	if (r == NULL || write(d->to, v2m_upload_stream_record(r)->id,
	    V2M_ID_SIZE) < 0)
		return 2;
	if (v2m_upload_stream_write(r, &s, bytes, SIZE, &suite_err) < 0)
		return 3;
	if (finish_with(r, &s) == 0)
		return 4;
	return suite_err.code == V2M_TEMP ? 10 : 5;
}

static int
run_dying(struct dying *d, char id[V2M_ID_SIZE])
{
	int ends[2], status;

	must(pipe(ends) == 0, "a pipe");
	d->to = ends[1];
	status = suite_child(die_at, d);
	close(ends[1]);
	if (read(ends[0], id, V2M_ID_SIZE) != V2M_ID_SIZE)
		id[0] = '\0';
	close(ends[0]);
	return status;
}

/* The services fail temporarily: the upload stays, and can go on. */
static void
test_later(const char *point)
{
	struct dying d = { .order = "fail", .point = point,
	    .resumable = true };
	struct v2m_record record;
	struct v2m_upload_stream *r;
	char id[V2M_ID_SIZE] = "", what[96];
	int status = run_dying(&d, id);

	snprintf(what, sizeof what, "a failure at %s", point);
	if (!ok(WIFEXITED(status) && WEXITSTATUS(status) == 10, what))
		printf("# status %x\n", (unsigned)status);
	must(id[0] != '\0' && has_record(id, &record), "it stays");
	services.conf = &limited;
	r = v2m_upload_stream_resume(&services, &record, &why, &suite_err);
	good(r != NULL, "it can be resumed");
	good(r != NULL && feed(r, SIZE) == 0 && finish(r) == 0,
	    "and finished");
	ok(has_video(id), "its video is there");
	services.conf = &suite_conf;
	v2m_upload_stream_free(r);
	forget(id);
}

static void
ignore_found(void *arg, const char *id, const char *what,
    enum v2m_prune_why reason)
{
	(void)arg;
	(void)id;
	(void)what;
	(void)reason;
}

static void
tell_failed(void *arg, const char *id, const struct v2m_err *err)
{
	++*(int *)arg;
	printf("# %s: %s\n", id, err->msg);
}

/* Make it look older than a day. */
static void
age(const char *id)
{
	struct v2m_document n = { .rev = 0 };
	struct v2m_record r;
	struct v2m_db *db;
	char path[96];

	if (v2m_document_get(services.store, V2M_PARTIAL_DOCUMENT, id, &n,
	    &suite_err) == 1) {
		n.until = 1;
		must(v2m_document_put(services.store, &n, &suite_err) == 1,
		    "a part is aged");
	}
	v2m_document_clear(&n);
	if (suite_embedded) {
		snprintf(path, sizeof path, "%s/store/index.db", suite_dir);
		db = v2m_db_open(path, false, &suite_err);
		must(db != NULL && v2m_db_run(db, &suite_err, NULL, "UPDATE "
		    "object SET created_at = 1 WHERE id = ?", "t", id) >= 0,
		    "a video is aged");
		v2m_db_close(db);
	}
	if (has_record(id, &r)) {
		r.created_at = 1;
		v2m_store_put(services.store, &r, &suite_err);
	}
}

static void
prune(void)
{
	int failures = 0;
	struct v2m_prune p = { .found = ignore_found, .failed = tell_failed,
	    .arg = &failures };

	good(v2m_prune(&services, &p, &suite_err) == 0 && failures == 0,
	    "v2m-prune runs");
}

static int
age_one(void *arg, struct v2m_record *r)
{
	age(r->id);
	++*(size_t *)arg;
	return 0;
}

/* The number of this test's records. */
static size_t
count_records(void)
{
	struct v2m_filter filter = { .owner = owner, .state = -1 };
	size_t n = 0;

	return v2m_store_each(services.store, &filter, age_one, &n,
	    &suite_err) == 0 ? n : 99;
}

/* If it is killed at any point, what is left is found, and only a job was
 * accepted. */
static void
test_killed(const char *point, bool accepted)
{
	struct dying d = { .order = "kill", .point = point };
	char id[V2M_ID_SIZE] = "", what[96];
	struct v2m_record r;
	int status = run_dying(&d, id);

	snprintf(what, sizeof what, "killed at %s", point);
	if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, what))
		printf("# status %x\n", (unsigned)status);
	if (accepted) {
		ok(id[0] != '\0' && has_record(id, &r) &&
		    r.state == V2M_JOB_QUEUED, "it is a job");
		ok(has_video(id), "its video is stored");
		forget(id);
		return;
	}
	count_records();
	prune();
	is_int((int64_t)count_records(), 0, "no record is left");
	if (id[0] != '\0')
		ok(is_nothing(id), "nor anything else");
}

static void
test_expired(void)
{
	struct v2m_upload_stream *r = begin(SIZE, true);
	struct v2m_upload_stream_state state;
	struct v2m_record record;
	char id[V2M_ID_SIZE];

	must(r != NULL && feed(r, 300000) == 0 &&
	    v2m_upload_stream_save(r, &services, true, &suite_err) == 0, "one");
	id_of(r, id);
	v2m_upload_stream_free(r);
	must(has_record(id, &record), "its record");
	record.created_at = 1;
	v2m_store_put(services.store, &record, &suite_err);
	prune();
	ok(v2m_upload_stream_inspect(&services, &record, &state, &why,
	    &suite_err) == 0, "an old upload that lives is not pruned");
	age(id);
	ok(v2m_upload_stream_inspect(&services, &record, &state, &why,
	    &suite_err) < 0 && suite_err.code == V2M_NOINPUT &&
	    why == V2M_UPLOAD_EXPIRED, "one that has expired says so");
	ok(v2m_upload_stream_resume(&services, &record, &why,
	    &suite_err) == NULL && why == V2M_UPLOAD_EXPIRED,
	    "and is not gone on with");
	prune();
	ok(is_nothing(id), "and is pruned");
}

/* --- quotas --- */

static int
reserve_bytes(const char *id, int64_t size, int64_t lease_ms,
    enum v2m_quota_verdict *verdict)
{
	struct v2m_quota_request ask = { .owner = owner, .id = id,
	    .bytes = size, .lease_ms = lease_ms };
	char idle[V2M_ID_SIZE];

	return v2m_quota_reserve(&services, &ask, verdict, idle, &suite_err);
}

static void
test_quota(void)
{
	enum v2m_quota_verdict verdict;
	char ids[12][V2M_ID_SIZE];
	int i, fine = 0;

	services.conf = &limited;
	for (i = 0; i < 12; i++) {
		v2m_id_new(ids[i]);
		fine += reserve_bytes(ids[i], 1000,
		    60000, &verdict) == 0;
	}
	is_int(fine, 10, "as many uploads as there is place for");
	ok(verdict == V2M_QUOTA_JOBS && suite_err.code == V2M_TEMP,
	    "the next may come again");
	good(v2m_quota_release(&services, owner, ids[0], &suite_err) == 0 &&
	    reserve_bytes(ids[11], 1000, 60000, &verdict) == 0,
	    "when one has ended");
	for (i = 0; i < 12; i++)
		v2m_quota_release(&services, owner, ids[i], &suite_err);
	ok(reserve_bytes(ids[0], 5000001, 60000,
	    &verdict) < 0 && verdict == V2M_QUOTA_BYTES &&
	    suite_err.code == V2M_DATA, "too many bytes are refused");
	good(reserve_bytes(ids[0], 5000000, 60000,
	    &verdict) == 0, "as many as there may be are not");
	ok(reserve_bytes(ids[1], 1, 60000, &verdict) < 0 &&
	    verdict == V2M_QUOTA_RESERVED && suite_err.code == V2M_TEMP,
	    "and then not one more, until that has ended");
	good(v2m_quota_renew(&services, owner, ids[0], -60000, &verdict,
	    &suite_err) == 0 && v2m_quota_release(&services, owner, ids[0],
	    &suite_err) == 0, "one is given back");
	good(reserve_bytes(ids[2], 5000000, 1, &verdict) == 0,
	    "one whose time is short");
	usleep(20000);
	good(reserve_bytes(ids[3], 5000000, 60000,
	    &verdict) == 0, "ends by itself");
	v2m_quota_release(&services, owner, ids[3], &suite_err);
	services.conf = &suite_conf;
}

struct crowd {
	pthread_barrier_t *start;
	struct v2m_upload_stream *r;
	bool refused;
	char msg[128];
};

static void *
come(void *arg)
{
	struct crowd *c = arg;
	struct v2m_upload_stream_request ask = ask_for(1000, false);
	struct v2m_services s;
	enum v2m_upload_refusal reason;
	struct v2m_err err = { 0 };

	if (v2m_services_open(&s, &limited, false, &err) < 0) {
		pthread_barrier_wait(c->start);
		return NULL;
	}
	pthread_barrier_wait(c->start);
	c->r = v2m_upload_stream_begin(&s, &ask, &reason, &err);
	c->refused = c->r == NULL && reason == V2M_UPLOAD_JOBS;
	snprintf(c->msg, sizeof c->msg, "%.120s", err.msg);
	v2m_services_close(&s);
	return NULL;
}

static void
test_crowd(void)
{
	enum { CROWD = 100 };
	static struct crowd crowd[CROWD];
	static pthread_t threads[CROWD];
	pthread_barrier_t start;
	int i, in = 0, out = 0;

	pthread_barrier_init(&start, NULL, CROWD);
	for (i = 0; i < CROWD; i++) {
		crowd[i].start = &start;
		must(pthread_create(&threads[i], NULL, come, &crowd[i]) == 0,
		    "threads");
	}
	for (i = 0; i < CROWD; i++) {
		pthread_join(threads[i], NULL);
		in += crowd[i].r != NULL;
		out += crowd[i].refused;
		if (crowd[i].r == NULL && !crowd[i].refused)
			printf("# %s\n", crowd[i].msg);
	}
	is_int(in, 10, "of 100 at once exactly 10 get in");
	is_int(out, 90, "and 90 are told to come again");
	services.conf = &limited;
	for (i = 0; i < CROWD; i++) {
		if (crowd[i].r != NULL)
			v2m_upload_stream_abort(crowd[i].r, &services,
			    &suite_err);
		v2m_upload_stream_free(crowd[i].r);
	}
	is_int((int64_t)count_records(), 0, "and nothing stays of them");
	services.conf = &suite_conf;
	pthread_barrier_destroy(&start);
}

static void
test_given_back(void)
{
	struct v2m_upload_stream *r;
	struct v2m_record record;
	char id[V2M_ID_SIZE], other[V2M_ID_SIZE];
	enum v2m_quota_verdict verdict;

	services.conf = &limited;
	r = begin(SIZE, false);
	must(r != NULL && feed(r, SIZE) == 0 && finish(r) == 0, "a job");
	id_of(r, id);
	v2m_upload_stream_free(r);
	v2m_id_new(other);
	ok(reserve_bytes(other, 5000000 - SIZE + 1,
	    60000, &verdict) < 0, "a job's video counts");
	good(reserve_bytes(other, 5000000 - SIZE, 60000,
	    &verdict) == 0,
	    "what the quota leaves is reserved once");
	v2m_quota_release(&services, owner, other, &suite_err);
	must(has_record(id, &record), "its record");
	v2m_job_remove(services.store, &record, &suite_err);
	good(reserve_bytes(other, 5000000, 60000,
	    &verdict) == 0, "and no more when it is removed");
	v2m_quota_release(&services, owner, other, &suite_err);
	services.conf = &suite_conf;
	forget(id);
}

/* Make it look as if no bytes had come for so long. */
static void
let_rest(const char *id, int64_t ms)
{
	struct v2m_document ledger = { .rev = 0 };
	json_t *json;
	char *text;

	must(v2m_document_get(services.store, V2M_QUOTA_DOCUMENT, owner,
	    &ledger, &suite_err) == 1, "a ledger");
	json = json_loads(v2m_document_text(&ledger), 0, NULL);
	json_array_set_new(json_object_get(json, id), 2, json_integer(
	    json_integer_value(json_array_get(json_object_get(json, id), 2)) -
	    ms));
	text = json_dumps(json, 0);
	must(v2m_document_set(&ledger, text, &suite_err) == 0 &&
	    v2m_document_put(services.store, &ledger, &suite_err) == 1,
	    "a changed one");
	free(text);
	json_decref(json);
	v2m_document_clear(&ledger);
}

static void
test_unfinished(void)
{
	struct v2m_upload_stream_request ask = ask_for(SIZE, true);
	struct v2m_upload_stream *r[3], *more;
	struct v2m_record record;
	char ids[3][V2M_ID_SIZE];
	int i;

	services.conf = &limited;
	for (i = 0; i < 3; i++) {
		r[i] = begin(SIZE, true);
		must(r[i] != NULL && feed(r[i], 100000) == 0 &&
		    v2m_upload_stream_save(r[i], &services, true,
		    &suite_err) == 0, "an upload that is not complete");
		id_of(r[i], ids[i]);
		v2m_upload_stream_free(r[i]);
	}
	ok(begin(SIZE, true) == NULL && why == V2M_UPLOAD_JOBS &&
	    v2m_err_is_busy(&suite_err),
	    "one more than max_user_unfinished is refused");
	more = begin(SIZE, false);
	good(more != NULL && v2m_upload_stream_abort(more, &services,
	    &suite_err) == 0, "one that is not resumable is not");
	v2m_upload_stream_free(more);
	ask.unlimited = true;
	more = v2m_upload_stream_begin(&services, &ask, &why, &suite_err);
	good(more != NULL && v2m_upload_stream_abort(more, &services,
	    &suite_err) == 0, "nor one of who has no limits");
	v2m_upload_stream_free(more);
	let_rest(ids[0], 11 * 60 * 1000);
	let_rest(ids[1], 12 * 60 * 1000);
	setenv("V2M_FAULT", "fail:record-put", 1);
	ok(begin(SIZE, true) == NULL && why == V2M_UPLOAD_JOBS,
	    "one that rests and cannot be ended counts");
	unsetenv("V2M_FAULT");
	more = begin(SIZE, true);
	good(more != NULL, "where others rest, it may begin");
	ok(has_record(ids[0], &record) && has_record(ids[2], &record) &&
	    !has_record(ids[1], &record), "and the one that rested longest "
	    "has gone");
	ok(v2m_upload_stream_abort(more, &services, &suite_err) == 0,
	    "it ends");
	v2m_upload_stream_free(more);
	for (i = 0; i < 3; i += 2) {
		must(has_record(ids[i], &record), "its record");
		more = v2m_upload_stream_resume(&services, &record, &why,
		    &suite_err);
		must(more != NULL && v2m_upload_stream_abort(more, &services,
		    &suite_err) == 0, "an end");
		v2m_upload_stream_free(more);
	}
	services.conf = &suite_conf;
}

/* Uploads of unknown length leave space for each other. */
static void
test_unknown(void)
{
	struct v2m_upload_stream *unknown, *r;
	char id[V2M_ID_SIZE];

	services.conf = &limited;
	unknown = begin(-1, true);
	must(unknown != NULL && feed(unknown, 1000) == 0 &&
	    v2m_upload_stream_save(unknown, &services, true,
	    &suite_err) == 0, "one of unknown length");
	id_of(unknown, id);
	r = begin(1000, true);
	good(r != NULL, "leaves place");
	ok(begin(SIZE, true) == NULL && why == V2M_UPLOAD_JOBS &&
	    v2m_err_is_busy(&suite_err),
	    "one that does not fit beside it may come again");
	let_rest(id, 11 * 60 * 1000);
	ok(begin(5000001, true) == NULL && why == V2M_UPLOAD_BYTES,
	    "one that would not fit alone is refused");
	ok(begin(4999500, true) == NULL && why == V2M_UPLOAD_JOBS,
	    "one that would not fit without it, either, has to wait");
	ok(!is_nothing(id), "and ends nothing that rests");
	good(v2m_upload_stream_abort(r, &services, &suite_err) == 0,
	    "one ends");
	v2m_upload_stream_free(r);
	r = begin(4999500, true);
	good(r != NULL && is_nothing(id), "and another, which rests, gives "
	    "way to one that fits then");
	v2m_upload_stream_abort(r, &services, &suite_err);
	v2m_upload_stream_free(r);
	v2m_upload_stream_free(unknown);
	services.conf = &suite_conf;
}

/* Send bytes of an upload of unknown length. */
static int
send_on(struct v2m_upload_stream *r)
{
	return v2m_upload_stream_write(r, &services, bytes, SIZE, &suite_err);
}

static void
test_growing(void)
{
	struct v2m_upload_stream *r, *other = NULL;
	int i;

	services.conf = &limited;
	r = begin(-1, false);
	must(r != NULL, "one of unknown length");
	for (i = 0; i < 5; i++)
		good(send_on(r) == 0, "may become as long as there is place");
	ok(send_on(r) < 0 && v2m_upload_stream_refusal(r) == V2M_UPLOAD_BYTES &&
	    strstr(suite_err.msg, "5.0 MB were left") != NULL,
	    "and no longer");
	ok(begin(1000, false) == NULL && why == V2M_UPLOAD_JOBS,
	    "no place is left for others");
	good(v2m_upload_stream_set_length(r, &services, 4500000,
	    &suite_err) == 0 && (other = begin(1000, false)) != NULL,
	    "until it tells its length");
	v2m_upload_stream_abort(other, &services, &suite_err);
	v2m_upload_stream_free(other);
	v2m_upload_stream_abort(r, &services, &suite_err);
	v2m_upload_stream_free(r);
	services.conf = &suite_conf;
}

/* All bytes have come, and then wait long for becoming a job. */
static void
test_complete(void)
{
	struct v2m_upload_stream *waits, *plain, *r[3];
	struct v2m_record record;
	char id[V2M_ID_SIZE];
	int i;

	services.conf = &limited;
	waits = begin(SIZE, true);
	must(waits != NULL && feed(waits, SIZE) == 0, "one that is all there");
	id_of(waits, id);
	good(v2m_upload_stream_complete(waits, &services, &suite_err) == 0,
	    "it is complete");
	let_rest(id, 12 * 60 * 1000);
	plain = begin(1000, false);
	must(plain != NULL, "one that is not resumable");
	for (i = 0; i < 3; i++)
		r[i] = begin(1000, true);
	ok(r[0] != NULL && r[1] != NULL && r[2] != NULL,
	    "what waits or is not resumable does not count as unfinished");
	v2m_upload_stream_abort(plain, &services, &suite_err);
	v2m_upload_stream_free(plain);
	ok(begin(1000, true) == NULL && why == V2M_UPLOAD_JOBS,
	    "others do");
	good(has_record(id, &record) && finish(waits) == 0,
	    "and it has not ended as one that rests");
	v2m_upload_stream_free(waits);
	for (i = 0; i < 3; i++) {
		if (r[i] != NULL)
			v2m_upload_stream_abort(r[i], &services, &suite_err);
		v2m_upload_stream_free(r[i]);
	}
	services.conf = &suite_conf;
	forget(id);
}

static void
load_limited(const char *store)
{
	struct v2m_conf_override overrides[] = {
		{ "max_user_unfinished", "3" },
		{ "max_user_jobs", "10" },
		{ "max_user_bytes", "5000000" },
		{ store == NULL ? NULL : "store", store },
		{ NULL, NULL },
	};

	must(v2m_conf_load(&limited, "/dev/null", overrides, &suite_err) == 0,
	    "a configuration with quotas");
}

int
main(int argc, char **argv)
{
	char id[V2M_ID_SIZE];
	size_t i;

	suite_start(argc, argv, "store", "V2M_TEST_STORE", "2min");
	load_limited(argc > 1 ? argv[1] : getenv("V2M_TEST_STORE"));
	for (i = 0; i < SIZE; i++)
		bytes[i] = (unsigned char)(i * 2654435761u >> 11);
	good(v2m_store_init(&suite_conf, &suite_err) == 0 &&
	    v2m_queue_init(&suite_conf, &suite_err) == 0,
	    "store and queue are set up");
	must(v2m_services_open(&services, &suite_conf, true, &suite_err) == 0,
	    "services");
	v2m_id_new(id);
	snprintf(owner, sizeof owner, "%s@example.org", id);

	test_whole();
	test_refused();
	test_resumed();
	test_removed();
	test_later("partial-written");
	test_later("partial-saved");
	test_later("store-written");
	test_later("store-linked");
	test_later("store-committed");
	test_later("partial-finished");
	test_later("upload-stored");
	test_later("publish");
	test_later("published");
	test_expired();
	test_quota();
	test_complete();
	test_crowd();
	test_given_back();
	services.conf = &limited;
	test_killed("quota-judged", false);
	test_killed("quota-reserved", false);
	test_killed("upload-recorded", false);
	test_killed("partial-noted", false);
	test_killed("partial-written", false);
	test_killed("partial-saved", false);
	test_killed("store-written", false);
	test_killed("store-linked", false);
	test_killed("store-committed", false);
	if (suite_embedded) {	/* only there can a video be made older */
		test_killed("partial-finished", false);
		test_killed("upload-stored", false);
		test_killed("publish", false);
	}
	test_killed("upload-accepted", true);
	services.conf = &suite_conf;
	/* The last test, as it has a configured failure; with an owner who has
	 * no reservation yet. */
	snprintf(owner, sizeof owner, "b%s@example.org", id);
	test_unfinished();
	test_unknown();
	test_growing();

	v2m_services_close(&services);
	v2m_conf_release(&limited);
	return suite_end();
}
