#include "flow/room.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/hold.h"

#define FIRST (1 << 20)		/* bytes, before anything is known */
#define FRONT (512 << 10)	/* tags, and most covers */
#define GROWS 16		/* times, from the faintest of codecs */
#define SOUND (32 << 20)	/* of a file that may be sound alone, */
#define SOUND_PART 8		/* and of one that is larger */
#define TEMPORARY_PART 16	/* of a disk without the store, kept free */

/* What music takes at each quality, in kbit/s. */
static const int kbps[] = { 280, 255, 225, 205, 185, 160, 140, 120, 105, 85 };

int64_t
v2m_room_need(const struct v2m_settings *s, int64_t claimed_ms,
    int64_t length)
{
	int rate = s->bitrate_kbps > 0 ? s->bitrate_kbps : kbps[s->quality];
	int64_t most = length * GROWS + FIRST, ms = claimed_ms, need;

	if (claimed_ms < 0) {
		need = length < SOUND ? length : length / SOUND_PART;
		return (need < SOUND && length > SOUND ? SOUND : need) + FRONT;
	}
	if (s->to_ms > 0 && s->to_ms < ms)
		ms = s->to_ms;
	ms = ms > s->from_ms ? ms - s->from_ms : 0;
	need = ms / 8 * rate + FRONT;
	return need < most ? need : most;
}

static bool
on_one_disk(int a, int b)
{
	struct stat x, y;

	return a >= 0 && b >= 0 && fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev;
}

/* A disk that is there for temporary files alone may be small. */
static int64_t
reserve_of(const struct v2m_room *r)
{
	struct statvfs v;
	int64_t part;

	if (on_one_disk(r->out, r->stored) || fstatvfs(r->out, &v) < 0)
		return r->reserve;
	part = (int64_t)v.f_blocks * (int64_t)v.f_frsize / TEMPORARY_PART;
	return part < r->reserve ? part : r->reserve;
}

static int
hold(struct v2m_room *r, int64_t bytes, struct v2m_err *err)
{
	if (v2m_hold_file(r->out, bytes, reserve_of(r), err) < 0)
		return v2m_err_prefix(err, "where the MP3 is made");
	if (r->stored >= 0 &&
	    v2m_hold_room(r->stored, bytes, r->reserve, err) < 0)
		return v2m_err_prefix(err, "where the MP3 is stored");
	return 0;
}

int
v2m_room_open(struct v2m_room *r, struct v2m_services *s, int out,
    struct v2m_err *err)
{
	*r = (struct v2m_room){
		.out = out, .stored = -1,
		.reserve = v2m_conf_number(s->conf, "free_reserve"),
		.max_duration_ms = v2m_conf_number(s->conf, "max_duration"),
	};
	if (v2m_store_hold(s->store, &r->stored, err) < 0)
		return -1;
	return hold(r, FIRST, err);
}

int
v2m_room_size(struct v2m_room *r, const struct v2m_media_result *result,
    const struct v2m_settings *settings, int64_t length, struct v2m_err *err)
{
	int64_t claimed_ms = result->claimed_ms;

	if (r->sized || result->format[0] == '\0')
		return 0;
	r->sized = true;
	/* What is copied is as large as it was. */
	if (settings->copy >= V2M_COPY_YES &&
	    strcmp(result->codec, "mp3") == 0)
		claimed_ms = -1;
	if (claimed_ms > r->max_duration_ms)
		claimed_ms = r->max_duration_ms;
	return hold(r, v2m_room_need(settings, claimed_ms, length), err);
}

void
v2m_room_left(struct v2m_room *r, int64_t bytes)
{
	v2m_hold_shrink(r->stored, bytes > 0 ? bytes : 0);
}

void
v2m_room_close(struct v2m_room *r)
{
	if (r->stored >= 0)
		close(r->stored);
	r->stored = -1;
}
