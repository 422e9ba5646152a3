/* libFuzzer target: copy any bytes as packets with PTS and skipped samples; the
 * output must be an MP3 with correct counts.  tests/flow/fuzz-copy.t runs it
 * for a limited time; by hand: tests/fuzz/run copy FOLDER -max_total_time=3600
 *
 * The first byte selects the cut; then come packets, each after a header: two
 * bytes of length, one of flags, one of the time since the packet before. */
#include <stdlib.h>
#include <string.h>

#include "engine/copy.h"

#define HEAD 4
#define TAG_MOST 4095		/* samples, as the LAME tag has 12 bits */
#define DECODER 529
#define US_MOST INT64_C(20000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	bool begun;
	int delay, samples, rate_hz, channels;
	int64_t frames;
	struct coded_reader reader;
	struct coded_row row;
};

static int
begin(void *arg, const struct v2m_frame *f, int delay, struct v2m_err *err)
{
	struct result *r = arg;

	(void)err;
	if (r->begun || delay < DECODER || delay > TAG_MOST + DECODER)
		abort();
	r->begun = true;
	r->delay = delay;
	r->samples = f->samples;
	r->rate_hz = f->rate_hz;
	r->channels = f->channels;
	return 0;
}

static int
frame(void *arg, const uint8_t *bytes, const struct v2m_frame *f,
    struct v2m_err *err)
{
	struct result *r = arg;
	struct v2m_frame parsed;

	if (!r->begun || !v2m_frame_parse(&parsed, bytes) || parsed.crc ||
	    parsed.bytes != f->bytes || parsed.rate_hz != r->rate_hz ||
	    parsed.channels != r->channels || parsed.samples != r->samples)
		abort();
	r->frames++;
	r->row.n = 0;
	r->row.len = 0;
	if (coded_read(&r->reader, bytes, f, &r->row, err) < 0 ||
	    !side_valid(f, bytes + V2M_FRAME_HEADER))
		abort();
	return 0;
}

static void
jump(void *arg, const struct gaps_step *step, double at_s)
{
	(void)arg;
	if (at_s < 0 || step->fill_s < 0)
		abort();
}

static void
check(const struct result *r, const struct copy *c, int64_t samples)
{
	int64_t behind = r->frames * r->samples - r->delay - samples;

	if (samples <= 0 || samples > c->want || r->frames != c->frames ||
	    behind < 0 || behind > TAG_MOST - DECODER ||
	    c->filled < 0 || c->filled > samples)
		abort();
}

static void
copy(struct copy *c, const uint8_t *data, size_t size, struct result *r)
{
	int64_t ns = 0, samples;
	int ret = COPY_ON;
	struct v2m_err err;

	while (ret == COPY_ON && size >= HEAD) {
		struct copy_packet p = { .n = (size_t)data[0] << 8 | data[1] };
		uint8_t flags = data[2];

		ns += (int64_t)(int8_t)data[3] * 20000000;
		data += HEAD;
		size -= HEAD;
		if (p.n > size)
			p.n = size;
		p.bytes = data;
		p.stamp_ns = flags & 1 ? COPY_NO_STAMP : ns;
		p.front = flags & 2 ? 37 * flags : 0;
		p.behind = flags & 4 ? 11 * flags : 0;
		p.none = (flags & 0x18) == 0x18;
		p.damaged = (flags & 0x60) == 0x60;
		p.mark = (flags & 0x81) == 0x80 ? GAPS_MARKED : GAPS_UNMARKED;
		ret = copy_packet(c, &p, &err);
		data += p.n;
		size -= p.n;
	}
	if (ret == COPY_ON)
		ret = copy_flush(c, &err);
	if (ret < 0)
		abort();
	if (ret == COPY_CANNOT)
		return;
	ret = copy_finish(c, &samples, &err);
	if (ret < 0)
		abort();
	if (ret == COPY_ENOUGH)
		check(r, c, samples);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result r = { .begun = false };
	struct copy_sink sink = { begin, frame, jump, &r };
	struct copy_cut cut = { .to_us = -1, .most_us = US_MOST };
	struct timeline_facts facts = { .own_s = -1, .total_s = -1 };
	struct copy c;
	struct v2m_err err;

	if (size == 0)
		return -1;
	cut.from_us = (data[0] & 0xf) * INT64_C(30000);
	if (data[0] & 0xf0)
		cut.to_us = cut.from_us + (data[0] >> 4) * INT64_C(30000);
	if (data[0] & 1) {
		facts.ends_s[facts.nends++] = 5;
		facts.early = true;
	}
	if (copy_open(&c, &sink, &cut, NULL, &err) == 0) {
		copy_facts(&c, &facts);
		copy(&c, data + 1, size - 1, &r);
	}
	copy_close(&c);
	coded_row_release(&r.row);
	return 0;
}
