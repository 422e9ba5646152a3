/* demux.h - a container opened, its sound found, its packets one by one.
 *
 * Nothing but the given input is ever opened, whatever the file asks for.
 */
#ifndef ENGINE_DEMUX_H
#define ENGINE_DEMUX_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/ahead.h"
#include "engine/avi.h"
#include "engine/claim.h"
#include "engine/edits.h"
#include "engine/follow.h"
#include "engine/input.h"
#include "engine/links.h"
#include "media/settings.h"

struct demux {
	struct input *input;	/* borrowed, as hint and wanted */
	const char *hint;
	const struct v2m_settings *wanted;
	AVFormatContext *fmt;
	AVFormatContext *first;	/* of the first link, where fmt is a later */
	AVStream *sound;
	AVStream *other;	/* to be joined to it (join.h), or NULL: */
	bool mix;		/* not as right and left */
	const AVCodec *codec;	/* that decodes it */
	int64_t origin_us;	/* the earliest start of a real track: time 0 */
	int64_t first_us;	/* the sound's first packet; AV_NOPTS_VALUE */
	int64_t last_us;	/* the latest packet seen of any track */
	struct claim claim;
	/* Of the packet that demux_next() gave: */
	enum gaps_mark mark;
	bool header;		/* it is none of sound */
	bool linked;		/* a link has begun since the last one */
	struct links links;
	int64_t first_page;	/* of FLAC in Ogg: where that of a link stands,
				 * while packets come from it; -1; 0: none has
				 * come */
	struct avi avi;		/* used where the container is one */
	int pmt_version;	/* of the sound's programme; -1 */
	struct edits edits;	/* where ours: those of the sound */
	struct follow follow;
	bool moved;		/* sound and codec are others than before;
				 * whoever has seen it makes it false */
	struct ahead ahead;	/* of the sound */
	AVPacket *early;	/* read while the sound was being looked for */
	bool goes_on;		/* behind what a WAV's header says */
	bool lost;		/* it goes on where nothing can be read */
	bool ended;		/* no more packets */
	int errors;		/* in a row */
	int64_t damaged;	/* places that could not be read */
};

/* hint is what the file's name says (media/hint.h).
 * wanted says which track; NULL: the usual one.
 * V2M_DATA: not media, no sound in it, or no such track. */
int demux_open(struct demux *d, struct input *input, const char *hint,
    const struct v2m_settings *wanted, struct v2m_err *err);

/* The track that is to be joined to the first one's sound, and nothing else. */
int demux_open_other(struct demux *d, const struct demux *first,
    struct input *input, struct v2m_err *err);

/* Only see which tracks there are: d->sound may be NULL. */
int demux_look(struct demux *d, struct input *input, const char *hint,
    struct v2m_err *err);

/* The same for a list of them: what is encrypted is called so, though it could
 * be decoded. */
int demux_list(struct demux *d, struct input *input, const char *hint,
    struct v2m_err *err);

/* Say that there is no sound in it that can be decoded, and why: V2M_DATA. */
int demux_no_sound(const struct demux *d, struct v2m_err *err);

/* Where no sound came: is that because it is scrambled? */
bool demux_scrambled(const struct demux *d);

void demux_close(struct demux *d);

/* The next packet of any track: 1, 0 at the end, -1. */
int demux_read(struct demux *d, AVPacket *pkt, struct v2m_err *err);

/* What the container says of time, as far as it is known when the first packet
 * has come. */
struct timeline_facts demux_facts(const struct demux *d);

/* A packet's stamp, in seconds since time 0, or GAPS_NO_STAMP. */
double demux_stamp_s(const struct demux *d, const AVPacket *pkt);

/* The next packet of the sound: 1, 0 at the end, -1. */
int demux_next(struct demux *d, AVPacket *pkt, struct v2m_err *err);

#endif
