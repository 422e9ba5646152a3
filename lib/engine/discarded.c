#include "engine/discarded.h"

#include <libavutil/dict.h>
#include <libavutil/intreadwrite.h>
#include <string.h>

#include "engine/format.h"

#define CHUNKS_MOST 1000	/* chunks looked at per file */

/* The offset of the chunk `id3 ` of a WAV; -1: there is none. */
static int64_t
find_chunk(struct input *in)
{
	uint8_t head[8];
	int64_t at = 12;

	for (int i = 0; i < CHUNKS_MOST &&
	    input_look(in, at, head, sizeof head) == (int64_t)sizeof head;
	    i++) {
		int64_t size = AV_RL32(head + 4);

		at += (int64_t)sizeof head;
		if (memcmp(head, "id3 ", 4) == 0 ||
		    memcmp(head, "ID3 ", 4) == 0)
			return at;
		at += size + size % 2;
	}
	return -1;
}

/* libavformat reads ID3v2 before any format: let it take what follows the tag
 * for raw samples, which it does not read. */
static void
add_from(AVFormatContext *fmt, struct input *beside)
{
	AVFormatContext *tag = avformat_alloc_context();

	if (tag == NULL)
		return;
	tag->pb = input_io(beside);
	if (avformat_open_input(&tag, "", av_find_input_format("sln"),
	    NULL) < 0)
		return;
	av_dict_copy(&fmt->metadata, tag->metadata, AV_DICT_DONT_OVERWRITE);
	avformat_close_input(&tag);
}

void
discarded_add(AVFormatContext *fmt, struct input *in)
{
	struct v2m_err err = { 0 };
	struct input *beside;
	int64_t at = 0;
	uint8_t mark[3];

	if (format_is(fmt, "wav"))
		at = find_chunk(in);
	else if (!format_is(fmt, "tta,wv,ape,tak,mpc"))
		return;
	if (at < 0 || input_look(in, at, mark, sizeof mark) !=
	    (int64_t)sizeof mark || memcmp(mark, "ID3", 3) != 0)
		return;
	beside = input_beside(in, &err);
	if (beside != NULL && input_begin_at(beside, at, &err) == 0)
		add_from(fmt, beside);
	input_free(beside);
}
