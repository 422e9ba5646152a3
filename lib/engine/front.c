#include "engine/front.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/chapters.h"
#include "engine/tags.h"

static bool
says(const AVStream *st, const char *key, const char *value)
{
	const AVDictionaryEntry *e = av_dict_get(st->metadata, key, NULL, 0);

	return e != NULL && strncasecmp(e->value, value, strlen(value)) == 0;
}

/* How much this picture looks like the cover: as ID3v2 and FLAC say, and as
 * Matroska names its attachments. */
static int
worth(const AVStream *st)
{
	struct picture p;

	if (!(st->disposition & AV_DISPOSITION_ATTACHED_PIC) ||
	    st->attached_pic.data == NULL || st->attached_pic.size <= 0)
		return 0;
	picture_read(&p, st->attached_pic.data,
	    (size_t)st->attached_pic.size);
	if (p.kind == V2M_COVER_NONE || st->attached_pic.size > FRONT_COVER)
		return 0;
	return says(st, "comment", "Cover (front)") ||
	    says(st, "filename", "cover.") ? 2 : 1;
}

static void
find_cover(struct front *f, const AVFormatContext *fmt)
{
	int most = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		const AVStream *st = fmt->streams[i];
		int n = worth(st);

		if (n <= most)
			continue;
		most = n;
		f->cover_bytes = st->attached_pic.data;
		f->cover_length = st->attached_pic.size;
		picture_read(&f->cover, f->cover_bytes,
		    (size_t)f->cover_length);
	}
}

void
front_collect(struct front *f, const struct demux *source,
    const struct v2m_settings *s)
{
	memset(f, 0, sizeof *f);
	f->id3 = s->id3;
	f->tags = tags_collect(source->fmt, source->sound, s);
	chapters_collect(f, source->fmt, source->origin_us,
	    claim_us(&source->claim), s);
	find_cover(f, source->fmt);
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
	done->cover = f->cover.kind;
	done->cover_bytes = f->cover_length;
}
