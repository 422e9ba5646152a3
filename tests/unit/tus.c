/* tus.c - the headers of resumable uploads. */
#include <string.h>

#include "http/tus.h"
#include "tap.h"

static int
meta(const char *value, const char *key, const char *wanted)
{
	char dst[16];
	int found = v2m_tus_read_metadata(value, key, dst, sizeof dst);

	if (found == 1 && (wanted == NULL || strcmp(dst, wanted) != 0))
		return 99;
	return found;
}

static bool
is_number(const char *text, int64_t wanted)
{
	int64_t n;

	return v2m_tus_read_number(text, &n) && n == wanted;
}

static int
check(const char *value, const char *bytes)
{
	struct v2m_tus_sum sum;
	int read = v2m_tus_sum_read(value, &sum);
	size_t n = strlen(bytes);

	if (read != 1)
		return read;
	v2m_tus_sum_update(&sum, bytes, n / 2);
	v2m_tus_sum_update(&sum, bytes + n / 2, n - n / 2);
	return v2m_tus_sum_matches(&sum) ? 1 : 2;
}

int
main(void)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "0x1",
		"1e3", "1.0", "1234567890123456789", "\xd9\xa1" };
	static const char *const broken[] = { ",", "a,", ",a", "a b c",
		"a !!!!", "a YQ==,", "a YQ=", "a YQ===", "a YR==", " ",
		"a YQ==,,b YQ==", "a\x01 YQ==", "\xc3\xa9 YQ==" };
	static const char *const malformed[] = { "sha1", "", "sha1 YQ==",
		" YQ==", "sha1 ????" };
	int64_t n;
	size_t i;

	ok(is_number("0", 0) && is_number("007", 7) &&
	    is_number("999999999999999999", INT64_C(999999999999999999)),
	    "numbers are digits");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!v2m_tus_read_number(bad[i], &n), "and nothing else");

	ok(meta("filename dGFsay5tcDQ=", "filename", "talk.mp4") == 1,
	    "a name is read");
	ok(meta("a YQ==,filename dGFsay5tcDQ=,hold", "filename",
	    "talk.mp4") == 1, "among others");
	ok(meta("a YQ==, filename dGFsay5tcDQ=", "filename", "talk.mp4") == 1,
	    "with a blank");
	ok(meta("a YQ==,hold", "hold", "") == 1 &&
	    meta("hold ,a YQ==", "hold", "") == 1, "a key alone is empty");
	ok(meta("a YQ", "a", "a") == 1, "padding may be left out");
	ok(meta("a YQ==", "filename", NULL) == 0 &&
	    meta("", "filename", NULL) == 0 &&
	    meta("filenames YQ==", "filename", NULL) == 0,
	    "what is not there is not found");
	ok(meta("a YQ==,a Yg==", "a", NULL) == -1, "twice is an error");
	ok(meta("a AAAA", "a", NULL) == -1, "a NUL is one");
	ok(meta("a YWFhYWFhYWFhYWFhYWFhYQ==", "a", NULL) == -1 &&
	    meta("a YWFhYWFhYWFhYWFhYWFh", "a", "aaaaaaaaaaaaaaa") == 1,
	    "and what does not fit");
	for (i = 0; i < sizeof broken / sizeof broken[0]; i++)
		if (!ok(meta(broken[i], "x", NULL) == -1, "malformed"))
			printf("# '%s'\n", broken[i]);

	ok(check("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "hello world") == 1,
	    "a SHA-1 is right");
	ok(check("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "hello wOrld") == 2,
	    "or wrong");
	ok(check("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
	    "hello world") == 1, "a SHA-256");
	ok(check("md5 XrY7u+Ae7tCTyyK7j1rNww==", "hello world") == 1,
	    "an MD5");
	ok(check("crc32 DUoRhQ==", "hello world") == 0,
	    "others we have not");
	for (i = 0; i < sizeof malformed / sizeof *malformed; i++)
		okf(check(malformed[i], "") == -1, "no checksum: '%s'",
		    malformed[i]);
	return tap_done();
}
