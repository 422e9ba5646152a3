#include "client/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/stop.h"
#include "client/await.h"
#include "client/save.h"
#include "flow/job.h"
#include "flow/permission.h"
#include "flow/taken.h"

#define COPY_SIZE (256 * 1024)
#define POLL_MS 500

struct looking {
	struct v2m_services *services;
	const struct v2m_claims *identity;
};

static int
find_mp3(void *arg, const char *id, struct v2m_record *r, int64_t *asked,
    struct v2m_err *err)
{
	struct looking *l = arg;

	if (v2m_permitted_mp3(l->services, l->identity, id, r, err) < 0)
		return -1;
	return v2m_taken_asked(l->services, r, asked, err);
}

static int
copy_mp3(struct v2m_reader *reader, const char *sha256, int fd,
    const struct v2m_fetch *f, struct v2m_err *err)
{
	int64_t total = v2m_reader_length(reader), at = 0;
	char *buf = malloc(COPY_SIZE);
	char have[V2M_SHA256_HEX];
	struct v2m_sha256 h;
	ssize_t n;
	int ret = -1;

	if (buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot copy the MP3");
	v2m_reader_read_on(reader);
	v2m_sha256_init(&h);
	while ((n = v2m_reader_pread(reader, buf, COPY_SIZE, at, err)) > 0) {
		if (v2m_stop_check(err) < 0)
			goto out;
		if (v2m_io_write(fd, buf, (size_t)n, "the MP3", err) < 0) {
			/* It is about the user's disk or pipe, not a
			 * service. */
			err->code = V2M_IO;
			goto out;
		}
		v2m_sha256_update(&h, buf, (size_t)n);
		at += n;
		if (f->progress != NULL)
			f->progress(f->progress_arg, at, total);
	}
	if (n < 0)
		goto out;
	v2m_sha256_final(&h, have);
	if (at != total || (sha256[0] != '\0' && strcmp(have, sha256) != 0)) {
		v2m_err_set(err, V2M_IO, "the stored MP3 is damaged: its %s "
		    "does not agree", at != total ? "length" : "SHA-256");
		goto out;
	}
	ret = 0;
out:
	free(buf);
	return ret;
}

int
v2m_local_fetch(struct v2m_services *s, const struct v2m_claims *identity,
    const char *id, const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err)
{
	struct looking looking = { s, identity };
	struct v2m_reader *reader;
	struct v2m_save save;
	struct v2m_record r;
	struct v2m_err ignored;
	int ret = -1;

	path[0] = '\0';
	if (v2m_await(find_mp3, &looking, id, f, POLL_MS, &r, err) < 0)
		return -1;
	reader = v2m_store_read(s->store, V2M_MP3, r.mp3, NULL, err);
	if (reader == NULL)
		return err->code != V2M_NOINPUT ? -1 : v2m_err_set(err,
		    V2M_NOINPUT, "its MP3 is no longer kept");
	if (v2m_save_begin(&save, f, &r, err) == 0 &&
	    copy_mp3(reader, r.mp3_sha256, save.fd, f, err) == 0 &&
	    v2m_save_end(&save, path, size, err) == 0)
		ret = 0;
	v2m_save_release(&save);
	v2m_reader_free(reader);
	if (ret < 0)
		return -1;
	*warned = r.warnings[0] != '\0';
	memcpy(job, r.id, V2M_ID_SIZE);
	/* The time of fetching is recorded, but an error there does not
	 * matter. */
	v2m_job_fetched(s->store, &r, &ignored);
	return 0;
}
