/* Texts in the encodings of old formats. */
#include "engine/latin.c"

#include "tap.h"

#define OLD true
#define NEW false

static void
becomes(const char *src, bool old, bool lines, const char *want,
    const char *what)
{
	char got[64];

	latin_to_utf8(got, sizeof got, src, old, lines);
	is(got, want, what);
}

static void
cuts(void)
{
	char got[5];

	latin_to_utf8(got, sizeof got, "abc\xc3\xa4", NEW, false);
	ok(strcmp(got, "abc") == 0, "half a character does not stay");
	latin_to_utf8(got, sizeof got, "ab\xc3\xa4" "c", NEW, false);
	ok(strcmp(got, "ab\xc3\xa4") == 0, "a whole one does");
	latin_to_utf8(got, sizeof got, "abc\xe4", OLD, false);
	ok(strcmp(got, "abc") == 0, "nor half of one that grows");
}

int
main(void)
{
	becomes("", OLD, false, "", "nothing");
	becomes("M\xfcllers Lied", OLD, false, "M\xc3\xbcllers Lied",
	    "Latin-1");
	becomes("M\xc3\xbcllers", OLD, false, "M\xc3\xbcllers", "UTF-8");
	becomes("\x80 \x84x\x93", OLD, false,
	    "\xe2\x82\xac \xe2\x80\x9ex\xe2\x80\x9c", "what Windows has more");
	becomes("a\x81" "b\x9d" "c", OLD, false, "abc",
	    "what Windows has not");
	becomes("\xc2\x80", NEW, false, "\xe2\x82\xac",
	    "a control that was made of such a byte");
	becomes("M\xfcller \xc3\xa4", NEW, false, "M?ller \xc3\xa4",
	    "a wrong byte in UTF-8");
	becomes("\xf0\x9f\x8e\xb5", NEW, false, "\xf0\x9f\x8e\xb5",
	    "four bytes");
	becomes("\xed\xa0\x80", NEW, false, "???", "half a pair");
	becomes("a\nb\r\nc\rd\te", NEW, false, "a b c d e",
	    "line breaks are blanks");
	becomes("a\nb\r\nc\rd\te", OLD, true, "a\nb\nc\nd e",
	    "or line feeds");
	becomes("a\xe2\x80\xa8" "b", NEW, true, "a\nb", "Unicode's too");
	becomes("\xef\xbb\xbf" "a\x01" "b\x1b[1m\x7f", NEW, false, "ab[1m",
	    "controls go");
	becomes("a\xe2\x80\xae" "b\xe2\x81\xa6" "c", NEW, false, "abc",
	    "those that turn the text go");
	becomes("a\xd8\x9c" "b\xe2\x80\x8e\xe2\x80\x8f" "c\xe2\x81\xa0"
	    "d\xe2\x80\x8c\xe2\x80\x8d", NEW, false,
	    "abcd\xe2\x80\x8c\xe2\x80\x8d",
	    "and those that cannot be seen, but for two");
	cuts();
	return tap_done();
}
