/* Encoded words (RFC 2047): header fields with text beyond ASCII. */
#include <nettle/base64.h>
#include <stdint.h>
#include <string.h>

#include "mail/private.h"

#define LINE_MAX_WORDS 76	/* of a line with an encoded word */
#define LINE_MAX_PLAIN 78
#define AROUND 12		/* "=?utf-8?B?" and "?=" */

/* Would a reader get back exactly these bytes, with nothing encoded? */
static bool
is_plain_text(const char *s)
{
	const unsigned char *p;

	for (p = (const unsigned char *)s; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return false;
	/* Text that looks like an encoded word would be decoded.  Blanks at
	 * either end would be lost. */
	return strstr(s, "=?") == NULL && s[0] != ' ' &&
	    (p == (const unsigned char *)s || p[-1] != ' ');
}

/* The longest prefix of s, of at most `most` bytes, that does not cut a
 * character. */
static size_t
whole_chars(const char *s, size_t most)
{
	size_t n = strnlen(s, most);

	if (s[n] == '\0')
		return n;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
put_words(FILE *out, size_t column, const char *s)
{
	char digits[BASE64_ENCODE_RAW_LENGTH(LINE_MAX_WORDS)];

	while (*s != '\0') {
		size_t room = (LINE_MAX_WORDS - AROUND - column) / 4 * 3;
		size_t n = whole_chars(s, room);

		base64_encode_raw(digits, n, (const uint8_t *)s);
		fprintf(out, "=?utf-8?B?%.*s?=",
		    (int)BASE64_ENCODE_RAW_LENGTH(n), digits);
		s += n;
		if (*s != '\0')
			fputs("\r\n ", out);
		column = 1;
	}
}

void
v2m_header_text(FILE *out, const char *name, const char *text)
{
	size_t column = strlen(name) + 2;

	fprintf(out, "%s: ", name);
	if (is_plain_text(text) && column + strlen(text) <= LINE_MAX_PLAIN)
		fputs(text, out);
	else
		put_words(out, column, text);
	fputs("\r\n", out);
}

void
v2m_header_mailbox(FILE *out, const char *name, const char *phrase,
    const char *address)
{
	const char *p;

	fprintf(out, "%s: ", name);
	if (phrase[0] == '\0') {
		fprintf(out, "%s\r\n", address);
		return;
	}
	if (is_plain_text(phrase) && strlen(phrase) < LINE_MAX_PLAIN / 2) {
		fputc('"', out);
		for (p = phrase; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				fputc('\\', out);
			fputc(*p, out);
		}
		fputc('"', out);
	} else {
		put_words(out, strlen(name) + 2, phrase);
	}
	fprintf(out, "\r\n <%s>\r\n", address);
}
