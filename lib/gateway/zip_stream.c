#include "gateway/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/session.h"
#include "base/clock.h"
#include "flow/job.h"
#include "flow/permission.h"
#include "flow/status.h"

#define PIECE (512 << 10)
#define LEFT_OUT "left out.txt"
#define EXTENSION ".mp3"
#define MOST_NUMBER 20		/* MP3s of the same name that get numbers */
#define CONFIRM_MS 60000	/* between two checks of the session */

struct sent {
	char *name;			/* in the ZIP; NULL: it is not in it */
	char mp3[V2M_ID_SIZE];
};

struct v2m_zip {
	const struct v2m_conf *conf;
	struct v2m_pool *pool;
	struct v2m_claims identity;
	int64_t confirmed;		/* monotonic ms of the last check */
	struct archive *archive;
	struct archive_entry *entry;
	char *out;			/* bytes made, not yet sent */
	size_t out_at, out_n, out_room;
	struct v2m_record record;	/* of the current MP3 */
	int64_t length, at;		/* of it, and offset; 0 0: none */
	bool open;			/* its entry has begun */
	bool over;
	bool dropped;			/* drop what libarchive writes */
	char *missing;			/* lines about MP3s that are left out */
	size_t missing_n;
	FILE *missing_out;
	size_t n, next;			/* number of IDs; the next one */
	struct sent *sent;		/* by ID */
	char piece[PIECE];
	char ids[][V2M_ID_SIZE];
};

/* Called by libarchive with the bytes it made. */
static la_ssize_t
take_bytes(struct archive *a, void *arg, const void *bytes, size_t n)
{
	struct v2m_zip *z = arg;
	size_t room = z->out_n + n + 4096;
	char *bigger;

	if (z->dropped)
		return (la_ssize_t)n;
	if (room > z->out_room) {
		bigger = realloc(z->out, room);
		if (bigger == NULL) {
			archive_set_error(a, ENOMEM, "no memory");
			return -1;
		}
		z->out = bigger;
		z->out_room = room;
	}
	memcpy(z->out + z->out_n, bytes, n);
	z->out_n += n;
	return (la_ssize_t)n;
}

static bool
open_archive(struct v2m_zip *z)
{
	z->archive = archive_write_new();
	z->entry = archive_entry_new();
	return z->archive != NULL && z->entry != NULL &&
	    archive_write_set_format_zip(z->archive) == ARCHIVE_OK &&
	    archive_write_zip_set_compression_store(z->archive) ==
	    ARCHIVE_OK &&
	    archive_write_set_format_option(z->archive, "zip", "hdrcharset",
	    "UTF-8") == ARCHIVE_OK &&
	    archive_write_set_bytes_per_block(z->archive, 0) == ARCHIVE_OK &&
	    archive_write_open(z->archive, z, NULL, take_bytes, NULL) ==
	    ARCHIVE_OK;
}

struct v2m_zip *
v2m_zip_new(const struct v2m_conf *conf, struct v2m_pool *pool,
    const struct v2m_claims *identity, const char *ids, size_t n)
{
	struct v2m_zip *z = calloc(1, sizeof *z + n * V2M_ID_SIZE);

	if (z == NULL)
		return NULL;
	z->conf = conf;
	z->pool = pool;
	z->identity = *identity;
	z->confirmed = v2m_mono_ms();
	z->n = n;
	memcpy(z->ids, ids, n * V2M_ID_SIZE);
	z->sent = calloc(n + 1, sizeof *z->sent);
	z->missing_out = open_memstream(&z->missing, &z->missing_n);
	if (z->sent != NULL && z->missing_out != NULL && open_archive(z))
		return z;
	v2m_zip_free(z);
	return NULL;
}

