/* objects_loose.h - part of objects_suite.c: what v2m-prune removes. */

static int
is_object(void *arg, const struct v2m_object *object)
{
	return strcmp(arg, object->id) == 0;
}

static bool
is_loose(enum v2m_kind kind, const char *id)
{
	char copy[V2M_ID_SIZE];

	memcpy(copy, id, sizeof copy);
	return v2m_store_loose(store, kind, is_object, copy, &suite_err) == 1;
}

static void
change(struct v2m_record *r)
{
	must(v2m_store_put(store, r, &suite_err) == 1, "a change");
}

static void
test_loose(void)
{
	struct v2m_object mp3 = { .fence = 1 };
	struct v2m_record r = record();
	char id[V2M_ID_SIZE];

	if (!v2m_store_knows_loose(store))
		return;
	r.state = V2M_JOB_NEW;
	put_object(store, V2M_VIDEO, r.id, 100, NULL);
	ok(is_loose(V2M_VIDEO, r.id), "a video that no record knows");
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	ok(!is_loose(V2M_VIDEO, r.id), "one that a record knows");
	memcpy(mp3.video, r.id, sizeof mp3.video);
	v2m_id_new(id);
	put_object(store, V2M_MP3, id, 100, &mp3);
	ok(is_loose(V2M_MP3, id), "an MP3 that no record names");
	r.state = V2M_JOB_DONE;
	memcpy(r.mp3, id, sizeof r.mp3);
	change(&r);
	ok(!is_loose(V2M_MP3, id) && !is_loose(V2M_VIDEO, r.id),
	    "a job that is done wants both");
	r.mp3[0] = '\0';
	change(&r);
	ok(is_loose(V2M_MP3, id) && is_loose(V2M_VIDEO, r.id),
	    "and neither without its MP3");
	memcpy(r.mp3, id, sizeof r.mp3);
	r.video_gone = 5;
	change(&r);
	ok(!is_loose(V2M_MP3, id) && is_loose(V2M_VIDEO, r.id),
	    "a video that it let go of");
	r.state = V2M_JOB_CANCELLED;
	change(&r);
	ok(is_loose(V2M_MP3, id), "one that was removed wants nothing");
	r.state = V2M_JOB_QUEUED;
	r.video_gone = 0;
	change(&r);
	ok(!is_loose(V2M_VIDEO, r.id), "one that waits wants its video");
	v2m_store_forget(store, r.id, &suite_err);
	ok(is_loose(V2M_VIDEO, r.id) && is_loose(V2M_MP3, id),
	    "who is forgotten wants nothing");
	v2m_store_remove(store, V2M_VIDEO, r.id, &suite_err);
	v2m_store_remove(store, V2M_MP3, id, &suite_err);
	ok(!is_loose(V2M_VIDEO, r.id), "what is gone is nowhere");
}

static void
test_older_upgrade(void)
{
	struct v2m_record r = record();
	char path[256], id[V2M_ID_SIZE];
	struct v2m_db *db;

	v2m_id_new(id);
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	put_object(store, V2M_VIDEO, r.id, 100, NULL);
	put_object(store, V2M_MP3, id, 100, NULL);
	v2m_store_close(store);
	path_of(path, "index.db");
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL, "the index");
	make_older(db);
	v2m_db_close(db);
	ok(v2m_store_open(&suite_conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "v2m-init") != NULL,
	    "an index without counts wants v2m-init");
	good(v2m_store_init(&suite_conf, &suite_err) == 0, "which makes them");
	store = open_store();
	ok(!is_loose(V2M_VIDEO, r.id) && is_loose(V2M_MP3, id),
	    "of what was stored before");
	v2m_store_remove(store, V2M_VIDEO, r.id, &suite_err);
	v2m_store_remove(store, V2M_MP3, id, &suite_err);
	v2m_store_forget(store, r.id, &suite_err);
	test_loose();
}

