#include "engine/tracks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/format.h"
#include "engine/kind.h"
#include "engine/report.h"
#include "media/lang.h"
#include "media/wire.h"

/* What few listeners want: commentary, audio description, and sound without
 * voices. */
#define DESCRIPTIVE (AV_DISPOSITION_VISUAL_IMPAIRED | \
    AV_DISPOSITION_DESCRIPTIONS)
#define FOR_FEW (AV_DISPOSITION_COMMENT | DESCRIPTIVE | \
    AV_DISPOSITION_CLEAN_EFFECTS)
#define KINDS (FOR_FEW | AV_DISPOSITION_HEARING_IMPAIRED)

static bool
is_sound(const AVStream *st)
{
	return st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

/* How likely is this the wanted track?  Of equal ones the first counts. */
static int
track_worth(const AVStream *st)
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
track_language(const AVStream *st)
{
	const AVDictionaryEntry *e = av_dict_get(st->metadata, "language",
	    NULL, 0);

	return e == NULL ? "und" : e->value;
}

/* Does the track have this language?  A TS may name several, for its two
 * channels: "deu,eng". */
static bool
speaks(const AVStream *st, const char *lang)
{
	char one[V2M_LANG_SIZE];
	const char *at = track_language(st);

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

/* The best track in a language; lang NULL: in any.  decodable: only tracks that
 * can be decoded. */
static AVStream *
best_track(const AVFormatContext *fmt, const char *lang, bool decodable)
{
	AVStream *found = NULL;
	int most = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		AVStream *st = fmt->streams[i];

		if (!is_sound(st) || (decodable && !kind_decodable(st)) ||
		    track_worth(st) <= most || (lang != NULL &&
		    (st->disposition & FOR_FEW || !speaks(st, lang))))
			continue;
		most = track_worth(st);
		found = st;
	}
	return found;
}

AVStream *
tracks_usual(const AVFormatContext *fmt)
{
	return best_track(fmt, NULL, true);
}

bool
tracks_usable(const AVStream *st)
{
	return is_sound(st) && kind_decodable(st);
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

/* Warn if the file's preferred track cannot be decoded. */
static void
warn_of_better(const AVFormatContext *fmt, const char *lang,
    const AVStream *taken)
{
	const AVStream *meant = best_track(fmt, lang, false);
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
		if (!kind_decodable(st) && !kind_encrypted(fmt, st))
			return v2m_err_set(err, V2M_DATA,
			    "there is no decoder for track %d (%s)", number,
			    kind_name(name, st));
		*track = st;
		return 0;
	}
	return v2m_err_set(err, V2M_DATA, "no track %d with sound in it: "
	    "there %s %d", number, n == 1 ? "is" : "are", n);
}

/* The languages of the settings, as "de, en". */
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
		    v2m_text_copy(there, sizeof there, track_language(usual)));
	return 0;
}

/* Have the tracks equal duration and similar bitrate, as far as their headers
 * say? */
static bool
may_be_halves(const AVStream *a, const AVStream *b)
{
	int64_t x = a->codecpar->bit_rate, y = b->codecpar->bit_rate;
	double length = (double)a->duration * av_q2d(a->time_base);
	double other = (double)b->duration * av_q2d(b->time_base);

	if (x > 0 && y > 0 && (x > 2 * y || y > 2 * x))
		return false;
	return a->duration <= 0 || b->duration <= 0 ||
	    fabs(length - other) <= 1;
}

/* Could the tracks be two microphones of one recording? */
static bool
are_alike(const AVStream *a, const AVStream *b)
{
	const AVCodecParameters *x = a->codecpar, *y = b->codecpar;

	return x->ch_layout.nb_channels == 1 && y->ch_layout.nb_channels == 1 &&
	    x->codec_id == y->codec_id && x->sample_rate == y->sample_rate &&
	    ((a->disposition ^ b->disposition) & KINDS) == 0 &&
	    strcmp(track_language(a), track_language(b)) == 0 &&
	    may_be_halves(a, b);
}

/* Is the track's only channel labelled so? */
static bool
has_label(const AVStream *st, uint64_t channel)
{
	const AVChannelLayout *l = &st->codecpar->ch_layout;

	return l->order == AV_CHANNEL_ORDER_NATIVE && l->u.mask == channel;
}

