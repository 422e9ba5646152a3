#include "media/settings_cli.h"

void
v2m_settings_take(const struct v2m_cli *cli,
    const struct v2m_settings_cli *from, struct v2m_settings *s)
{
	struct v2m_err err;

	v2m_settings_init(s);
	s->mono = from->mono;
	if (from->quality != NULL && from->bitrate != NULL)
		v2m_cli_usage(cli, "-q and -b exclude each other");
	if ((from->quality != NULL &&
	    v2m_settings_quality(s, from->quality, &err) < 0) ||
	    (from->bitrate != NULL &&
	    v2m_settings_bitrate(s, from->bitrate, &err) < 0))
		v2m_cli_usage(cli, "%s", err.msg);
}
