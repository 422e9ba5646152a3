#include "engine/seam.h"

/* Frames that must agree at a seam.  With a constant bitrate more, as LAME's
 * state shows later in its frames. */
#define AGREE_VARIABLE 12
#define AGREE_CONSTANT 24

static struct coded
frame(const struct segment *s, int64_t n)
{
	return coded_row_get(&s->coded, (int)(n - s->base));
}

/* Do the last frames before n agree, as far as a has encoded?  With a constant
 * bitrate the reservoir must agree, too, as all that follows depends on it;
 * with a variable one it matters only to frames that the highest bitrate does
 * not hold. */
static bool
agree(const struct segment *a, const struct segment *b, int64_t n)
{
	bool constant = a->settings->bitrate_kbps > 0;
	int least = constant ? AGREE_CONSTANT : AGREE_VARIABLE;
	struct coded x, y;

	if (n > segment_reached(a))
		n = segment_reached(a);
	if (n - least < a->base || n - least < b->base ||
	    n > segment_reached(b))
		return false;
	for (int i = 1; i <= least; i++) {
		x = frame(a, n - i);
		y = frame(b, n - i);
		if (!coded_equal(&x, &y) || (constant && x.begin != y.begin))
			return false;
	}
	return true;
}

static int
feed_up_to(struct segment *a, const struct chunks *head, int64_t sample,
    struct v2m_err *err)
{
	for (const struct chunk *c = head->first; c != NULL; c = c->next)
		if (segment_feed(a, c, sample, err) < 0)
			return -1;
	return 0;
}

/* No frames agreed.  With a constant bitrate, take the last frame at which b
 * needs no more reservoir than a leaves, so that all that follows has space.  A
 * variable bitrate makes its own space. */
static int64_t
best_seam(const struct segment *a, const struct segment *b, int64_t most)
{
	if (a->settings->bitrate_kbps == 0)
		return most;
	for (int64_t n = most - 1; n >= b->first; n--)
		if (frame(a, n).begin >= frame(b, n).begin)
			return n;
	return most;
}

int
seam_settle(struct segment *a, const struct segment *b,
    const struct chunks *head, int64_t *at, struct v2m_err *err)
{
	int samples = v2m_frame_samples(a->settings->rate_hz);
	int64_t n = b->first, most = n + SEAM_REACH;
	int64_t there = (b->fed - SEGMENT_LEAD) / samples;
	bool agreed;

	if (most > there)
		most = there;
	agreed = a->settings->resets;
	while (!agreed && !(agreed = agree(a, b, n)) && n < most) {
		n++;
		if (feed_up_to(a, head, n * samples + SEGMENT_LEAD, err) < 0)
			return -1;
	}
	if (segment_finish(a, false, err) < 0)
		return -1;
	if (segment_reached(a) != n)
		return v2m_err_set(err, V2M_BUG, "a seam at frame %lld, but "
		    "%lld frames", (long long)n,
		    (long long)segment_reached(a));
	*at = agreed ? n : best_seam(a, b, most);
	return 0;
}

int
seam_absorb(struct segment *a, const struct chunks *head, struct v2m_err *err)
{
	if (feed_up_to(a, head, INT64_MAX, err) < 0)
		return -1;
	return segment_finish(a, true, err);
}