/* The first track like `track` with this label; label 0: any other track. */
static AVStream *
first_alike(const AVFormatContext *fmt, const AVStream *track, uint64_t label)
{
	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		AVStream *st = fmt->streams[i];

		if (tracks_usable(st) && are_alike(st, track) &&
		    (label != 0 ? has_label(st, label) : st != track))
			return st;
	}
	return NULL;
}

static void
warn_of_others(const AVFormatContext *fmt, const AVStream *track,
    const AVStream *other)
{
	char list[128] = "";
	size_t at = 0;
	int n = 0;

	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		const AVStream *st = fmt->streams[i];

		if (st == track || st == other || !tracks_usable(st) ||
		    !are_alike(st, track) || at >= sizeof list)
			continue;
		at += (size_t)snprintf(list + at, sizeof list - at, "%s%d",
		    n++ > 0 ? ", " : "", tracks_number(fmt, st));
	}
	if (n > 0)
		report_warning("tracks %d and %d are joined as left and right; "
		    "left out: %s", tracks_number(fmt, track),
		    tracks_number(fmt, other), list);
}

static void
warn_of_options(const AVFormatContext *fmt, const AVStream *track,
    const AVStream *next)
{
	int taken = tracks_number(fmt, track), a, b;

	if (next == NULL)
		return;
	a = taken < tracks_number(fmt, next) ? taken : tracks_number(fmt, next);
	b = taken + tracks_number(fmt, next) - a;
	report_warning("there are several mono tracks, and track %d is taken: "
	    "choose %d+%d to join two as left and right, %d,%d to mix "
	    "them", taken, a, b, a, b);
}

/* The right one of two mono tracks that are left and right of a recording, by
 * labels (MOV) or by custom (MXF); *track becomes the left one.  NULL, with a
 * warning, if that is not known. */
static AVStream *
mono_partner(const AVFormatContext *fmt, AVStream **track)
{
	AVStream *left = first_alike(fmt, *track, AV_CH_FRONT_LEFT);
	AVStream *right = first_alike(fmt, *track, AV_CH_FRONT_RIGHT);
	AVStream *next = first_alike(fmt, *track, 0);

	if (format_is(fmt, "mov") && left != NULL && right != NULL) {
		*track = left;
		next = right;
	} else if (!format_is(fmt, "mxf")) {
		warn_of_options(fmt, *track, next);
		return NULL;
	}
	if (next != NULL)
		warn_of_others(fmt, *track, next);
	return next;
}

static int
by_language(const AVFormatContext *fmt, const struct v2m_settings *s,
    AVStream **track, struct v2m_err *err)
{
	if (s->langs[0][0] == '\0') {
		warn_of_better(fmt, NULL, *track);
		return 0;
	}
	for (int i = 0; i < V2M_SETTINGS_LANGS && s->langs[i][0] != '\0';
	    i++) {
		AVStream *st = best_track(fmt, s->langs[i], true);

		if (st == NULL)
			continue;
		warn_of_better(fmt, s->langs[i], st);
		*track = st;
		return 0;
	}
	return no_language(s, *track, err);
}

int
tracks_wanted(const AVFormatContext *fmt, const struct v2m_settings *s,
    AVStream **track, AVStream **other, struct v2m_err *err)
{
	*other = NULL;
	if (s->track > 0) {
		if (nth(fmt, s->track, track, err) < 0)
			return -1;
		return s->with == 0 ? 0 : nth(fmt, s->with, other, err);
	}
	if (by_language(fmt, s, track, err) < 0)
		return -1;
	if (*track != NULL)
		*other = mono_partner(fmt, track);
	return 0;
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
		if (!kind_decodable(st))
			flags |= V2M_TRACK_UNDECODABLE;
		if (kind_encrypted(fmt, st))
			flags |= V2M_TRACK_ENCRYPTED;
		if (st == usual)
			flags |= V2M_TRACK_USUAL;
		title = av_dict_get(st->metadata, "title", NULL, 0);
		report_track(++n, st, track_language(st),
		    title == NULL ? "" : title->value, flags);
	}
	return n;
}