void
v2m_zip_free(struct v2m_zip *z)
{
	size_t i;

	if (z == NULL)
		return;
	/* This closes the archive; if it is not complete, its end is dropped.
	 * (If the write function fails instead, libarchive 3.6 leaks.) */
	z->dropped = true;
	if (z->archive != NULL)
		archive_write_free(z->archive);
	archive_entry_free(z->entry);
	if (z->missing_out != NULL)
		fclose(z->missing_out);
	for (i = 0; z->sent != NULL && i < z->n; i++)
		free(z->sent[i].name);
	free(z->sent);
	free(z->missing);
	free(z->out);
	free(z);
}

/* --- names --- */

static bool
is_taken(const struct v2m_zip *z, const char *name)
{
	size_t i;

	for (i = 0; i < z->next; i++)
		if (z->sent[i].name != NULL &&
		    strcasecmp(z->sent[i].name, name) == 0)
			return true;
	return strcasecmp(name, LEFT_OUT) == 0;
}

/* The name with a suffix before its extension, cut if it is too long. */
static void
add_suffix(char dst[V2M_NAME_MAX], const char *name, const char *suffix)
{
	size_t room = V2M_NAME_MAX - strlen(suffix) - strlen(EXTENSION);
	size_t n = strlen(name) - strlen(EXTENSION) + 1;

	v2m_text_copy(dst, n < room ? n : room, name);
	n = strlen(dst);
	snprintf(dst + n, V2M_NAME_MAX - n, "%s%s", suffix, EXTENSION);
}

/* The name of the current MP3: "talk.mp3", or, if that is taken, "talk
 * (2).mp3".  From the 21st of the same name on it has the ID, so that few names
 * are tried. */
static void
choose_name(const struct v2m_zip *z, char name[V2M_NAME_MAX])
{
	char suffix[V2M_ID_SIZE + 4], first[V2M_NAME_MAX];
	int i;

	v2m_text_file_name(first, z->record.name, EXTENSION, z->record.id);
	memcpy(name, first, sizeof first);
	for (i = 2; is_taken(z, name) && i <= MOST_NUMBER + 1; i++) {
		if (i <= MOST_NUMBER)
			snprintf(suffix, sizeof suffix, " (%d)", i);
		else
			snprintf(suffix, sizeof suffix, " (%s)", z->record.id);
		add_suffix(name, first, suffix);
	}
}

/* --- the MP3s --- */

static bool
begin_entry(struct v2m_zip *z, const char *name, int64_t length,
    int64_t time_ms)
{
	archive_entry_clear(z->entry);
	archive_entry_update_pathname_utf8(z->entry, name);
	archive_entry_set_filetype(z->entry, AE_IFREG);
	archive_entry_set_perm(z->entry, 0644);
	archive_entry_set_size(z->entry, length);
	archive_entry_set_mtime(z->entry, (time_t)(time_ms / 1000), 0);
	return archive_write_header(z->archive, z->entry) == ARCHIVE_OK;
}

/* Read the record of the next one, and the length of its MP3. */
static int
find_mp3(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct v2m_zip *z = arg;
	struct v2m_reader *r;

	if (v2m_permitted_mp3(s, &z->identity, z->ids[z->next], &z->record,
	    err) < 0)
		return -1;
	if (z->record.state != V2M_JOB_DONE || z->record.mp3[0] == '\0')
		return v2m_err_set(err, V2M_NOINPUT, "there is no MP3 (%s)",
		    v2m_status_word(&z->record));
	r = v2m_store_read(s->store, V2M_MP3, z->record.mp3, NULL, err);
	if (r == NULL)
		return err->code == V2M_NOINPUT ? v2m_err_set(err,
		    V2M_NOINPUT, "its MP3 is no longer kept") : -1;
	z->length = v2m_reader_length(r);
	v2m_reader_free(r);
	return 0;
}

/* Check the session, without a connection of the pool, as the server of the
 * accounts may be slow. */
static bool
may_go_on(struct v2m_zip *z)
{
	struct v2m_err ignored;

	if (v2m_mono_ms() - z->confirmed <= CONFIRM_MS)
		return true;
	if (v2m_session_confirm(z->conf, &z->identity, &ignored) < 0)
		return false;
	z->confirmed = v2m_mono_ms();
	return true;
}

