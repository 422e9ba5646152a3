#include "engine/encode.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/level.h"
#include "engine/seam.h"

/* Frames per segment: long segments have fewer seams; short ones need less
 * memory and let the threads end together.  The first segments are shorter, so
 * that a short sound has several.  All lengths are multiples of an eighth,
 * which is a multiple of 49 (see seam.h). */
#define FRAMES_VARIABLE (8 * 343)
#define FRAMES_CONSTANT (8 * 490)
/* Where seams would not settle (keeps_apart()): about an hour, so that there
 * are few. */
#define FRAMES_APART (55 * FRAMES_VARIABLE)
#define TAIL_LEAST 98		/* frames of the last segment, at least */
#define PARTS_MORE 6		/* segments more than threads, so that a slow
				 * one does not let the others run too far
				 * ahead */
#define THREADS_FED 24		/* one decoder keeps no more busy */
#define WAITING_ALONE 4		/* chunks that wait, without a pool */

#define SCALE_BLOCK 64		/* samples */
#define DECODER_DELAY 529

/* A segment and its state. */
struct part {
	struct part *next;
	struct segment segment;
	int64_t end;		/* first sample behind it */
	int64_t from, to;	/* frames that the MP3 takes from it */
	struct chunk *filling;	/* used by the caller's thread only */
	struct chunks queue;	/* to be encoded */
	struct chunks head;	/* samples kept for the seam before it */
	bool busy;		/* a thread works on it */
	bool closed;		/* all its samples have come */
	bool at_end;		/* it is the last segment */
	bool absorbed;		/* too short: its sound is encoded by the
				 * segment before */
	bool encoded;		/* all its samples are encoded */
	bool settled;		/* its seams are settled: it can be written */
};

static int
frame_samples(const struct encoder *e)
{
	return v2m_frame_samples(e->settings.rate_hz);
}

/* Stereo frames at MPEG-2 sample rates are often larger than the highest
 * bitrate and half a reservoir hold.  With a variable bitrate their quality
 * then depends on how full the reservoir is, which differs between LAMEs. */
static bool
keeps_apart(const struct encode_settings *s)
{
	return s->bitrate_kbps == 0 && s->channels == 2 && s->rate_hz < 32000;
}

int
encode_open(struct encoder *e, const struct encode_settings *s,
    struct pool *pool, repack_sink *sink, void *arg, struct v2m_err *err)
{
	const char *jitter = getenv("V2M_MEDIA_JITTER");
	lame_t lame;
	int threads;

