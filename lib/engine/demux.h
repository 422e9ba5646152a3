/* demux.h - open a container, choose its sound track, read packets.
 *
 * Only the given input is ever opened, whatever the file asks for.
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
	struct input *input;	/* borrowed, as are hint and wanted */
	const char *hint;
	const struct v2m_settings *wanted;
	AVFormatContext *fmt;
	AVFormatContext *first;	/* of the first link, if fmt is that of a later
				 * one */
	AVStream *sound;
	AVStream *other;	/* track to be joined to it (join.h), or
				 * NULL: */
	bool mix;		/* mixed; false: as left and right */
	const AVCodec *codec;	/* the sound's decoder */
	int64_t origin_us;	/* time 0: the earliest start of a sound or
				 * video track */
	int64_t first_us;	/* PTS of the sound's first packet; or
				 * AV_NOPTS_VALUE */
	int64_t last_us;	/* latest PTS of any track, after time 0 */
	struct claim claim;
	/* Of the packet that demux_next() returned: */
	enum gaps_mark mark;
	bool header;		/* a codec header, no sound */
	bool linked;		/* a link of a chained Ogg has begun since the
				 * last packet */
	struct links links;
	int64_t first_page;	/* FLAC in Ogg: file offset of a link's first
				 * page while packets come from it; then -1; 0:
				 * no packet yet */
	struct avi avi;		/* only for AVI */
	int pmt_version;	/* of the sound's program (MPEG-TS); -1: none */
	struct edits edits;	/* of the sound; applied here if edits.ours */
	int64_t fragments;	/* mp4_fragments(); 0: not asked for */
	struct follow follow;
	bool moved;		/* sound and codec have changed; the caller
				 * clears it */
	struct ahead ahead;	/* for the sound */
	AVPacket *early;	/* read while looking for the sound */
	bool goes_on;		/* the WAV is longer than its header says */
	bool lost;		/* the next link cannot be read */
	bool ended;		/* no more packets */
	int errors;		/* read errors in a row */
	int64_t damaged;	/* read errors after which reading went on */
};

/* Open the container in input, and choose a track.  *d needs no setup, and
 * needs demux_close() whatever is returned.  hint: the file name's suffix
 * (media/hint.h).  wanted selects the track; NULL: the usual one (tracks.h).
 * V2M_DATA: not a media file, no sound in it, or no such track.  V2M_TEMP: out
 * of memory.  V2M_FAILED: the file needs too much memory.  Or the input's error
 * (input_failed()). */
int demux_open(struct demux *d, struct input *input, const char *hint,
    const struct v2m_settings *wanted, struct v2m_err *err);

/* Open the container once more, for first->other, the track to be joined.
 * Errors as demux_open(). */
int demux_open_other(struct demux *d, const struct demux *first,
    struct input *input, struct v2m_err *err);

/* Open the container to see which tracks there are: d->sound is the usual one,
 * or NULL.  Errors as demux_open(). */
int demux_look(struct demux *d, struct input *input, const char *hint,
    struct v2m_err *err);

/* The same to list the tracks: encrypted ones are named as such, even if their
 * codec could be decoded. */
int demux_list(struct demux *d, struct input *input, const char *hint,
    struct v2m_err *err);

/* Set err: why no sound in the file can be decoded.  Returns -1, V2M_DATA. */
int demux_no_sound(const struct demux *d, struct v2m_err *err);

/* After a sound without packets: is the broadcast scrambled? */
bool demux_scrambled(const struct demux *d);

void demux_close(struct demux *d);

/* Read the next packet of any track, skipping damage.  1; 0 at the end; -1:
 * V2M_TEMP, or the input's error. */
int demux_read(struct demux *d, AVPacket *pkt, struct v2m_err *err);

/* What the container says about times.  Complete once the first packet of the
 * sound was read. */
struct timeline_facts demux_facts(const struct demux *d);

/* A packet's PTS (else DTS) in seconds after time 0, or GAPS_NO_STAMP. */
double demux_stamp_s(const struct demux *d, const AVPacket *pkt);

/* Read the next packet of the sound, also across links of a chained Ogg and
 * changed PIDs of a TS.  1; 0 at the end; -1: V2M_TEMP, V2M_DATA (it is
 * encrypted), or the input's error. */
int demux_next(struct demux *d, AVPacket *pkt, struct v2m_err *err);

#endif
