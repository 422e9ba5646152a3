/* settings_cli.h - the options for the MP3's settings, for all commands that
 * have them. */
#ifndef V2M_MEDIA_SETTINGS_CLI_H
#define V2M_MEDIA_SETTINGS_CLI_H

#include "base/cli.h"
#include "media/settings.h"

struct v2m_settings_cli {
	const char *preset, *quality, *bitrate, *copy, *loudness, *track, *lang;
	const char *from, *to, *id3;
	bool mono, lang_strict;
	struct v2m_opt_list tags;
};

/* Rows for a command's table of options; `s` is a static struct
 * v2m_settings_cli. */
#define V2M_SETTINGS_OPTS(s) \
	{ V2M_OPT_TEXT, 0, "preset", .arg = "NAME", .value = &(s).preset, \
	    .help = "settings for music, speech or podcast", \
	    .complete = "words music speech podcast", \
	    .common = true }, \
	{ V2M_OPT_TEXT, 'q', "quality", .arg = "QUALITY", \
	    .value = &(s).quality, \
	    .help = "variable bitrate, V0 (best) to V9; default V2", \
	    .complete = "words V0 V1 V2 V3 V4 V5 V6 V7 V8 V9", \
	    .common = true }, \
	{ V2M_OPT_TEXT, 'b', "bitrate", .arg = "RATE", \
	    .value = &(s).bitrate, \
	    .help = "constant bitrate instead, such as 192k", \
	    .complete = "words 64k 96k 128k 160k 192k 256k 320k", \
	    .common = true }, \
	{ V2M_OPT_FLAG, 0, "mono", .value = &(s).mono, \
	    .help = "mix down to one channel" }, \
	{ V2M_OPT_TEXT, 0, "loudness", .arg = "LUFS", \
	    .value = &(s).loudness, \
	    .help = "loudness of the MP3, such as -16", \
	    .complete = "words -14 -16 -18 -23 none" }, \
	{ V2M_OPT_TEXT, 0, "copy", .arg = "WHICH", .optional = true, \
	    .value = &(s).copy, \
	    .help = "copy sound that is MP3: yes, no, only", \
	    .complete = "words yes no only" }, \
	{ V2M_OPT_TEXT, 0, "track", .arg = "N", .value = &(s).track, \
	    .help = "take the Nth track; 1+2: a pair, 1,2: mixed" }, \
	{ V2M_OPT_TEXT, 0, "lang", .arg = "LIST", .value = &(s).lang, \
	    .help = "first of these languages that it has: de,en", \
	    .common = true }, \
	{ V2M_OPT_FLAG, 0, "lang-strict", .value = &(s).lang_strict, \
	    .help = "fail if no track has one of them" }, \
	{ V2M_OPT_TEXT, 0, "from", .arg = "TIME", .value = &(s).from, \
	    .help = "begin at this time: 90, 1:30 or 1:02:03.5", \
	    .common = true }, \
	{ V2M_OPT_TEXT, 0, "to", .arg = "TIME", .value = &(s).to, \
	    .help = "end at this time", \
	    .common = true }, \
	{ V2M_OPT_LIST, 0, "tag", .arg = "KEY=VALUE", .value = &(s).tags, \
	    .help = "set a tag, or remove it with an empty VALUE", \
	    .complete = "keys title artist album album_artist composer " \
	    "performer genre date track disc comment description lyrics " \
	    "copyright publisher isrc bpm compilation language", \
	    .common = true }, \
	{ V2M_OPT_TEXT, 0, "id3", .arg = "VERSION", .value = &(s).id3, \
	    .help = "version of the tags: 2.3 (default) or 2.4", \
	    .complete = "words 2.3 2.4" }

/* Set *settings by the options.  Single options count more than a preset.  A
 * contradiction or an invalid value exits with status 64. */
void v2m_settings_take(const struct v2m_cli *cli,
    const struct v2m_settings_cli *from, struct v2m_settings *settings);

#endif
