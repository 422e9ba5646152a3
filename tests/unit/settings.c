#include "media/settings.h"

#include "base/text.h"
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
	ok(v2m_settings_quality(&s, "V0", &err) == 0 && s.quality == 0,
	    "quality V0");
	ok(v2m_settings_quality(&s, "v9", &err) == 0 && s.quality == 9,
	    "quality v9, in small letters");
	ok(v2m_settings_quality(&s, "4", &err) == 0 && s.quality == 4,
	    "quality 4, without the V");
	text_of(&s, "{\"quality\":4}", "a quality");
	for (size_t i = 0; i < sizeof no_quality / sizeof *no_quality; i++)
		ok(v2m_settings_quality(&s, no_quality[i], &err) < 0 &&
		    err.code == V2M_USAGE && s.quality == 4, "no quality");
	ok(v2m_settings_bitrate(&s, "192k", &err) == 0 &&
	    s.bitrate_kbps == 192, "bitrate 192k");
	ok(v2m_settings_bitrate(&s, "8", &err) == 0 &&
	    s.bitrate_kbps == 8, "bitrate 8, without the k");
	for (size_t i = 0; i < sizeof no_bitrate / sizeof *no_bitrate; i++)
		ok(v2m_settings_bitrate(&s, no_bitrate[i], &err) < 0 &&
		    err.code == V2M_USAGE && s.bitrate_kbps == 8,
		    "no bitrate");
	s.mono = true;
	text_of(&s, "{\"bitrate\":8,\"mono\":true}",
	    "a bitrate makes the quality moot; keys are sorted");
}

