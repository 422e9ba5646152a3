#include "engine/avi.h"

#define AHEAD_MOST 4096		/* chunks looked through for a packet */
#define MISSES_MOST 16		/* packets in a row without a chunk */
#define LEAP 16			/* a PTS step this many times the packet's
				 * duration is wrong */
#define HEAD 8			/* bytes of a chunk's header */

/* Index of the chunk that holds file offset `at`, looked for from the next
 * chunk on; -1: none of the next AHEAD_MOST does. */
static int
chunk_at(const struct avi *a, AVStream *st, int64_t at)
{
	int n = avformat_index_get_entries_count(st);

	/* A large chunk comes as several packets: begin with the last one. */
	for (int i = a->next > 0 ? a->next - 1 : 0;
	    i < n && i - a->next < AHEAD_MOST; i++) {
		const AVIndexEntry *e = avformat_index_get_entry(st, i);

		if (e->pos <= at && at <= e->pos + HEAD + e->size)
			return i;
	}
	return -1;
}

/* The index of PCM counts bytes, its PTS count samples: the first packet after
 * PTS 0 tells the ratio. */
static void
learn_unit(struct avi *a, int64_t time, int64_t pts)
{
	if (a->unit == 0 && pts > 0 && time >= pts && time % pts == 0)
		a->unit = time / pts;
}

/* The packet is in chunk i: count what is missing before it.  Index and PTS
 * must agree on that, so the smaller difference counts: an empty chunk, for
 * example, is in one of them only. */
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

/* Some writers have a header that counts packets but PTS that count parts of a
 * packet: the PTS of a packet then is far too high, though its chunk follows
 * the last one in the index. */
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

	/* Do not search a wrong index for every packet. */
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
