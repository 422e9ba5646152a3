/* libFuzzer target: any bytes as a stream of frames, which are parsed, written
 * anew by repack.h, and parsed again.  tests/flow/fuzz-repack.t runs it for a
 * limited time; by hand: tests/fuzz/run repack FOLDER -max_total_time=3600 */
#include <stdlib.h>
#include <string.h>

#include "engine/repack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct again {
	struct coded_reader reader;
	struct coded_row row;
};

/* The repacker's frames must be complete. */
static int
again(void *arg, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err)
{
	struct again *a = arg;
	struct v2m_frame parsed;

	if (!v2m_frame_parse(&parsed, frame) || parsed.bytes != f->bytes ||
	    parsed.rate_hz != f->rate_hz || parsed.channels != f->channels)
		abort();
	if (coded_read(&a->reader, frame, f, &a->row, err) < 0)
		abort();
	return 0;
}

/* Parse the frames in the bytes, from the first sync word on. */
static void
take_apart(const uint8_t *data, size_t size, struct coded_row *row)
{
	struct coded_reader reader = { .len = 0 };
	struct v2m_frame f, first = { .bytes = 0 };

	for (size_t at = 0; at + V2M_FRAME_HEADER <= size;) {
		if (!v2m_frame_parse(&f, data + at) ||
		    at + (size_t)f.bytes > size || (first.bytes > 0 &&
		    (f.version != first.version ||
		    f.rate_hz != first.rate_hz ||
		    f.channels != first.channels))) {
			at++;
			continue;
		}
		if (first.bytes == 0)
			first = f;
		(void)coded_read(&reader, data + at, &f, row, NULL);
		at += (size_t)f.bytes;
	}
}

static void
repack(const struct coded_row *row, int bitrate_kbps)
{
	struct again a = { .row = { .n = 0 } };
	struct repack *r = repack_new(bitrate_kbps, again, &a, NULL);
	struct coded x, y;
	int ret = 0;

	for (int i = 0; i < row->n && ret == 0; i++) {
		x = coded_row_get(row, i);
		ret = repack_add(r, &x, NULL);
	}
	if (ret == 0)
		ret = repack_finish(r, NULL);
	if (ret == 0 && a.row.n != row->n)
		abort();
	for (int i = 0; i < a.row.n; i++) {
		x = coded_row_get(row, i);
		y = coded_row_get(&a.row, i);
		if (!coded_equal(&x, &y))
			abort();
	}
	coded_row_release(&a.row);
	repack_free(r);
}

/* The first byte selects the bitrate; half of its values: 0, variable. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int bitrates[8] = { 0, 0, 0, 0, 32, 64, 128, 320 };
	struct coded_row row = { .n = 0 };

	if (size < 1)
		return 0;
	take_apart(data + 1, size - 1, &row);
	repack(&row, bitrates[data[0] % 8]);
	coded_row_release(&row);
	return 0;
}