	memset(e, 0, sizeof *e);
	e->settings = *s;
	e->gain = 1;
	e->frames = s->bitrate_kbps > 0 ? FRAMES_CONSTANT : FRAMES_VARIABLE;
	e->apart = keeps_apart(s);
	e->warm = s->bitrate_kbps > 0 ? SEAM_WARM_CONSTANT :
	    SEAM_WARM_VARIABLE;
	/* Threads that are spread over their segments evenly need less than
	 * half a segment each. */
	threads = pool->n < THREADS_FED ? pool->n : THREADS_FED;
	e->most = threads == 0 ? WAITING_ALONE : (int64_t)e->frames *
	    frame_samples(e) * 7 / 16 * threads / SEGMENT_CHUNK;
	e->enough = e->most - e->most / 8;
	e->tear = getenv("V2M_MEDIA_TEAR") != NULL && !s->resets;
	if (jitter != NULL)
		e->jitter = (unsigned)strtoul(jitter, NULL, 10);
	/* The first LAME of a process fills tables that all of them share: do
	 * that before the threads begin. */
	lame = segment_lame(s, err);
	if (lame == NULL)
		return -1;
	e->delay = lame_get_encoder_delay(lame) + DECODER_DELAY;
	lame_close(lame);
	e->repack = repack_new(s->bitrate_kbps, sink, arg, err);
	if (e->repack == NULL)
		return -1;
	e->block[0] = malloc(2 * SEGMENT_CHUNK * sizeof(float));
	if (e->block[0] == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	e->block[1] = e->block[0] + SEGMENT_CHUNK;
	e->pool = pool;
	return 0;
}

static void
part_free(struct part *p)
{
	segment_release(&p->segment);
	chunks_release(&p->queue);
	chunks_release(&p->head);
	free(p->filling);
	free(p);
}

void
encode_close(struct encoder *e)
{
	if (e->pool != NULL) {
		pthread_mutex_lock(&e->pool->lock);
		pool_give(e->pool, NULL, NULL);
		pthread_mutex_unlock(&e->pool->lock);
	}
	while (e->first != NULL) {
		struct part *p = e->first;

		e->first = p->next;
		part_free(p);
	}
	repack_free(e->repack);
	free(e->block[0]);
	memset(e, 0, sizeof *e);
}

int
encode_delay(const struct encoder *e)
{
	return e->delay;
}

/* Run by the threads.  They hold the lock except between leave() and
 * come_back(). */

static void
leave(struct encoder *e)
{
	pthread_mutex_unlock(&e->pool->lock);
	if (e->jitter > 0)
		usleep((unsigned)rand() % e->jitter);
}

static void
come_back(struct encoder *e, int ret, const struct v2m_err *err)
{
	pthread_mutex_lock(&e->pool->lock);
	if (ret < 0 && e->failure.code == 0)
		e->failure = *err;
}

/* Are a chunk's samples needed for the seam before the segment? */
static bool
is_head(const struct encoder *e, const struct part *p, const struct chunk *c)
{
	int64_t seam = p->segment.first * frame_samples(e) + SEGMENT_LEAD;

	return p->segment.base < p->segment.first &&
	    c->from + c->n > seam &&
	    c->from < seam + (int64_t)SEAM_REACH * frame_samples(e);
}

static void
encode_part(struct encoder *e, struct part *p)
{
	struct v2m_err err;
	struct chunk *c;
	int ret;

	p->busy = true;
	while (e->failure.code == 0 && (c = chunks_take(&p->queue)) != NULL) {
		bool keep = is_head(e, p, c);

		if (--e->waiting == e->enough || e->hungry)
			pthread_cond_signal(&e->pool->done);
		leave(e);
		ret = segment_feed(&p->segment, c, p->end, &err);
		if (!keep)
			free(c);
		come_back(e, ret, &err);
		if (keep)
			chunks_add(&p->head, c);
	}
	if (p->closed && e->failure.code == 0) {
		if (p->at_end) {
			leave(e);
			ret = segment_finish(&p->segment, true, &err);
			come_back(e, ret, &err);
			p->settled = true;
		}
		p->encoded = true;
		/* One or two seams can be settled now. */
		pthread_cond_broadcast(&e->pool->more);
	}
	p->busy = false;
}

static void
settle_seam(struct encoder *e, struct part *a, struct part *b)
{
	struct v2m_err err;
	int ret;

	a->busy = b->busy = true;
	leave(e);
	if (b->absorbed)
		ret = seam_absorb(&a->segment, &b->head, &err);
	else
		ret = seam_settle(&a->segment, &b->segment, &b->head,
		    &b->from, &err);
	chunks_release(&b->head);
	come_back(e, ret, &err);
	if (b->absorbed) {
		b->from = b->to;
		b->settled = true;
	} else {
		a->to = b->from;
	}
	a->settled = true;
	a->busy = b->busy = false;
}

static bool
encode_step(void *arg)
{
	struct encoder *e = arg;
	struct part *p;

	if (e->failure.code != 0)
		return false;
	for (p = e->first; p != NULL && p->next != NULL; p = p->next)
		if (p->encoded && !p->settled && !p->busy &&
		    p->next->encoded && !p->next->busy) {
			settle_seam(e, p, p->next);
			return true;
		}
	for (p = e->first; p != NULL; p = p->next)
		if (!p->busy && !p->encoded &&
		    (p->queue.first != NULL || p->closed)) {
			encode_part(e, p);
			return true;
		}
	e->hungry = true;
	pthread_cond_signal(&e->pool->done);
	return false;
}

/* Run by the caller's thread. */

/* First frame of the segment after the one that begins with frame `first`: each
 * is half as long as all before it, within limits. */
static int64_t
next_first(const struct encoder *e, int64_t first)
{
	int64_t least = e->frames / 8, n = first / 2 / least * least;

	if (e->apart)
		return first + FRAMES_APART;
	if (n < least)
		n = least;
	return first + (n < e->frames ? n : e->frames);
}

static int
tear(struct encoder *e, struct v2m_err *err)
{
	e->torn = true;
	return v2m_err_set(err, V2M_BUG, "segments that do not fit together");
}

static int
put_out(struct encoder *e, struct part *p, struct v2m_err *err)
{
	struct coded c;
	int64_t n, end = segment_reached(&p->segment);
	int ret = 0;

	if (end > p->to)
		end = p->to;
	for (n = p->from; n < end && ret == 0; n++) {
		c = coded_row_get(&p->segment.coded,
		    (int)(n - p->segment.base));
		ret = repack_add(e->repack, &c, err);
	}
	return ret > 0 ? tear(e, err) : ret;
}

/* With the lock held: write the oldest segment.  1: it is not ready. */
static int
put_out_first(struct encoder *e, struct v2m_err *err)
{
	struct part *p = e->first;
	int ret;

	if (e->failure.code != 0)
		return v2m_err_pass(err, &e->failure);
	if (p == NULL || !p->settled || p->busy)
		return 1;
	e->first = p->next;
	if (e->first == NULL)
		e->last = NULL;
	e->parts--;
	pthread_mutex_unlock(&e->pool->lock);
	ret = put_out(e, p, err);
	part_free(p);
	pthread_mutex_lock(&e->pool->lock);
	return ret;
}

/* Do enough chunks wait?  The threads then work off some of them before they
 * get more: waking them for each chunk costs more than making it. */
static bool
is_queue_full(struct encoder *e)
{
	if (e->waiting > e->most || e->parts > e->pool->n + PARTS_MORE)
		e->full = true;
	else if (e->waiting <= e->enough || e->hungry)
		e->full = false;
	return e->full;
}

/* Hand a segment's samples to the threads; wait if enough are waiting. */
static int
hand_over_part(struct encoder *e, struct part *p, bool close,
    struct v2m_err *err)
{
	int ret;

