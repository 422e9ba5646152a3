#include "engine/front.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/chapters.h"
#include "engine/codecs.h"
#include "engine/format.h"
#include "engine/picture.h"
#include "engine/tags.h"

static bool
says(const AVStream *st, const char *key, const char *value)
{
	const AVDictionaryEntry *e = av_dict_get(st->metadata, key, NULL, 0);

	return e != NULL && strncasecmp(e->value, value, strlen(value)) == 0;
}

static enum v2m_cover
cover_kind(const AVStream *st)
{
	return picture_kind(st->attached_pic.data,
	    (size_t)st->attached_pic.size);
}

/* How likely is this picture the cover?  0: it cannot be.  ID3v2 and FLAC name
 * the type, Matroska names its attachments. */
static int
picture_worth(const AVStream *st)
{
	if (cover_kind(st) == V2M_COVER_NONE ||
	    st->attached_pic.size > FRONT_COVER)
		return 0;
	return says(st, "comment", "Cover (front)") ||
	    says(st, "filename", "cover.") ? 2 : 1;
}

/* An image of a type that libavformat does not make an attached picture of? */
static bool
is_other_picture(const AVStream *st)
{
	return st->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT &&
	    says(st, "mimetype", "image/");
}

/* Adds to *others the pictures that cannot be a cover. */
static void
find_cover(struct front *f, const AVFormatContext *fmt, int *others)
{
	int most = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		const AVStream *st = fmt->streams[i];
		bool picture = st->disposition & AV_DISPOSITION_ATTACHED_PIC &&
		    st->attached_pic.data != NULL && st->attached_pic.size > 0;
		int n = picture ? picture_worth(st) : 0;

		*others += picture ? n == 0 : is_other_picture(st);
		if (n <= most)
			continue;
		most = n;
		f->cover = cover_kind(st);
		f->cover_bytes = st->attached_pic.data;
		f->cover_length = st->attached_pic.size;
	}
}

static void
collect_cover(struct front *f, const AVFormatContext *fmt)
{
	int others = codecs_pictures_unknown();

	find_cover(f, fmt, &others);
	if (others > 0 && f->cover == V2M_COVER_NONE)
		report_note("its cover is left out: it is not a JPEG or PNG "
		    "of at most %.1f MB", FRONT_COVER / 1e6);
}

/* Time 0 of the chapters: that of the streams, except for MP3.  There
 * libavformat lets the sound begin where the encoder's delay ends, but the
 * chapters at 0. */
static int64_t
chapters_origin_us(const struct demux *source)
{
	return format_is(source->fmt, "mp3") ? 0 : source->origin_us;
}

void
front_collect(struct front *f, const struct demux *source,
    const struct v2m_settings *s)
{
	memset(f, 0, sizeof *f);
	f->id3 = s->id3;
	f->tags = tags_collect(source->fmt, source->sound, s);
	chapters_collect(f, source->fmt, chapters_origin_us(source),
	    claim_us(&source->claim), s);
	collect_cover(f, source->fmt);
}

void
front_release(struct front *f)
{
	av_dict_free(&f->tags);
	free(f->chapters);
	memset(f, 0, sizeof *f);
}

void
front_tell(const struct front *f, struct report_done *done)
{
	done->chapters = f->nchapters;
	done->cover = f->cover;
	done->cover_bytes = f->cover_length;
}
