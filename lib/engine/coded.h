/* coded.h - MPEG Layer III frames, each with its side information and its own
 * main data (ISO/IEC 11172-3, 2.4), wherever in the stream that data was.
 *
 * Header and side information are stored without what depends on the position
 * in the stream: padding, CRC, bitrate and main_data_begin; the last two are
 * kept in fields of their own.  Unused bits in the last byte of main data are
 * 0.
 */
#ifndef ENGINE_CODED_H
#define ENGINE_CODED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/side.h"

#define CODED_MOST 2048		/* bytes of main data: four parts of at most
				 * 4095 bits */
#define CODED_BEGIN_MOST 511

struct coded {
	uint16_t begin;		/* main_data_begin, in bytes */
	uint16_t bytes;		/* length of its main data */
	uint8_t bitrate;	/* the header's bitrate index */
	uint8_t head[V2M_FRAME_HEADER];	/* without bitrate, padding and CRC */
	uint8_t side[SIDE_MOST];	/* with main_data_begin 0 */
	const uint8_t *data;	/* main data, borrowed */
};

/* A growing array of frames with their main data. */
struct coded_row {
	struct coded *frames;	/* their `data` is not set; see `at` */
	size_t *at;		/* offset of each frame's data in `bytes` */
	int n, nroom;
	uint8_t *bytes;
	size_t len, room;
};

void coded_row_release(struct coded_row *row);

/* Frame i; its data is valid until the row changes. */
struct coded coded_row_get(const struct coded_row *row, int i);

/* Do two frames decode to the same sound, bit by bit? */
bool coded_equal(const struct coded *a, const struct coded *b);

/* State for reading a stream, zeroed at first. */
struct coded_reader {
	uint8_t past[CODED_BEGIN_MOST];	/* last bytes of main data */
	int len;
};

/* Append to row the next frame of the stream, which f describes.  V2M_DATA: its
 * main data begins before the stream did or is longer than what is there; the
 * reader can still read the frames that follow.  V2M_TEMP: out of memory. */
int coded_read(struct coded_reader *r, const uint8_t *frame,
    const struct v2m_frame *f, struct coded_row *row, struct v2m_err *err);

#endif
