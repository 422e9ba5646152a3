/* settings_cli.h - the options that say what kind of MP3 is wanted, for every
 * command that takes them. */
#ifndef V2M_MEDIA_SETTINGS_CLI_H
#define V2M_MEDIA_SETTINGS_CLI_H

#include "base/cli.h"
#include "media/settings.h"

struct v2m_settings_cli {
	const char *quality, *bitrate;
	bool mono;
};

/* The rows of a command's table; `to` is a static struct v2m_settings_cli. */
#define V2M_SETTINGS_OPTS(to) \
	{ V2M_OPT_TEXT, 'q', "quality", .arg = "QUALITY", \
	    .value = &(to).quality, \
	    .help = "variable bitrate, V0 (best) to V9; default V2", \
	    .complete = "words V0 V1 V2 V3 V4 V5 V6 V7 V8 V9" }, \
	{ V2M_OPT_TEXT, 'b', "bitrate", .arg = "RATE", \
	    .value = &(to).bitrate, \
	    .help = "constant bitrate instead, such as 192k", \
	    .complete = "words 64k 96k 128k 160k 192k 256k 320k" }, \
	{ V2M_OPT_FLAG, 0, "mono", .value = &(to).mono, \
	    .help = "mix down to one channel" }

/* What the options said.  A contradiction or a wrong value exits with 64. */
void v2m_settings_take(const struct v2m_cli *cli,
    const struct v2m_settings_cli *from, struct v2m_settings *settings);

#endif
