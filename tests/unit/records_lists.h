/* records_lists.h - part of records_suite.c: what v2m-check and v2m-prune
 * find. */

static void
insert(struct v2m_record *r)
{
	must(v2m_store_insert(store, r, &suite_err) == 1, "a record");
}

/* Is it in the filter's list? */
static int
is_it(void *arg, struct v2m_record *r)
{
	return strcmp(arg, r->id) == 0;
}

static bool
finds(const struct v2m_filter *filter, const struct v2m_record *r)
{
	char id[V2M_ID_SIZE];

	memcpy(id, r->id, sizeof id);
	return v2m_store_each(store, filter, is_it, id, &suite_err) == 1;
}

static void
test_newest(void)
{
	struct v2m_filter filter = { .owner = owner, .state = -1,
	    .newest_first = true };
	struct v2m_record all[3], reversed[3];
	struct seen seen = { reversed, 0, 0, true };
	int i;

	for (i = 0; i < 3; i++) {
		all[i] = record();
		if (i == 1)
			fill_fields(&all[i], 1000);
		insert(&all[i]);
		reversed[2 - i] = all[i];
	}
	good(v2m_store_each(store, &filter, see, &seen, &suite_err) == 0 &&
	    seen.right && seen.n == 3, "the newest first");
	seen = (struct seen){ &reversed[1], 0, 0, true };
	filter.after = all[2].id;
	filter.limit = 1;
	good(v2m_store_each(store, &filter, see, &seen, &suite_err) == 0 &&
	    seen.right && seen.n == 1, "and what comes behind it");
	for (i = 0; i < 3; i++)
		v2m_store_forget(store, all[i].id, &suite_err);
}

static void
test_troubles(void)
{
	struct v2m_record fault = record(), notice = record();

	fault.state = V2M_JOB_FAILED;
	fault.failure = V2M_BUG;
	notice.told = V2M_TOLD_SENDING;
	notice.state = V2M_JOB_DONE;
	insert(&fault);
	insert(&notice);
	is_int(COUNT(V2M_JOB_FAILED, .failure = V2M_BUG), 1, "by failure");
	is_int(COUNT(V2M_JOB_FAILED, .failure = V2M_DATA), 0, "not another");
	is_int(COUNT(-1, .sending = true), 1, "by notice");
	ok(finds(&(struct v2m_filter){ .state = -1,
	    .sending = true }, &notice) &&
	    finds(&(struct v2m_filter){ .state = V2M_JOB_FAILED,
	    .failure = V2M_BUG }, &fault), "of anybody");
	v2m_store_forget(store, fault.id, &suite_err);
	v2m_store_forget(store, notice.id, &suite_err);
}

/* A record that ended at 5000 and was fetched at 6000; other records do not
 * matter. */
static struct v2m_record
ended(enum v2m_state state)
{
	struct v2m_record r = record();

	r.state = state;
	r.created_at = r.queued_at = 4000;
	r.done_at = 5000;
	return r;
}

static bool
is_old(const struct v2m_record *r, enum v2m_old old, int64_t before_ms)
{
	return finds(&(struct v2m_filter){ .state = (int)r->state, .old = old,
	    .before_ms = before_ms }, r);
}