	pthread_mutex_lock(&e->pool->lock);
	if (p->filling != NULL) {
		chunks_add(&p->queue, p->filling);
		p->filling = NULL;
		e->waiting++;
	}
	p->closed = p->closed || close;
	if (!p->busy) {
		e->hungry = false;
		pthread_cond_signal(&e->pool->more);
	}
	while ((ret = put_out_first(e, err)) == 0 ||
	    (ret > 0 && is_queue_full(e)))
		if (ret > 0)
			pool_help(e->pool);
	pthread_mutex_unlock(&e->pool->lock);
	return ret < 0 ? -1 : 0;
}

static int
new_part(struct encoder *e, struct v2m_err *err)
{
	struct part *p = calloc(1, sizeof *p);
	int64_t first = e->last == NULL ? 0 :
	    next_first(e, e->last->segment.first);

	if (p == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	segment_init(&p->segment, &e->settings,
	    first == 0 ? 0 : first - e->warm, first);
	p->from = first;
	p->to = INT64_MAX;
	p->end = next_first(e, first) * frame_samples(e) + SEGMENT_LEAD;
	pthread_mutex_lock(&e->pool->lock);
	if (e->last == NULL)
		e->first = p;
	else
		e->last->next = p;
	e->last = p;
	e->parts++;
	e->open[0] = e->open[1];
	e->open[1] = p;
	if (e->pool->step == NULL)
		pool_give(e->pool, encode_step, e);
	pthread_mutex_unlock(&e->pool->lock);
	return 0;
}

/* Copy what a segment needs of n scaled samples, and hand over full chunks. */
static int
partial_take(struct encoder *e, struct part *p, int at, int n,
    struct v2m_err *err)
{
	int64_t from = e->samples + at;

	while (n > 0 && from < p->end) {
		struct chunk *c = p->filling;
		int part;

		if (c == NULL && (c = chunk_new(e->settings.channels)) == NULL)
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		if (c->n == 0)
			c->from = from;
		p->filling = c;
		part = SEGMENT_CHUNK - c->n < n ? SEGMENT_CHUNK - c->n : n;
		if (part > p->end - from)
			part = (int)(p->end - from);
		for (int i = 0; i < e->settings.channels; i++)
			memcpy(c->planes[i] + c->n, e->block[i] + at,
			    (size_t)part * sizeof(float));
		c->n += part;
		from += part;
		at += part;
		n -= part;
		if ((c->n == SEGMENT_CHUNK || from == p->end) &&
		    hand_over_part(e, p, from == p->end, err) < 0)
			return -1;
	}
	return 0;
}

/* The first sample that the next segment needs. */
static int64_t
next_base(const struct encoder *e)
{
	if (e->open[1] == NULL)
		return 0;
	return (next_first(e, e->open[1]->segment.first) - e->warm) *
	    frame_samples(e);
}

/* Give n samples of the block to the open segments, and open new ones. */
static int
cut_part(struct encoder *e, int n, struct v2m_err *err)
{
	for (int at = 0, part; at < n; at += part) {
		int64_t left = next_base(e) - (e->samples + at);

		if (left == 0) {
			if (new_part(e, err) < 0)
				return -1;
			left = next_base(e) - (e->samples + at);
		}
		part = n - at < left ? n - at : (int)left;
		for (int i = 0; i < 2; i++) {
			struct part *p = e->open[i];

			if (p != NULL && partial_take(e, p, at, part, err) < 0)
				return -1;
			if (p != NULL && e->samples + at + part >= p->end)
				e->open[i] = NULL;
		}
	}
	e->samples += n;
	return 0;
}

static void
scale_each(struct encoder *e, const float *from, float *to, int n, float by)
{
	for (int i = 0; i < n; i++) {
		float v = level_safe(from[i], e->settings.level_most);

		e->bent += v != from[i];
		to[i] = v * by;
	}
}

/* Is each of SCALE_BLOCK samples finite and at most `level` high?  Without
 * their sign, floats compare as integers do, with NaN above all numbers. */
static bool
are_good(const float *from, float level)
{
	int32_t bits[SCALE_BLOCK], most, over = 0;

	memcpy(&most, &level, sizeof most);
	memcpy(bits, from, sizeof bits);
	for (int i = 0; i < SCALE_BLOCK; i++)
		over |= most - (bits[i] & INT32_MAX);
	return over >= 0;
}

/* Scale to LAME's 32768, in blocks that a compiler can vectorize. */
static void
scale(struct encoder *e, const float *restrict from, float *restrict to, int n)
{
	float by = 32768 * e->gain;

	for (; n >= SCALE_BLOCK; n -= SCALE_BLOCK) {
		if (are_good(from, e->settings.level_most))
			for (int i = 0; i < SCALE_BLOCK; i++)
				to[i] = from[i] * by;
		else
			scale_each(e, from, to, SCALE_BLOCK, by);
		from += SCALE_BLOCK;
		to += SCALE_BLOCK;
	}
	scale_each(e, from, to, n, by);
}

int
encode_samples(struct encoder *e, const float *const planes[2], int n,
    struct v2m_err *err)
{
	for (int at = 0, part; at < n; at += part) {
		part = n - at < SEGMENT_CHUNK ? n - at : SEGMENT_CHUNK;
		for (int i = 0; i < e->settings.channels; i++)
			scale(e, planes[i] + at, e->block[i], part);
		if (cut_part(e, part, err) < 0)
			return -1;
	}
	return 0;
}

/* Close the last segment; if it is too short, the one before encodes its
 * samples. */
static int
close_last(struct encoder *e, struct v2m_err *err)
{
	struct part *p = e->open[1];
	int64_t least;

	if (p == NULL) {
		if (new_part(e, err) < 0)
			return -1;
		p = e->open[1];
	}
	least = (p->segment.first + TAIL_LEAST) * frame_samples(e);
	pthread_mutex_lock(&e->pool->lock);
	p->absorbed = p->segment.first > 0 && e->samples < least;
	p->at_end = !p->absorbed;
	pthread_mutex_unlock(&e->pool->lock);
	if (e->open[0] != NULL && hand_over_part(e, e->open[0], true, err) < 0)
		return -1;
	return hand_over_part(e, p, true, err);
}

int
encode_finish(struct encoder *e, struct v2m_err *err)
{
	int ret = close_last(e, err);

	if (ret < 0)
		return -1;
	pthread_mutex_lock(&e->pool->lock);
	while (ret >= 0 && e->first != NULL) {
		ret = put_out_first(e, err);
		if (ret > 0)
			pool_help(e->pool);
	}
	pthread_mutex_unlock(&e->pool->lock);
	if (ret < 0)
		return -1;
	ret = e->tear ? 1 : repack_finish(e->repack, err);
	return ret > 0 ? tear(e, err) : ret;
}
