/* front.h - what stands in front of an MP3's sound: tags, chapters, cover.
 *
 * Nothing in here can fail a job: what makes no sense is left out, what is too
 * much is cut.
 */
#ifndef ENGINE_FRONT_H
#define ENGINE_FRONT_H

#include <libavformat/avformat.h>

#include "engine/demux.h"
#include "engine/report.h"
#include "media/settings.h"

#define FRONT_CHAPTERS 255		/* ID3v2 counts them in a byte */
#define FRONT_COVER (5 << 20)		/* bytes of the largest picture */

struct chapter {
	int64_t start_ms, end_ms;	/* in the MP3 */
	int place;			/* in the source */
	char title[256];
};

struct front {
	int id3;			/* 3 or 4, of ID3v2 */
	AVDictionary *tags;		/* or NULL */
	int nchapters;
	struct chapter *chapters;
	enum v2m_cover cover;
	const uint8_t *cover_bytes;	/* belong to the source */
	int cover_length;		/* 0: there is none */
};

/* From the source, as s wants it; reports the tags, and what is left out.  The
 * source must outlive what it makes. */
void front_collect(struct front *f, const struct demux *source,
    const struct v2m_settings *s);

/* Also of a zeroed one. */
void front_release(struct front *f);

/* What there is of it, into the last report. */
void front_tell(const struct front *f, struct report_done *done);

#endif
