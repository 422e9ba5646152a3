#include "engine/cut.h"

static int64_t
sample(int rate_hz, int64_t ms)
{
	return (ms * rate_hz + 500) / 1000;
}

void
cut_init(struct cut *c, int rate_hz, int64_t from_ms, int64_t to_ms)
{
	c->at = 0;
	c->from = sample(rate_hz, from_ms);
	c->to = to_ms > 0 ? sample(rate_hz, to_ms) : INT64_MAX;
}

int64_t
cut_within(const struct cut *c, int64_t at, int64_t n)
{
	int64_t end = at + n < c->to ? at + n : c->to;

	if (at < c->from)
		at = c->from;
	return end > at ? end - at : 0;
}

void
cut_take(struct cut *c, int n, int *first, int *count)
{
	*count = (int)cut_within(c, c->at, n);
	*first = *count > 0 && c->at < c->from ? (int)(c->from - c->at) : 0;
	c->at += n;
}

void
cut_pass(struct cut *c, int64_t at)
{
	c->at = at;
}

bool
cut_over(const struct cut *c)
{
	return c->at >= c->to;
}
