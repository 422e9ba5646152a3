/* Copies videos and MP3s.  "there" is the store they come from, "here" is
 * ours. */
#include "flow/import_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"

/* --- one object --- */

/* Copy all bytes of r, and compute their digest. */
static int
copy_bytes(struct v2m_import_run *run, struct v2m_reader *r,
    struct v2m_writer *w, char sha256[V2M_SHA256_HEX], struct v2m_err *err)
{
	struct v2m_sha256 h;
	int64_t at = 0;
	ssize_t n;

	v2m_reader_read_on(r);
	v2m_sha256_init(&h);
	while ((n = v2m_reader_pread(r, run->buf, V2M_IMPORT_BUFFER, at,
	    err)) > 0) {
		if (v2m_stop_check(err) < 0 ||
		    v2m_writer_write(w, run->buf, (size_t)n, err) < 0)
			return -1;
		v2m_sha256_update(&h, run->buf, (size_t)n);
		at += n;
		if (run->i->copied != NULL)
			run->i->copied(run->i->arg, run->i->bytes + at);
	}
	v2m_sha256_final(&h, sha256);
	return n < 0 ? -1 : 0;
}

static int
check_digest(const struct v2m_object *object, const char *sha256,
    int64_t length, struct v2m_err *err)
{
	if (length != object->length)
		return v2m_err_damage(err, "it has %lld bytes, not %lld",
		    (long long)length, (long long)object->length);
	return object->sha256[0] == '\0' ||
	    strcmp(object->sha256, sha256) == 0 ? 0 :
	    v2m_err_damage(err, "it is damaged: not the SHA-256 it was stored "
	    "with");
}

static int
copy(struct v2m_import_run *run, enum v2m_kind kind, struct v2m_reader *r,
    const struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_writer *w = v2m_store_create(run->to.store, kind,
	    object->id, err);
	struct v2m_object made = *object;
	char sha256[V2M_SHA256_HEX];
	int ret = -1;

	if (w == NULL)
		return -1;
	if (copy_bytes(run, r, w, sha256, err) == 0 &&
	    check_digest(object, sha256, v2m_writer_length(w), err) == 0 &&
	    v2m_fault("import-copied", err) == 0)
		/* An object without a SHA-256 is a foreign one: it stays so. */
		ret = v2m_writer_commit_as(w, &made, err);
	v2m_writer_free(w);
	if (ret == 0) {
		run->i->objects++;
		run->i->bytes += object->length;
	}
	return ret;
}

/* 1: it is here already; 0; -1: V2M_CANTCREATE, a different one has its ID. */
static int
is_here(struct v2m_import_run *run, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_object here;
	int found = v2m_store_stat(run->to.store, kind, object->id, &here,
	    err);

	if (found <= 0)
		return found;
	if (here.length == object->length && (here.sha256[0] == '\0' ||
	    object->sha256[0] == '\0' ||
	    strcmp(here.sha256, object->sha256) == 0))
		return 1;
	return v2m_err_set(err, V2M_CANTCREATE, "another one has this ID "
	    "already");
}

/* --- objects that cannot be copied --- */

static bool
was_left(const struct v2m_import_run *run, const char *id)
{
	size_t i;

	for (i = 0; i < run->nleft; i++)
		if (strcmp(run->left[i], id) == 0)
			return true;
	return false;
}

static int
leave(struct v2m_import_run *run, const char *id, const struct v2m_err *why,
    struct v2m_err *err)
{
	void *more = realloc(run->left, (run->nleft + 1) * sizeof *run->left);

