#include "flow/room.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/hold.h"
#include "media/need.h"

#define FIRST (1 << 20)		/* bytes, before anything is known, */
#define GROWS_PART 8		/* and with this part more than is known */

static bool
on_one_disk(int a, int b)
{
	struct stat x, y;

	return a >= 0 && b >= 0 && fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev;
}

static int64_t
reserve_of(const struct v2m_room *r)
{
	return on_one_disk(r->out, r->stored) ? r->reserve :
	    v2m_hold_reserve(r->out, r->reserve);
}

static int
hold(struct v2m_room *r, int64_t bytes, struct v2m_err *err)
{
	if (v2m_hold_file(r->out, bytes, reserve_of(r), err) < 0)
		return v2m_err_prefix(err, "where the MP3 is made");
	if (r->stored >= 0 &&
	    v2m_hold_room(r->stored, bytes, r->reserve, err) < 0)
		return v2m_err_prefix(err, "where the MP3 is stored");
	r->held = bytes;
	return 0;
}

/* What was held is used up. */
static int
grow(struct v2m_room *r, struct v2m_err *err)
{
	struct stat st;

	if (r->whole || fstat(r->out, &st) < 0 || st.st_size < r->held)
		return 0;
	return hold(r, st.st_size + st.st_size / GROWS_PART + FIRST, err);
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
	if (r->sized)
		return grow(r, err);
	if (result->format[0] == '\0')
		return 0;
	r->sized = true;
	return hold(r, v2m_need(settings, result, r->max_duration_ms, length),
	    err);
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