/* An MP3 that is gone is left out; if a service is away, the ZIP ends. */
static bool
begin_next(struct v2m_zip *z)
{
	struct sent *sent = &z->sent[z->next];
	char name[V2M_NAME_MAX];
	struct v2m_err err;

	if (!may_go_on(z))
		return false;
	if (v2m_pool_use(z->pool, find_mp3, z, &err) < 0) {
		if (err.code != V2M_NOINPUT)
			return false;
		fprintf(z->missing_out, "%s: %s\r\n", z->ids[z->next],
		    err.msg);
		z->next++;
		return true;
	}
	memcpy(sent->mp3, z->record.mp3, sizeof sent->mp3);
	choose_name(z, name);
	sent->name = strdup(name);
	if (sent->name == NULL || !begin_entry(z, sent->name, z->length,
	    z->record.done_at))
		return false;
	z->at = 0;
	z->open = true;
	return true;
}

static int
read_piece(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct v2m_zip *z = arg;
	struct v2m_reader *r = v2m_store_read(s->store, V2M_MP3,
	    z->record.mp3, NULL, err);
	int64_t left = z->length - z->at;
	ssize_t n = -1;

	if (r == NULL)
		return -1;
	if (v2m_reader_length(r) == z->length)
		n = v2m_reader_pread(r, z->piece, left < PIECE ? (size_t)left :
		    PIECE, z->at, err);
	v2m_reader_free(r);
	if (n <= 0)
		return v2m_err_set(err, V2M_IO, "the MP3 ends too early");
	z->at += n;
	return (int)n;
}

static bool
go_on(struct v2m_zip *z)
{
	struct v2m_err ignored;
	int n;

	if (z->at < z->length) {
		n = v2m_pool_use(z->pool, read_piece, z, &ignored);
		return n > 0 && archive_write_data(z->archive, z->piece,
		    (size_t)n) == n;
	}
	z->open = false;
	z->next++;
	return archive_write_finish_entry(z->archive) == ARCHIVE_OK;
}

static bool
finish(struct v2m_zip *z)
{
	z->over = true;
	fflush(z->missing_out);
	if (z->missing_n > 0 && (!begin_entry(z, LEFT_OUT,
	    (int64_t)z->missing_n, 0) || archive_write_data(z->archive,
	    z->missing, z->missing_n) != (la_ssize_t)z->missing_n))
		return false;
	return archive_write_close(z->archive) == ARCHIVE_OK;
}

ssize_t
v2m_zip_read(void *zip, int64_t at, void *buf, size_t n)
{
	struct v2m_zip *z = zip;

	(void)at;
	while (z->out_at == z->out_n) {
		z->out_at = z->out_n = 0;
		if (z->over)
			return 0;
		if (!(z->open ? go_on(z) : z->next < z->n ? begin_next(z) :
		    finish(z)))
			return -1;
	}
	if (n > z->out_n - z->out_at)
		n = z->out_n - z->out_at;
	memcpy(buf, z->out + z->out_at, n);
	z->out_at += n;
	return (ssize_t)n;
}

struct fetched {
	const struct v2m_claims *identity;
	const char *id, *mp3;
};

static int
note_fetched(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct fetched *f = arg;
	struct v2m_record r;

	if (v2m_permitted_mp3(s, f->identity, f->id, &r, err) < 0)
		return -1;
	/* It may have been converted again meanwhile. */
	return r.fetched_at != 0 || strcmp(r.mp3, f->mp3) != 0 ? 0 :
	    v2m_job_fetched(s->store, &r, err);
}

void
v2m_zip_note_fetched(struct v2m_zip *z)
{
	struct v2m_err ignored;
	size_t i;

	for (i = 0; i < z->n; i++)
		if (z->sent[i].name != NULL)
			v2m_pool_use(z->pool, note_fetched, &(struct fetched){
			    &z->identity, z->ids[i], z->sent[i].mp3 },
			    &ignored);
}
