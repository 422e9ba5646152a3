#include "engine/ahead.h"

#define RUN_MOST (256 * 1024)	/* bytes of a run */
#define MORE (4 * 1024)		/* input.c reads so much more */
#define MORE_PART 8
/* Largest gap within a run: libavformat reads over 32 KiB from the end of its
 * buffer rather than seek. */
#define GAP (32 * 1024 + MORE)

static bool
is_under_way(const struct ahead *a)
{
	/* AHEAD_RUNS are requested; is the oldest of them still to be read? */
	return a->said >= AHEAD_RUNS &&
	    a->runs[a->said % AHEAD_RUNS] > a->seen;
}

/* Does the entry lie within the file? */
static bool
is_there(const AVIndexEntry *e, int64_t length)
{
	return e->pos >= 0 && e->pos < length && e->size > 0;
}

/* Request one run, which begins with entry a->next of n.  One that is ended for
 * its size, and the one that continues it, are not requested: reading on
 * without jumps is faster. */
static void
say_run(struct ahead *a, struct input *in, AVStream *st, int n)
{
	int64_t length = avio_size(input_io(in)), at = -1, end = -1;
	int first = a->next;
	bool near = false, cut;

	a->runs[a->said++ % AHEAD_RUNS] = first;
	for (; a->next < n; a->next++) {
		const AVIndexEntry *e = avformat_index_get_entry(st, a->next);

		if (!is_there(e, length))
			continue;
		if (at < 0)
			at = end = e->pos;
		near = e->pos >= at && e->pos <= end + GAP;
		if (!near || e->pos + e->size - at > RUN_MOST)
			break;
		if (e->pos + e->size > end)
			end = e->pos + e->size;
	}
	cut = near && a->next < n;
	if (a->next == first)
		a->next++;
	/* input.c reads a little more than the demuxer asks for. */
	if (!cut && !a->cut && end > at)
		input_soon(in, at, end - at + MORE + (end - at) / MORE_PART);
	a->cut = cut;
}

void
ahead_tell(struct ahead *a, struct input *in, AVStream *st, int64_t dts)
{
	int n = avformat_index_get_entries_count(st), at;

	if (n == 0 || dts == AV_NOPTS_VALUE || !input_is_asked(in))
		return;
	at = av_index_search_timestamp(st, dts, AVSEEK_FLAG_ANY);
	if (at < 0)
		return;
	if (at < a->seen || at >= a->next) {	/* the demuxer has jumped */
		a->next = at + 1;
		a->said = 0;
		a->cut = false;
	}
	a->seen = at;
	while (a->next < n && !is_under_way(a))
		say_run(a, in, st, n);
}
