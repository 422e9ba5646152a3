#include "engine/mp4.h"

#include <string.h>

#define UNKNOWN 0xffffffff

enum mp4_length
mp4_length(int64_t length, boxes_read_fn *read, void *arg)
{
	int left = BOXES_MOST;
	struct boxes all = { read, arg, 0, length, &left }, moov, mvhd;

	if (!boxes_find(all, "moov", &moov) ||
	    !boxes_find(moov, "mvhd", &mvhd))
		return MP4_STATED;
	/* In version 1 it has 8 bytes, of which 4 are enough. */
	if (boxes_number(&mvhd, 16, 24) == UNKNOWN)
		return MP4_UNKNOWN;
	return boxes_number(&mvhd, 16, 28) == 0 ? MP4_NONE : MP4_STATED;
}

int64_t
mp4_fragments(int64_t length, boxes_read_fn *read, void *arg)
{
	int left = BOXES_MOST;
	struct boxes all = { read, arg, 0, length, &left }, moof;

	return boxes_find(all, "moof", &moof) ? moof.at : INT64_MAX;
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