/* Make a file that only a walk over the folder finds. */
static void
hide_file(const char *name)
{
	struct timespec long_ago[2] = { { .tv_sec = 1000000000 },
		{ .tv_sec = 1000000000 } };
	char folder[256], path[300];
	struct stat st;
	int fd;

	path_of(folder, "mp3s");
	must(stat(folder, &st) == 0, "the folder");
	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	must(fd >= 0 && futimens(fd, long_ago) == 0, "a file");
	close(fd);
	long_ago[0] = st.st_atim;
	long_ago[1] = st.st_mtim;
	must(utimensat(AT_FDCWD, folder, long_ago, 0) == 0, "its time");
}

static int
count_tidied(bool full)
{
	int64_t now = 0;
	int left = 0;

	v2m_store_now(store, &now, &suite_err);
	good(v2m_store_tidy(store, now - 3600000, false, full, count_left,
	    &left, &suite_err) == 0, "a tidying of what is an hour old");
	return left;
}

/* Call the driver's part of v2m_store_tidy(), with a partial upload that ends
 * during the walk. */
static void
tidy_parts(int64_t before_ms, int (*is_partial)(void *arg, const char *id,
    struct v2m_err *err), int *left)
{
	struct v2m_tidy t = { before_ms, false, false, count_left, left,
	    is_partial, NULL };

	good(store->objects->tidy(store->object_driver, &t, &suite_err) == 0,
	    "a walk over the folders");
}

static int
is_none(void *arg, const char *id, struct v2m_err *err)
{
	(void)arg;
	(void)id;
	(void)err;
	return 0;
}

/* It was a partial upload, but is none any more at the end of the walk.
 * Meanwhile a second walk, with state of its own, finds the file too young. */
static int
was_one(void *arg, const char *id, struct v2m_err *err)
{
	int left = 0;

	(void)arg;
	(void)id;
	(void)err;
	tidy_parts(1, is_none, &left);
	return 1;
}

static void
test_two_walks(void)
{
	struct timespec long_ago[2] = { { .tv_sec = 1000000000 },
		{ .tv_sec = 1000000000 } };
	char folder[256], path[300], id[V2M_ID_SIZE];
	int fd, left = 0;

	path_of(folder, "videos");
	v2m_id_new(id);
	snprintf(path, sizeof path, "%s/%s.part", folder, id);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	must(fd >= 0 && futimens(fd, long_ago) == 0, "a partial upload");
	close(fd);
	utimensat(AT_FDCWD, folder, long_ago, 0);
	tidy_parts(1, was_one, &left);
	is_int(left, 0, "of two walks at once");
	tidy_parts(INT64_MAX, is_none, &left);
	is_int(left, 1, "one does not call tidy what the other left");
}

static void
test_tidied(void)
{
	struct timespec long_ago[2] = { { .tv_sec = 1000000000 },
		{ .tv_sec = 1000000000 } };
	char folder[256], id[V2M_ID_SIZE], other[V2M_ID_SIZE];

	path_of(folder, "mp3s");
	v2m_id_new(id);
	v2m_id_new(other);
	put_object(store, V2M_MP3, other, 100, NULL);
	count_tidied(false);
	utimensat(AT_FDCWD, folder, long_ago, 0);
	is_int(count_tidied(false), 0, "a folder where all is well");
	hide_file(id);
	is_int(count_tidied(false), 0, "is not walked again");
	is_int(count_tidied(true), 1, "unless all is to be looked at");
	utimensat(AT_FDCWD, folder, long_ago, 0);
	is_int(count_tidied(false), 0, "it is tidy now");
	hide_file(id);
	utimensat(AT_FDCWD, folder, NULL, 0);
	is_int(count_tidied(false), 1, "it is walked when it has changed");
	utimensat(AT_FDCWD, folder, long_ago, 0);
	count_tidied(false);
	hide_file(id);
	v2m_store_remove(store, V2M_MP3, other, &suite_err);
	utimensat(AT_FDCWD, folder, long_ago, 0);
	is_int(count_tidied(false), 1, "and when a row has gone");
	test_two_walks();
}
