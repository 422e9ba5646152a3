#include "engine/tracks.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/kind.h"
#include "engine/report.h"
#include "media/lang.h"
#include "media/wire.h"

/* What few listeners want: commentaries, descriptions of the pictures, and
 * what has no voices in it. */
#define DESCRIPTIVE (AV_DISPOSITION_VISUAL_IMPAIRED | \
    AV_DISPOSITION_DESCRIPTIONS)
#define FOR_FEW (AV_DISPOSITION_COMMENT | DESCRIPTIVE | \
    AV_DISPOSITION_CLEAN_EFFECTS)

static bool
is_sound(const AVStream *st)
{
	return st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

static bool
can_decode(const AVStream *st)
{
	return avcodec_find_decoder(st->codecpar->codec_id) != NULL;
}

/* How much this track looks like the one a listener wants.  Nothing else
 * counts: of equal ones the first in the file is meant. */
static int
worth(const AVStream *st)
{
	int n = 1;

	if (!(st->disposition & FOR_FEW))
		n += 4;
	if (st->disposition & AV_DISPOSITION_DEFAULT)
		n += 2;
	if (!(st->disposition & AV_DISPOSITION_HEARING_IMPAIRED))
		n += 1;
	return n;
}

static const char *
language(const AVStream *st)
{
	const AVDictionaryEntry *e = av_dict_get(st->metadata, "language",
	    NULL, 0);

	return e == NULL ? "und" : e->value;
}

/* A transport stream may name several, for its two channels: "deu,eng". */
static bool
speaks(const AVStream *st, const char *lang)
{
	char one[V2M_LANG_SIZE];
	const char *at = language(st);

	for (;; at++) {
		size_t n = strcspn(at, ",");

		if (n < sizeof one) {
			memcpy(one, at, n);
			one[n] = '\0';
			if (v2m_lang_equal(one, lang))
				return true;
		}
		at += n;
		if (*at == '\0')
			return false;
	}
}

/* The best in a language; NULL: in any.  decodable: of those alone. */
static AVStream *
best(const AVFormatContext *fmt, const char *lang, bool decodable)
{
	AVStream *found = NULL;
	int most = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		AVStream *st = fmt->streams[i];

		if (!is_sound(st) || (decodable && !can_decode(st)) ||
		    worth(st) <= most || (lang != NULL &&
		    (st->disposition & FOR_FEW || !speaks(st, lang))))
			continue;
		most = worth(st);
		found = st;
	}
	return found;
}

AVStream *
tracks_usual(const AVFormatContext *fmt)
{
	return best(fmt, NULL, true);
}

bool
tracks_usable(const AVStream *st)
{
	return is_sound(st) && can_decode(st);
}

bool
tracks_alone(const AVFormatContext *fmt, const AVStream *track)
{
	for (unsigned i = 0; i < fmt->nb_streams; i++)
		if (fmt->streams[i] != track && tracks_usable(fmt->streams[i]))
			return false;
	return true;
}

int
tracks_number(const AVFormatContext *fmt, const AVStream *track)
{
	int n = 0;

	for (int i = 0; i <= track->index; i++)
		n += is_sound(fmt->streams[i]);
	return n;
}

/* The one that the file means, if that is not the one that is taken. */
static void
warn_of_better(const AVFormatContext *fmt, const char *lang,
    const AVStream *taken)
{
	const AVStream *meant = best(fmt, lang, false);
	char name[KIND_SIZE];

	if (meant != NULL && taken != NULL && meant != taken)
		report_warning("there is no decoder for track %d (%s): track "
		    "%d is taken", tracks_number(fmt, meant),
		    kind_name(name, meant), tracks_number(fmt, taken));
}

static int
nth(const AVFormatContext *fmt, int number, AVStream **track,
    struct v2m_err *err)
{
	char name[KIND_SIZE];
	int n = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		AVStream *st = fmt->streams[i];

		if (!is_sound(st) || ++n != number)
			continue;
		if (!can_decode(st) && !kind_encrypted(fmt, st))
			return v2m_err_set(err, V2M_DATA,
			    "there is no decoder for track %d (%s)", number,
			    kind_name(name, st));
		*track = st;
		return 0;
	}
	return v2m_err_set(err, V2M_DATA, "no track %d with sound in it: "
	    "there %s %d", number, n == 1 ? "is" : "are", n);
}

/* "de, en": of the settings, or what there is instead. */
static const char *
list_wanted(char *dst, size_t size, const struct v2m_settings *s)
{
	size_t at = 0;

	dst[0] = '\0';
	for (int i = 0; i < V2M_SETTINGS_LANGS && s->langs[i][0] != '\0' &&
	    at < size; i++)
		at += (size_t)snprintf(dst + at, size - at, "%s%s",
		    i > 0 ? ", " : "", s->langs[i]);
	return dst;
}

static int
no_language(const struct v2m_settings *s, const AVStream *usual,
    struct v2m_err *err)
{
	char wanted[128], there[V2M_LANG_SIZE];

	list_wanted(wanted, sizeof wanted, s);
	if (s->lang_strict)
		return v2m_err_set(err, V2M_DATA, "no sound in the language "
		    "asked for (%s)", wanted);
	if (usual != NULL)
		report_warning("no sound in the language asked for (%s): "
		    "the default track is taken (%s)", wanted,
		    v2m_text_copy(there, sizeof there, language(usual)));
	return 0;
}

int
tracks_wanted(const AVFormatContext *fmt, const struct v2m_settings *s,
    AVStream **track, struct v2m_err *err)
{
	if (s->track > 0)
		return nth(fmt, s->track, track, err);
	if (s->langs[0][0] == '\0') {
		warn_of_better(fmt, NULL, *track);
		return 0;
	}
	for (int i = 0; i < V2M_SETTINGS_LANGS && s->langs[i][0] != '\0';
	    i++) {
		AVStream *st = best(fmt, s->langs[i], true);

		if (st == NULL)
			continue;
		warn_of_better(fmt, s->langs[i], st);
		*track = st;
		return 0;
	}
	return no_language(s, *track, err);
}

int
tracks_tell(const AVFormatContext *fmt)
{
	const AVStream *usual = tracks_usual(fmt);
	const AVDictionaryEntry *title;
	int n = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		const AVStream *st = fmt->streams[i];
		unsigned flags = 0;

		if (!is_sound(st))
			continue;
		if (st->disposition & AV_DISPOSITION_DEFAULT)
			flags |= V2M_TRACK_DEFAULT;
		if (st->disposition & AV_DISPOSITION_COMMENT)
			flags |= V2M_TRACK_COMMENTARY;
		if (st->disposition & DESCRIPTIVE)
			flags |= V2M_TRACK_DESCRIPTIVE;
		if (st->disposition & AV_DISPOSITION_HEARING_IMPAIRED)
			flags |= V2M_TRACK_HARD_OF_HEARING;
		if (!can_decode(st))
			flags |= V2M_TRACK_UNDECODABLE;
		if (kind_encrypted(fmt, st))
			flags |= V2M_TRACK_ENCRYPTED;
		if (st == usual)
			flags |= V2M_TRACK_USUAL;
		title = av_dict_get(st->metadata, "title", NULL, 0);
		report_track(++n, st, language(st),
		    title == NULL ? "" : title->value, flags);
	}
	return n;
}
