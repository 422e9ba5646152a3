/* coded.h - Layer III frames taken apart: side information and main data,
 * each frame with its own data whole, wherever in the stream it stood.
 *
 * What is left of header and side information says nothing of the stream the
 * frame came from, but for the bitrate and for where its main data began,
 * which are kept for comparison.  The unused bits of the last byte of main
 * data are 0.
 */
#ifndef ENGINE_CODED_H
#define ENGINE_CODED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/side.h"

#define CODED_MOST 2048		/* bytes of main data: four times 4095 bits */
#define CODED_BEGIN_MOST 511

struct coded {
	uint16_t begin;		/* bytes of reservoir it took */
	uint16_t bytes;		/* of main data */
	uint8_t bitrate;	/* the header's index */
	uint8_t head[V2M_FRAME_HEADER];	/* without bitrate, padding and CRC */
	uint8_t side[SIDE_MOST];	/* with main data that begins here */
	const uint8_t *data;	/* somebody else's */
};

/* A growing row of them, data and all. */
struct coded_row {
	struct coded *frames;	/* their data is found by at */
	size_t *at;		/* where in bytes each one's data begins */
	int n, nroom;
	uint8_t *bytes;
	size_t len, room;
};

void coded_row_release(struct coded_row *row);

/* Frame i; its data is valid until the row changes. */
struct coded coded_row_get(const struct coded_row *row, int i);

/* The same sound to a decoder, bit by bit? */
bool coded_equal(const struct coded *a, const struct coded *b);

/* Takes a stream apart; zero it to begin. */
struct coded_reader {
	uint8_t past[CODED_BEGIN_MOST];	/* the last main data areas' bytes */
	int len;
};

/* Append one frame, head to end, of the stream to row.  V2M_DATA: its main
 * data began before the stream did, or goes beyond it, while those that follow
 * may still find theirs in it; V2M_TEMP. */
int coded_read(struct coded_reader *r, const uint8_t *frame,
    const struct v2m_frame *f, struct coded_row *row, struct v2m_err *err);

#endif
