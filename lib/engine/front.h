/* front.h - what precedes the sound in an MP3: tags, chapters, cover.
 *
 * Nothing here can fail a job: what makes no sense is left out, what is too
 * much is cut.
 */
#ifndef ENGINE_FRONT_H
#define ENGINE_FRONT_H

#include <libavformat/avformat.h>

#include "engine/demux.h"
#include "engine/report.h"
#include "media/settings.h"

#define FRONT_CHAPTERS 255		/* ID3v2 (CTOC) counts them in a byte */
#define FRONT_COVER (5 << 20)		/* bytes of the largest picture */

struct chapter {
	int64_t start_ms, end_ms;	/* in the MP3 */
	int place;			/* its number in the source */
	char title[256];
};

struct front {
	int id3;			/* version of ID3v2: 3 or 4 */
	AVDictionary *tags;		/* or NULL */
	int nchapters;
	struct chapter *chapters;
	enum v2m_cover cover;
	const uint8_t *cover_bytes;	/* belong to the source */
	int cover_length;		/* 0: there is none */
};

/* Collect all of that from the source, as s wants it, and report the tags and
 * what is left out.  The source must outlive *f. */
void front_collect(struct front *f, const struct demux *source,
    const struct v2m_settings *s);

/* Also for a zeroed *f. */
void front_release(struct front *f);

/* Add chapters and cover to the last report. */
void front_tell(const struct front *f, struct report_done *done);

#endif
