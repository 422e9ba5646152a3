#include "media/settings_cli.h"

typedef int set_text(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

static void
take_option(const struct v2m_cli *cli, set_text *set, struct v2m_settings *s,
    const char *text)
{
	struct v2m_err err;

	if (text != NULL && set(s, text, &err) < 0)
		v2m_cli_usage(cli, "%s", err.msg);
}

static void
take_time(const struct v2m_cli *cli, const char *text, int64_t *ms)
{
	struct v2m_err err;

	if (text != NULL && v2m_settings_time(ms, text, &err) < 0)
		v2m_cli_usage(cli, "%s", err.msg);
}

/* Options that a copy cannot fulfil.  An option that is given counts also if
 * its value is the default. */
static void
settle_copy(const struct v2m_cli *cli, const struct v2m_settings_cli *from,
    struct v2m_settings *s)
{
	if (from->preset == NULL && from->quality == NULL &&
	    from->bitrate == NULL && from->loudness == NULL && !from->mono)
		return;
	if (s->copy == V2M_COPY_YES || s->copy == V2M_COPY_ONLY)
		v2m_cli_usage(cli, "--copy cannot be used with -q, -b, "
		    "--mono, --loudness or --preset");
	if (v2m_settings_may_copy(s, true))
		s->copy = V2M_COPY_NO;
}

void
v2m_settings_take(const struct v2m_cli *cli,
    const struct v2m_settings_cli *from, struct v2m_settings *s)
{
	struct v2m_err err;

	v2m_settings_init(s);
	if (from->quality != NULL && from->bitrate != NULL)
		v2m_cli_usage(cli, "-q and -b cannot be used together");
	take_option(cli, v2m_settings_preset, s, from->preset);
	take_option(cli, v2m_settings_quality, s, from->quality);
	take_option(cli, v2m_settings_bitrate, s, from->bitrate);
	if (from->bitrate != NULL)
		s->quality = V2M_QUALITY;
	s->mono = s->mono || from->mono;
	take_option(cli, v2m_settings_loudness, s, from->loudness);
	take_option(cli, v2m_settings_copy, s, from->copy);
	settle_copy(cli, from, s);
	take_option(cli, v2m_settings_track, s, from->track);
	take_option(cli, v2m_settings_lang, s, from->lang);
	s->lang_strict = from->lang_strict;
	take_time(cli, from->from, &s->from_ms);
	take_time(cli, from->to, &s->to_ms);
	if (from->to != NULL && s->to_ms == 0)
		v2m_cli_usage(cli, "--to has to be more than 0");
	take_option(cli, v2m_settings_id3, s, from->id3);
	for (int i = 0; i < from->tags.n; i++)
		take_option(cli, v2m_settings_tag, s, from->tags.items[i]);
	if (v2m_settings_check(s, &err) < 0)
		v2m_cli_usage(cli, "%s", err.msg);
}