static void
test_old(void)
{
	struct v2m_record done = ended(V2M_JOB_DONE),
	    fetched = ended(V2M_JOB_DONE), failed = ended(V2M_JOB_FAILED),
	    expired = ended(V2M_JOB_DONE);

	v2m_id_new(done.mp3);
	v2m_id_new(fetched.mp3);
	fetched.fetched_at = 6000;
	fetched.video_gone = 5500;
	expired.video_gone = 7000;
	insert(&done);
	insert(&fetched);
	insert(&failed);
	insert(&expired);
	ok(is_old(&done, V2M_OLD_VIDEO, 5000) &&
	    !is_old(&done, V2M_OLD_VIDEO, 4999), "a video, since the end");
	ok(!is_old(&fetched, V2M_OLD_VIDEO, 9000), "unless it is gone");
	ok(is_old(&fetched, V2M_OLD_FETCHED, 6000) &&
	    !is_old(&fetched, V2M_OLD_FETCHED, 5999) &&
	    !is_old(&done, V2M_OLD_FETCHED, 9000), "what was fetched");
	ok(is_old(&done, V2M_OLD_UNFETCHED, 5000) &&
	    !is_old(&done, V2M_OLD_UNFETCHED, 4999) &&
	    !is_old(&fetched, V2M_OLD_UNFETCHED, 9000), "what was not");
	ok(is_old(&failed, V2M_OLD_FAILED, 5000) &&
	    !is_old(&failed, V2M_OLD_FAILED, 4999), "a failure");
	ok(is_old(&expired, V2M_OLD_RECORD, 7000) &&
	    !is_old(&expired, V2M_OLD_RECORD, 4999), "a record");
	ok(!suite_embedded || (!is_old(&expired, V2M_OLD_RECORD, 6999) &&
	    !is_old(&done, V2M_OLD_RECORD, 9000)),
	    "of which nothing is kept, since the last that happened");
	v2m_store_forget(store, done.id, &suite_err);
	v2m_store_forget(store, fetched.id, &suite_err);
	v2m_store_forget(store, failed.id, &suite_err);
	v2m_store_forget(store, expired.id, &suite_err);
}

/* How many of this run's owners are listed; -1: one comes twice or too late. */
static int
count_owners(const char *prefix)
{
	char now[V2M_EMAIL_MAX] = "", last[V2M_EMAIL_MAX] = "";
	int n = 0, found;

	while ((found = v2m_store_next_owner(store, last, now,
	    &suite_err)) == 1) {
		if (strcmp(last, now) >= 0)
			return -1;
		n += strncmp(now, prefix, strlen(prefix)) == 0;
		memcpy(last, now, sizeof last);
	}
	return found < 0 ? -1 : n;
}

static void
test_owners(void)
{
	struct v2m_record all[6];
	int i;

	for (i = 0; i < 6; i++) {
		all[i] = record();
		snprintf(all[i].owner, sizeof all[i].owner, "x.%.99s.%d", owner,
		    i % 3);
		insert(&all[i]);
	}
	snprintf(all[0].owner, sizeof all[0].owner, "x.%.99s", owner);
	is_int(count_owners(all[0].owner), 3, "each owner once, in order");
	for (i = 0; i < 6; i++)
		v2m_store_forget(store, all[i].id, &suite_err);
	is_int(count_owners(all[0].owner), 0, "who has none is none");
}

/* Jobs of two owners, interleaved, and one that does not wait any more. */
static void
test_fresh(void)
{
	struct v2m_record all[5], got;
	char before[V2M_EMAIL_MAX];
	int i;

	for (i = 0; i < 5; i++) {
		all[i] = record();
		all[i].state = V2M_JOB_QUEUED;
		snprintf(all[i].owner, sizeof all[i].owner, "y.%.99s.%d", owner,
		    i % 3);
	}
	all[0].fence = 1;	/* the first owner's older job */
	all[2].state = V2M_JOB_RUNNING;
	for (i = 0; i < 5; i++)
		insert(&all[i]);
	snprintf(before, sizeof before, "y.%.99s", owner);
	ok(v2m_store_next_fresh(store, before, &got, &suite_err) == 1 &&
	    strcmp(got.id, all[3].id) == 0 && got.rev == 1,
	    "the oldest of the first owner that nobody claimed yet");
	ok(v2m_store_next_fresh(store, got.owner, &got, &suite_err) == 1 &&
	    strcmp(got.id, all[1].id) == 0, "then of the second");
	ok(v2m_store_next_fresh(store, got.owner, &got, &suite_err) == 0 ||
	    strncmp(got.owner, before, strlen(before)) != 0,
	    "one that runs does not wait");
	for (i = 0; i < 5; i++)
		v2m_store_forget(store, all[i].id, &suite_err);
}
