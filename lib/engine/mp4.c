#include "engine/mp4.h"

#include <string.h>

#define UNKNOWN 0xffffffff

bool
mp4_length_unknown(int64_t length, boxes_read_fn *read, void *arg)
{
	int left = BOXES_MOST;
	struct boxes all = { read, arg, 0, length, &left }, moov, mvhd;

	/* In version 1 it has 8 bytes, whose upper 4 are enough. */
	return boxes_find(all, "moov", &moov) &&
	    boxes_find(moov, "mvhd", &mvhd) &&
	    boxes_number(&mvhd, 16, 24) == UNKNOWN;
}

bool
mp4_encrypted(uint32_t track, int64_t length, boxes_read_fn *read, void *arg)
{
	int left = BOXES_MOST;
	struct boxes all = { read, arg, 0, length, &left };
	struct boxes moov, trak, mdia, minf, stbl, stsd;
	struct box entry;

	if (!boxes_find(all, "moov", &moov) ||
	    !boxes_track(moov, track, &trak) ||
	    !boxes_find(trak, "mdia", &mdia) ||
	    !boxes_find(mdia, "minf", &minf) ||
	    !boxes_find(minf, "stbl", &stbl) ||
	    !boxes_find(stbl, "stsd", &stsd))
		return false;
	/* After its version and entry count. */
	stsd.at += 8;
	while (boxes_next(&stsd, &entry))
		if (memcmp(entry.type, "enca", 4) == 0)
			return true;
	return false;
}