	if (more == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot go on");
	run->left = more;
	v2m_text_copy(run->left[run->nleft++], V2M_ID_SIZE, id);
	run->left_code = why->code;
	run->i->failed(run->i->arg, id, why);
	return 0;
}

/* After a failure: 0 to go on with other objects.  A damaged object is reported
 * once; one that was removed meanwhile is no failure. */
static int
go_on(struct v2m_import_run *run, const char *id, const struct v2m_err *why,
    struct v2m_err *err)
{
	if (why->code == V2M_NOINPUT)
		return 0;
	if (why->code != V2M_IO && why->code != V2M_CANTCREATE)
		return v2m_err_pass(err, why);
	return leave(run, id, why, err);
}

/* --- one object, if it is not here --- */

static int
read_and_copy(struct v2m_import_run *run, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_object object;
	struct v2m_reader *r = v2m_store_read(run->from.store, kind, id,
	    &object, err);
	int ret;

	if (r == NULL)
		return -1;
	ret = copy(run, kind, r, &object, err);
	v2m_reader_free(r);
	return ret;
}

/* A run that was killed may have left bytes that take the place of the
 * object. */
static bool
has_rest(struct v2m_import_run *run, enum v2m_kind kind, const char *id,
    const struct v2m_err *why)
{
	struct v2m_err ignored;

	return why->code == V2M_CANTCREATE && v2m_store_stat(run->to.store,
	    kind, id, NULL, &ignored) == 0;
}

static int
copy_missing(struct v2m_import_run *run, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_object object;
	int got = v2m_store_stat(run->from.store, kind, id, &object, err);

	if (got <= 0)
		return got;
	got = is_here(run, kind, &object, err);
	if (got != 0)
		return got < 0 ? -1 : 0;
	if (read_and_copy(run, kind, id, err) == 0)
		return 0;
	return !has_rest(run, kind, id, err) ||
	    v2m_store_remove(run->to.store, kind, id, err) < 0 ? -1 :
	    read_and_copy(run, kind, id, err);
}

static int
copy_object(struct v2m_import_run *run, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_err why;

	return was_left(run, id) || copy_missing(run, kind, id, &why) == 0 ?
	    0 : go_on(run, id, &why, err);
}

int
v2m_import_objects_of(struct v2m_import_run *run, const struct v2m_record *r,
    struct v2m_err *err)
{
	if (r->state == V2M_JOB_CANCELLED)
		return 0;
	if (r->video_gone == 0 && copy_object(run, V2M_VIDEO, r->id, err) < 0)
		return -1;
	return r->mp3[0] == '\0' ? 0 :
	    copy_object(run, V2M_MP3, r->mp3, err);
}

/* --- all objects --- */

/* Does its record need the object?  One without a record may be foreign, and is
 * copied.  1, 0, -1. */
static int
is_wanted(struct v2m_import_run *run, enum v2m_kind kind,
    const struct v2m_object *object)
{
	const char *job = kind == V2M_VIDEO ? object->id : object->video;
	struct v2m_record r;

	if (job[0] == '\0')
		return 1;
	if (v2m_store_get(run->from.store, job, &r, &run->err) < 0)
		return run->err.code == V2M_NOINPUT ? 1 : -1;
	if (r.state == V2M_JOB_CANCELLED)
		return 0;
	return kind == V2M_VIDEO ? r.video_gone == 0 :
	    strcmp(r.mp3, object->id) == 0;
}

static int
one_object(struct v2m_import_run *run, enum v2m_kind kind,
    const struct v2m_object *object)
{
	int wanted = is_wanted(run, kind, object);

	return wanted != 1 ? wanted :
	    copy_object(run, kind, object->id, &run->err);
}

static int
one_video(void *arg, const struct v2m_object *object)
{
	return one_object(arg, V2M_VIDEO, object);
}

static int
one_mp3(void *arg, const struct v2m_object *object)
{
	return one_object(arg, V2M_MP3, object);
}

int
v2m_import_objects(struct v2m_import_run *run, struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };
	int ret;

	run->err.code = V2M_OK;
	ret = v2m_store_objects(run->from.store, V2M_VIDEO, NULL, one_video,
	    run, &why);
	if (ret == 0)
		ret = v2m_store_objects(run->from.store, V2M_MP3, NULL,
		    one_mp3, run, &why);
	if (ret == 0)
		return 0;
	return v2m_err_pass(err, why.code != V2M_OK ? &why : &run->err);
}
