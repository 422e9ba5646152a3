/* settings.h - which MP3 a user wants.
 *
 * A struct, and a text form: JSON with sorted keys, stored in a job's record,
 * sent in messages, and compared to find equal jobs.  Keys with the default
 * value are left out, so the default is "{}".  All functions are pure and
 * thread-safe.
 */
#ifndef V2M_MEDIA_SETTINGS_H
#define V2M_MEDIA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "media/lang.h"

#define V2M_SETTINGS_TEXT 2048	/* bytes of the longest JSON form, with NUL */
#define V2M_SETTINGS_LANGS 8
#define V2M_SETTINGS_TAGS 19
#define V2M_SETTINGS_VALUE 256	/* bytes of a tag's value, with NUL */

#define V2M_SETTINGS_TIME_MOST (INT64_C(366) * 24 * 3600 * 1000)	/* ms */
/* In tenths of LUFS. */
#define V2M_SETTINGS_LOUDNESS_LEAST (-500)
#define V2M_SETTINGS_LOUDNESS_MOST (-50)

#define V2M_QUALITY 2		/* default quality */
#define V2M_ID3 3		/* default version of ID3v2 */

/* Is a source that is MP3 copied? */
enum v2m_copy {
	V2M_COPY_UNSAID = 0,	/* as configured, else no */
	V2M_COPY_NO,
	V2M_COPY_YES,		/* if it is possible */
	V2M_COPY_ONLY,		/* fail if it is not possible */
	V2M_COPY_CONFIGURED,	/* from the configuration: as yes, without a
				 * warning if it is not possible */
};

struct v2m_settings {
	int quality;		/* LAME's V scale, 0 (best) to 9; default 2 */
	int bitrate_kbps;	/* constant, 8 to 320; 0: variable, by
				 * quality */
	bool mono;		/* mix down to one channel */
	enum v2m_copy copy;
	int loudness;		/* in tenths of LUFS; 0: unchanged */
	int track;		/* sound track, from 1; 0: the usual one */
	int with;		/* another track to join to it; 0: none */
	bool mix;		/* mix the two; false: left and right */
	char langs[V2M_SETTINGS_LANGS][V2M_LANG_SIZE];	/* best first; ended by
							 * "", unless full */
	bool lang_strict;	/* fail if there is none of them */
	int64_t from_ms, to_ms;	/* of the source's time; to_ms 0: to the end */
	int id3;		/* ID3v2.3 or 2.4: 3 or 4 */
	int ntags;		/* replace the source's own */
	struct {
		char key[16];	/* v2m_tag_known() */
		char value[V2M_SETTINGS_VALUE];	/* "": remove the tag */
	} tags[V2M_SETTINGS_TAGS];
};

/* Set the defaults: V2, all of the source's usual track. */
void v2m_settings_init(struct v2m_settings *s);

/* Set from an option's argument.  If it is invalid: V2M_USAGE, and *s is
 * unchanged. */

/* --preset: "music", "speech" or "podcast"; sets quality, bitrate, mono and
 * loudness. */
int v2m_settings_preset(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* -q: "V2", "v2" or "2". */
int v2m_settings_quality(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* -b: "192k" or "192": a bitrate of MPEG-1 or MPEG-2 Layer III. */
int v2m_settings_bitrate(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --copy: "" or "yes", "no", "only". */
int v2m_settings_copy(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --loudness: "-16", "-16.5", -50 to -5 LUFS; or "none". */
int v2m_settings_loudness(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --track: "2"; "1+2", a pair; "1,2", mixed. */
int v2m_settings_track(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --lang: "de,en": the first one that exists counts. */
int v2m_settings_lang(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --from, --to: "90", "90.5", "1:30", "1:02:03.25", "15min". */
int v2m_settings_time(int64_t *ms, const char *text, struct v2m_err *err);

/* --id3: "2.3" or "2.4". */
int v2m_settings_id3(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --tag: "artist=Jane Doe"; an empty value removes the tag.  Of several values
 * for one key the last counts. */
int v2m_settings_tag(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* Check that the settings can be used together.  V2M_USAGE. */
int v2m_settings_check(const struct v2m_settings *s, struct v2m_err *err);

/* May a source that is MP3 be copied?  configured: what counts if s does not
 * say; then not if the settings need encoding. */
bool v2m_settings_may_copy(const struct v2m_settings *s, bool configured);

/* As v2m_settings_tag(), from a key and its value. */
int v2m_settings_set_tag(struct v2m_settings *s, const char *key,
    const char *value, struct v2m_err *err);

/* Is it the name of a tag that v2m writes ("title", "artist", ...)?  And name i
 * of those; NULL after the last one. */
bool v2m_tag_known(const char *key);
const char *v2m_tag_name(size_t i);

/* May the tag's value have line breaks? */
bool v2m_tag_has_lines(const char *key);

/* Write the JSON text.  Settings that the functions above accept fit. */
void v2m_settings_format(const struct v2m_settings *s,
    char text[V2M_SETTINGS_TEXT]);

/* Parse JSON text; "" and NULL are the defaults.  Unknown keys are an error, as
 * a job must not silently be made otherwise than asked for.  V2M_PROTOCOL, and
 * *s is unchanged. */
int v2m_settings_parse(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

#endif