/* The functions that parse the options' arguments. */
typedef int set_text(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

static void
takes(set_text *set, const char *text, const char *canonical)
{
	struct v2m_settings s;
	struct v2m_err err = { .msg = "" };
	char json[V2M_SETTINGS_TEXT];

	v2m_settings_init(&s);
	if (set(&s, text, &err) < 0)
		v2m_text_copy(json, sizeof json, err.msg);
	else
		v2m_settings_format(&s, json);
	is(json, canonical, text);
}

static void
refuses(set_text *set, const char *text)
{
	struct v2m_settings s;
	struct v2m_err err = { .code = V2M_OK };
	char json[V2M_SETTINGS_TEXT];

	v2m_settings_init(&s);
	ok(set(&s, text, &err) < 0 && err.code == V2M_USAGE,
	    strchr(text, '\n') == NULL ? text : "a line break");
	v2m_settings_format(&s, json);
	is(json, "{}", "it is refused, and nothing is changed");
}

static int
set_from(struct v2m_settings *s, const char *text, struct v2m_err *err)
{
	return v2m_settings_time(&s->from_ms, text, err);
}

static void
times(void)
{
	static const char *const none[] = {
		"", ":", "1:", ":30", "1:60", "60:00:00:00", "1:2:3:4", "-5",
		"1:-5", "1.5:30", "90.1234", "90,5", "1e3", "never",
		"1:60:00", "99999999999999999999", "1:99999999999999999",
		"9999d", " 90", "90 s.", "0x10", "12:34:56.7890"
	};

	takes(set_from, "90", "{\"from_ms\":90000}");
	takes(set_from, "90.5", "{\"from_ms\":90500}");
	takes(set_from, "0.001", "{\"from_ms\":1}");
	takes(set_from, "1:30", "{\"from_ms\":90000}");
	takes(set_from, "90:00", "{\"from_ms\":5400000}");
	takes(set_from, "1:02:03.25", "{\"from_ms\":3723250}");
	takes(set_from, "15min", "{\"from_ms\":900000}");
	takes(set_from, "1500ms", "{\"from_ms\":1500}");
	takes(set_from, "0", "{}");
	takes(set_from, "0:00", "{}");
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		refuses(set_from, none[i]);
}

static void
words(void)
{
	static const char *const no_loudness[] = {
		"", "16", "-4.9", "-50.1", "-16.55", "-", "--16", "-16dB",
		"-1e1", "0", "-0", "nan", "-99999999999999999999"
	};

	takes(v2m_settings_preset, "music", "{\"quality\":0}");
	takes(v2m_settings_preset, "speech", "{\"mono\":true,\"quality\":6}");
	takes(v2m_settings_preset, "podcast",
	    "{\"loudness\":-160,\"quality\":4}");
	refuses(v2m_settings_preset, "Music");
	refuses(v2m_settings_preset, "");
	takes(v2m_settings_copy, "", "{\"copy\":\"yes\"}");
	takes(v2m_settings_copy, "only", "{\"copy\":\"only\"}");
	takes(v2m_settings_copy, "no", "{\"copy\":\"no\"}");
	refuses(v2m_settings_copy, "maybe");
	takes(v2m_settings_id3, "2.4", "{\"id3\":\"2.4\"}");
	takes(v2m_settings_id3, "2.3", "{}");
	refuses(v2m_settings_id3, "2.2");
	refuses(v2m_settings_id3, "4");
	takes(v2m_settings_loudness, "-16", "{\"loudness\":-160}");
	takes(v2m_settings_loudness, "-16.5", "{\"loudness\":-165}");
	takes(v2m_settings_loudness, "-5", "{\"loudness\":-50}");
	takes(v2m_settings_loudness, "-50.0", "{\"loudness\":-500}");
	takes(v2m_settings_loudness, "none", "{}");
	for (size_t i = 0; i < sizeof no_loudness / sizeof *no_loudness; i++)
		refuses(v2m_settings_loudness, no_loudness[i]);
	takes(v2m_settings_lang, "de", "{\"lang\":[\"de\"]}");
	takes(v2m_settings_lang, "de-AT,Eng",
	    "{\"lang\":[\"de-at\",\"eng\"]}");
	takes(v2m_settings_lang, "a1",
	    "'a1' is not a list of languages, such as de,en");
	refuses(v2m_settings_lang, "");
	refuses(v2m_settings_lang, "de,");
	refuses(v2m_settings_lang, ",de");
	refuses(v2m_settings_lang, "german");
	refuses(v2m_settings_lang, "de-");
	refuses(v2m_settings_lang, "de en");
	refuses(v2m_settings_lang, "aa,bb,cc,dd,ee,ff,gg,hh,ii");
	takes(v2m_settings_lang, "aa,bb,cc,dd,ee,ff,gg,hh", "{\"lang\":["
	    "\"aa\",\"bb\",\"cc\",\"dd\",\"ee\",\"ff\",\"gg\",\"hh\"]}");
}

static void
languages(void)
{
	static const char *const same[][2] = {
		{ "de", "ger" }, { "ger", "deu" }, { "DEU", "de-AT" },
		{ "en", "eng" }, { "fr-CA", "fre" }, { "zh-Hant-TW", "chi" },
		{ "und", "UND" }, { "qaa", "qaa" }, { "cs", "cze" },
	};
	static const char *const other[][2] = {
		{ "de", "en" }, { "de", "" }, { "", "" }, { "nb", "nn" },
		{ "und", "de" }, { "d", "d" }, { "de_AT", "de" },
		{ "deutsch", "deu" },
	};

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		ok(v2m_lang_equal(same[i][0], same[i][1]) &&
		    v2m_lang_equal(same[i][1], same[i][0]), same[i][1]);
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
		ok(!v2m_lang_equal(other[i][0], other[i][1]), other[i][0]);
}

static void
tags(void)
{
	struct v2m_settings s, again;
	struct v2m_err err;
	char text[400], json[V2M_SETTINGS_TEXT], json2[V2M_SETTINGS_TEXT];
	int n = 0;

	takes(v2m_settings_tag, "title=A=B", "{\"tags\":{\"title\":\"A=B\"}}");
	takes(v2m_settings_tag, "Artist=", "{\"tags\":{\"artist\":\"\"}}");
	takes(v2m_settings_tag, "album=\"\\", "{\"tags\":{\"album\":"
	    "\"\\\"\\\\\"}}");
	refuses(v2m_settings_tag, "title");
	refuses(v2m_settings_tag, "=x");
	refuses(v2m_settings_tag, "encoder=x");
	refuses(v2m_settings_tag, "title\n=x");
	takes(v2m_settings_tag, "title=a\nb\r\nc\rd\te\xe2\x80\xa8" "f",
	    "{\"tags\":{\"title\":\"a b c d e f\"}}");
	takes(v2m_settings_tag, "lyrics=a\nb\r\nc\rd\te\xe2\x80\xa9" "f",
	    "{\"tags\":{\"lyrics\":\"a\\nb\\nc\\nd e\\nf\"}}");
	takes(v2m_settings_tag, "comment=a\x1b[1mb\x07\xc2\x9b"
	    "c\xe2\x80\xae\xd8\x9c" "d\xe2\x80\x8d",
	    "{\"tags\":{\"comment\":\"a[1mbcd\xe2\x80\x8d\"}}");
	refuses(v2m_settings_tag, "title=\xff");
	refuses(v2m_settings_tag, "averylongkeythatisnone=x");
	snprintf(text, sizeof text, "title=%0256d", 0);
	refuses(v2m_settings_tag, text);
	snprintf(text, sizeof text, "title=%0255d", 0);
	v2m_settings_init(&s);
	ok(v2m_settings_tag(&s, text, &err) == 0, "255 bytes are a title");
	ok(v2m_settings_tag(&s, "title=x", &err) == 0 && s.ntags == 1 &&
	    strcmp(s.tags[0].value, "x") == 0, "the last one counts");
	/* The largest settings that are accepted fit their text form. */
	v2m_settings_init(&s);
	v2m_settings_loudness(&s, "-16.5", &err);
	v2m_settings_lang(&s, "aaa-12345678-12345678-12345678-1234,bb-123456"
	    "78-12345678-12345678-12345,cc-12345678-12345678-12345678-12345,"
	    "dd-12345678-12345678-12345678-12345,ee-12345678-12345678-1234567"
	    "8-12345,ff-12345678-12345678-12345678-12345,gg-12345678-12345678"
	    "-12345678-12345,hh-12345678-12345678-12345678-12345", &err);
	v2m_settings_time(&s.from_ms, "8000:00:00", &err);
	v2m_settings_time(&s.to_ms, "8001:00:00", &err);
	s.lang_strict = s.mono = true;
	s.copy = V2M_COPY_NO;
	s.id3 = 4;
	for (size_t i = 0; v2m_tag_name(i) != NULL; i++) {
		for (int length = 120; length >= 0; length--) {
			snprintf(text, sizeof text, "%s=%.*s",
			    v2m_tag_name(i), length, "\"\"\"\"\"\"\"\"\"\"\"\""
			    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
			    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
			if (v2m_settings_tag(&s, text, &err) == 0) {
				n++;
				break;
			}
		}
	}
	v2m_settings_format(&s, json);
	ok(n >= 10 && strlen(json) > 1500 &&
	    v2m_settings_parse(&again, json, &err) == 0,
	    "the longest settings fit");
	v2m_settings_format(&again, json2);
	is(json2, json, "and come back the same");
}

static void
together(void)
{
	struct v2m_settings s;
	struct v2m_err err;

	v2m_settings_init(&s);
	ok(v2m_settings_may_copy(&s, true), "as configured: yes");
	ok(!v2m_settings_may_copy(&s, false), "as configured: no");
	s.mono = true;
	ok(!v2m_settings_may_copy(&s, true), "what needs encoding is encoded");
	s.copy = V2M_COPY_YES;
	ok(v2m_settings_check(&s, &err) < 0 && err.code == V2M_USAGE,
	    "nothing is mixed down and copied");
	s.mono = false;
	ok(v2m_settings_check(&s, &err) == 0 &&
	    v2m_settings_may_copy(&s, false), "copied as the job says");
	s.copy = V2M_COPY_NO;
	ok(!v2m_settings_may_copy(&s, true), "encoded as the job says");
}

int
main(void)
{
	options();
	times();
	words();
	languages();
	tags();
	together();
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
	good("{\"track\":2,\"id3\":\"2.3\",\"copy\":\"only\"}",
	    "{\"copy\":\"only\",\"track\":2}");
	good("{\"lang\":[\"DE\",\"en-GB\"],\"lang_strict\":true}",
	    "{\"lang\":[\"de\",\"en-gb\"],\"lang_strict\":true}");
	good("{\"from_ms\":1500,\"to_ms\":2000,\"loudness\":-165}",
	    "{\"from_ms\":1500,\"loudness\":-165,\"to_ms\":2000}");
	good("{\"tags\":{\"title\":\"\\u00e4\",\"album\":\"\"}}",
	    "{\"tags\":{\"album\":\"\",\"title\":\"\xc3\xa4\"}}");
	bad("{\"track\":0}");
	bad("{\"track\":1000}");
	good("{\"track\":\"1+2\"}", "{\"track\":\"1+2\"}");
	good("{\"track\":\"3,1\"}", "{\"track\":\"3,1\"}");
	bad("{\"track\":\"1+1\"}");
	bad("{\"track\":\"1+\"}");
	bad("{\"track\":\"1+2+3\"}");
	bad("{\"track\":\"1-2\"}");
	bad("{\"track\":\"1+1000\"}");
	bad("{\"track\":null}");
	bad("{\"track\":\"1\"}");
	bad("{\"track\":1,\"lang\":[\"de\"]}");
	bad("{\"lang\":\"de\"}");
	bad("{\"lang\":[]}");
	bad("{\"lang\":[1]}");
	bad("{\"lang\":[\"de,en\"]}");
	bad("{\"lang_strict\":true}");
	bad("{\"from_ms\":-1}");
	bad("{\"from_ms\":1.5}");
	bad("{\"from_ms\":5000,\"to_ms\":5000}");
	bad("{\"from_ms\":9223372036854775807}");
	bad("{\"loudness\":-16}");
	bad("{\"loudness\":160}");
	bad("{\"loudness\":-16.5}");
	bad("{\"loudness\":-9223372036854775808}");
	bad("{\"copy\":true}");
	bad("{\"copy\":\"\"}");
	bad("{\"copy\":\"yes\",\"mono\":true}");
	bad("{\"copy\":\"yes\",\"bitrate\":128}");
	bad("{\"id3\":2.4}");
	bad("{\"tags\":[]}");
	bad("{\"tags\":{\"colour\":\"red\"}}");
	bad("{\"tags\":{\"title\":1}}");
	good("{\"tags\":{\"title\":\"a\\nb\",\"lyrics\":\"a\\r\\nb\\u001b\"}}",
	    "{\"tags\":{\"lyrics\":\"a\\nb\",\"title\":\"a b\"}}");
	bad("{\"tags\":{\"title\":\"a\\u0000b\"}}");
	bad("{\"preset\":\"music\"}");
	bad("{\"speed\":2}");
	bad("{\"mono\":true,\"mono\":false}");
	bad("{} {}");
	return tap_done();
}
