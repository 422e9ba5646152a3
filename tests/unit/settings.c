#include "media/settings.h"

#include "tap.h"

static void
text_of(const struct v2m_settings *s, const char *wanted, const char *what)
{
	char text[V2M_SETTINGS_TEXT];

	v2m_settings_format(s, text);
	is(text, wanted, what);
}

static void
good(const char *text, const char *canonical)
{
	struct v2m_settings s;
	char again[V2M_SETTINGS_TEXT] = "(refused)";

	if (v2m_settings_parse(&s, text, NULL) == 0)
		v2m_settings_format(&s, again);
	is(again, canonical, text == NULL ? "NULL" : text);
}

static void
bad(const char *text)
{
	struct v2m_settings s = { .quality = 7 };
	struct v2m_err err = { .code = V2M_OK };

	ok(v2m_settings_parse(&s, text, &err) < 0 &&
	    err.code == V2M_PROTOCOL && s.quality == 7, text);
}

static void
options(void)
{
	static const char *const no_quality[] = {
		"", "V", "V10", "10", "-1", "a", "V2 ", "vv2", "2.5"
	};
	static const char *const no_bitrate[] = {
		"", "0", "k", "100", "192kk", "-192", "192 k", "321", "1e3",
		"99999999999999999999"
	};
	struct v2m_settings s;
	struct v2m_err err;

	v2m_settings_init(&s);
	text_of(&s, "{}", "the defaults are an empty object");
	ok(v2m_settings_quality(&s, "V0", &err) == 0 && s.quality == 0, "V0");
	ok(v2m_settings_quality(&s, "v9", &err) == 0 && s.quality == 9, "v9");
	ok(v2m_settings_quality(&s, "4", &err) == 0 && s.quality == 4, "4");
	text_of(&s, "{\"quality\":4}", "a quality");
	for (size_t i = 0; i < sizeof no_quality / sizeof *no_quality; i++)
		ok(v2m_settings_quality(&s, no_quality[i], &err) < 0 &&
		    err.code == V2M_USAGE && s.quality == 4, "no quality");
	ok(v2m_settings_bitrate(&s, "192k", &err) == 0 &&
	    s.bitrate_kbps == 192, "192k");
	ok(v2m_settings_bitrate(&s, "8", &err) == 0 &&
	    s.bitrate_kbps == 8, "8");
	for (size_t i = 0; i < sizeof no_bitrate / sizeof *no_bitrate; i++)
		ok(v2m_settings_bitrate(&s, no_bitrate[i], &err) < 0 &&
		    err.code == V2M_USAGE && s.bitrate_kbps == 8,
		    "no bitrate");
	s.mono = true;
	text_of(&s, "{\"bitrate\":8,\"mono\":true}",
	    "a bitrate makes the quality moot; keys are sorted");
}

int
main(void)
{
	options();
	good(NULL, "{}");
	good("", "{}");
	good("{}", "{}");
	good(" { \"quality\" : 2 } ", "{}");
	good("{\"mono\":false}", "{}");
	good("{\"quality\":0,\"mono\":true}", "{\"mono\":true,\"quality\":0}");
	good("{\"quality\":5,\"bitrate\":128}", "{\"bitrate\":128}");
	bad("[]");
	bad("{");
	bad("null");
	bad("{\"quality\":10}");
	bad("{\"quality\":-1}");
	bad("{\"quality\":2.0}");
	bad("{\"quality\":\"2\"}");
	bad("{\"bitrate\":0}");
	bad("{\"bitrate\":100}");
	bad("{\"bitrate\":4294967488}");
	bad("{\"mono\":1}");
	bad("{\"speed\":2}");
	bad("{\"mono\":true,\"mono\":false}");
	bad("{} {}");
	return tap_done();
}
