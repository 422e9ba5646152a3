/* settings.h - what kind of MP3 is wanted.
 *
 * One struct, one text form: JSON with sorted keys, kept in a job's record,
 * carried in messages, compared to find equal jobs.  Keys that mean the
 * default are left out, so the default is "{}".  All functions are pure and
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

#define V2M_QUALITY 2		/* unless another is asked for */
#define V2M_ID3 3		/* the same, of ID3v2 */

/* Whether a source that is MP3 already is taken as it is. */
enum v2m_copy {
	V2M_COPY_UNSAID = 0,	/* as configured; else no */
	V2M_COPY_NO,
	V2M_COPY_YES,		/* where it can be done */
	V2M_COPY_ONLY,		/* or fail */
	V2M_COPY_CONFIGURED,	/* a worker's own: as yes, but nobody is told
				 * where it cannot be done */
};

struct v2m_settings {
	int quality;		/* LAME's V scale, 0 (best) to 9; default 2 */
	int bitrate_kbps;	/* constant, 8 to 320; 0: quality rules */
	bool mono;		/* mix down to one channel */
	enum v2m_copy copy;
	int loudness;		/* wanted, in tenths of LUFS; 0: as it is */
	int track;		/* of those with sound, from 1; 0: whichever */
	int with;		/* another, to be joined to it; 0: none */
	bool mix;		/* not as left and right, but mixed */
	char langs[V2M_SETTINGS_LANGS][V2M_LANG_SIZE];	/* the best first;
				 * ended by "" where there is room */
	bool lang_strict;	/* fail where there is none of them */
	int64_t from_ms, to_ms;	/* of the source's time; to 0: its end */
	int id3;		/* ID3v2.3 or 2.4: 3 or 4 */
	int ntags;		/* in place of the source's own */
	struct {
		char key[16];	/* one that v2m_tag_known() knows */
		char value[V2M_SETTINGS_VALUE];	/* "": take it away */
	} tags[V2M_SETTINGS_TAGS];
};

/* The defaults: V2, stereo, all of the source's usual track. */
void v2m_settings_init(struct v2m_settings *s);

/* Options' arguments.  What is wrong with one is V2M_USAGE, and leaves s as it
 * was. */

/* --preset: "music", "speech" or "podcast": sets several of the others. */
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

/* --lang: "de,en": the first that is there counts. */
int v2m_settings_lang(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --from, --to: "90", "90.5", "1:30", "1:02:03.25", "15min". */
int v2m_settings_time(int64_t *ms, const char *text, struct v2m_err *err);

/* --id3: "2.3" or "2.4". */
int v2m_settings_id3(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* --tag: "artist=Jane Doe"; an empty value takes the tag away.  The last of
 * several for one key counts. */
int v2m_settings_tag(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* Do they go together? */
int v2m_settings_check(const struct v2m_settings *s, struct v2m_err *err);

/* May a source that is MP3 already be taken as it is?  configured: what counts
 * where s does not say.  Not where what is asked for needs encoding. */
bool v2m_settings_may_copy(const struct v2m_settings *s, bool configured);

/* The same of a key and its value; V2M_USAGE as well. */
int v2m_settings_set_tag(struct v2m_settings *s, const char *key,
    const char *value, struct v2m_err *err);

/* Is it the name of a tag that we write ("title", "artist", ...)?  And the
 * i-th of them, NULL behind the last. */
bool v2m_tag_known(const char *key);
const char *v2m_tag_name(size_t i);

/* May there be line breaks in its value? */
bool v2m_tag_has_lines(const char *key);

/* To the canonical JSON text.  What the functions above let through fits. */
void v2m_settings_format(const struct v2m_settings *s,
    char text[V2M_SETTINGS_TEXT]);

/* From JSON text; "" and NULL are the defaults.  Unknown keys are an error,
 * because a job must not silently be made otherwise than asked.
 * V2M_PROTOCOL. */
int v2m_settings_parse(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

#endif
