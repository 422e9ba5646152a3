#include "engine/avi.h"

#define AHEAD_MOST 4096		/* chunks in a row that did not come */
#define MISSES_MOST 16		/* packets in a row that none has */
#define LEAP 16			/* times what lies between, by the numbers */
#define HEAD 8			/* bytes of a chunk's */

/* The chunk that holds a place of the file, looked for from the next one on;
 * -1: none that is near. */
static int
chunk_at(const struct avi *a, AVStream *st, int64_t at)
{
	int n = avformat_index_get_entries_count(st);

	/* A large chunk comes as several packets. */
	for (int i = a->next > 0 ? a->next - 1 : 0;
	    i < n && i - a->next < AHEAD_MOST; i++) {
		const AVIndexEntry *e = avformat_index_get_entry(st, i);

		if (e->pos <= at && at <= e->pos + HEAD + e->size)
			return i;
	}
	return -1;
}

/* Of sound whose samples are equally long the index counts bytes. */
static void
learn_unit(struct avi *a, int64_t time, int64_t pts)
{
	if (a->unit == 0 && pts > 0 && time >= pts && time % pts == 0)
		a->unit = time / pts;
}

/* The index and the packets' numbers have to agree in what is missing: such as
 * an empty chunk is in one of them only. */
static void
pass(struct avi *a, AVStream *st, int i, int64_t pts)
{
	int64_t time = avformat_index_get_entry(st, i)->timestamp, by, most;

	if (i == a->next) {
		learn_unit(a, time, pts);
	} else if (a->unit > 0) {
		by = (time - avformat_index_get_entry(st, a->next)->timestamp) /
		    a->unit;
		most = time / a->unit - pts - a->missed;
		a->missed += most < 0 ? 0 : by < most ? by : most;
	}
	a->next = i + 1;
}

/* Some writers count pieces of a packet where the header counts packets: of one
 * that follows the last in the index the number is far off then. */
static void
check_numbers(struct avi *a, const AVPacket *pkt, bool follows)
{
	if (follows && a->length > 0 && a->last >= 0 && pkt->pts > a->last &&
	    (pkt->pts - a->last) / LEAP > a->length)
		a->senseless = true;
	a->last = pkt->pts;
	a->length = pkt->duration;
}

void
avi_place(struct avi *a, AVStream *st, AVPacket *pkt)
{
	int i = -1;

	/* An index that goes astray is not looked through for each packet. */
	if (pkt->pos >= 0 && a->misses < MISSES_MOST) {
		i = chunk_at(a, st, pkt->pos);
		a->misses = i < 0 ? a->misses + 1 : 0;
	}
	if (pkt->pts != AV_NOPTS_VALUE)
		check_numbers(a, pkt, i >= 0 && i == a->next);
	if (a->senseless)
		pkt->pts = pkt->dts = AV_NOPTS_VALUE;
	if (i >= a->next && pkt->pts != AV_NOPTS_VALUE)
		pass(a, st, i, pkt->pts);
	if (pkt->pts != AV_NOPTS_VALUE)
		pkt->pts += a->missed;
	if (pkt->dts != AV_NOPTS_VALUE)
		pkt->dts += a->missed;
}
