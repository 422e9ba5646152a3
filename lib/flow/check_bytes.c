/* Whether the bytes are those that were stored. */
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "flow/check_private.h"

#define COPY_SIZE (256 * 1024)

static int
hash_object(struct v2m_check_run *run, enum v2m_kind kind, const char *id,
    char *buf, char sha256[V2M_SHA256_HEX])
{
	struct v2m_reader *reader = v2m_store_read(run->s->store, kind, id,
	    NULL, &run->err);
	struct v2m_sha256 h;
	int64_t at = 0;
	ssize_t n;

	if (reader == NULL)
		return -1;
	v2m_reader_read_on(reader);
	v2m_sha256_init(&h);
	while ((n = v2m_reader_pread(reader, buf, COPY_SIZE, at,
	    &run->err)) > 0 && v2m_stop_count() == 0) {
		v2m_sha256_update(&h, buf, (size_t)n);
		at += n;
	}
	v2m_reader_free(reader);
	v2m_sha256_final(&h, sha256);
	return n < 0 ? -1 : 0;
}

static int
check_bytes(struct v2m_check_run *run, enum v2m_kind kind,
    const struct v2m_object *object)
{
	const char *word = v2m_kind_word(kind);
	char *buf = malloc(COPY_SIZE), sha256[V2M_SHA256_HEX];
	const char *job = object->video[0] != '\0' ? object->video :
	    object->id;
	int ret;

	if (buf == NULL)
		return v2m_err_sys(&run->err, V2M_TEMP, "cannot read the %s",
		    word);
	ret = hash_object(run, kind, object->id, buf, sha256);
	free(buf);
	if (v2m_stop_count() > 0)
		return 1;
	/* Removed meanwhile. */
	if (ret < 0 && run->err.code == V2M_NOINPUT)
		return 0;
	if (ret < 0 && run->err.code != V2M_IO &&
	    !v2m_err_is_access(&run->err))
		return -1;
	if (ret < 0)
		v2m_check_report(run, job, v2m_check_restores(run->err.sys),
		    "its %s: %s", word,
		    run->err.msg);
	else if (object->sha256[0] != '\0' &&
	    strcmp(sha256, object->sha256) != 0)
		v2m_check_report(run, job, kind == V2M_MP3 ? V2M_REMEDY_AGAIN :
		    V2M_REMEDY_RESTORE, "its %s is damaged: not the SHA-256 it "
		    "was stored with", word);
	return 0;
}

static int
check_video_bytes(void *arg, const struct v2m_object *object)
{
	return check_bytes(arg, V2M_VIDEO, object);
}

static int
check_mp3_bytes(void *arg, const struct v2m_object *object)
{
	return check_bytes(arg, V2M_MP3, object);
}

int
v2m_check_all_bytes(struct v2m_check_run *run)
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_store_objects(run->s->store, V2M_VIDEO, NULL,
	    check_video_bytes, run, &err);

	if (ret == 0)
		ret = v2m_store_objects(run->s->store, V2M_MP3, NULL,
		    check_mp3_bytes, run, &err);
	if (err.code != V2M_OK)
		run->err = err;
	return ret;
}
