#include "engine/no_media.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define TEXT_LOOK 512	/* bytes looked at to recognize text */
#define TEXT_LEAST 4

#define PLAYLIST "a playlist, which only names media files: give those"
#define ARCHIVE "an archive: unpack it first"

static const struct {
	const char *begin;	/* case is ignored */
	const char *kind;
} kinds[] = {
	{ "#EXTM3U", PLAYLIST },
	{ "[playlist]", PLAYLIST },
	{ "<MPD", PLAYLIST },
	{ "<!DOCTYPE html", "a web page (HTML)" },
	{ "<html", "a web page (HTML)" },
	{ "%PDF-", "a PDF document" },
	{ "PK\3\4", ARCHIVE },
	{ "Rar!", ARCHIVE },
	{ "7z\xbc\xaf", ARCHIVE },
	{ "\x1f\x8b\b", ARCHIVE },
	{ "BZh", ARCHIVE },
	{ "\xfd" "7zXZ", ARCHIVE },
	{ "\x7f" "ELF", "a program" },
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Has it no control characters? */
static bool
is_text(const uint8_t *head, size_t n)
{
	size_t most = n < TEXT_LOOK ? n : TEXT_LOOK;

	for (size_t i = 0; i < most; i++)
		if ((head[i] < ' ' && !is_blank(head[i])) || head[i] == 0x7f)
			return false;
	return n >= TEXT_LEAST;
}

/* Skip what may precede the first tag of HTML and XML. */
static void
skip_prologue(const uint8_t **head, size_t *n)
{
	const uint8_t *end;

	if (*n >= 3 && memcmp(*head, "\xef\xbb\xbf", 3) == 0) {
		*head += 3;
		*n -= 3;
	}
	if (*n >= 5 && memcmp(*head, "<?xml", 5) == 0 &&
	    (end = memchr(*head, '>', *n)) != NULL) {
		*n -= (size_t)(end + 1 - *head);
		*head = end + 1;
	}
	for (; *n > 0 && is_blank(**head); ++*head)
		--*n;
}

const char *
no_media_kind(const uint8_t *head, size_t n)
{
	bool text = is_text(head, n);

	skip_prologue(&head, &n);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t length = strlen(kinds[i].begin);

		if (n >= length && strncasecmp((const char *)head,
		    kinds[i].begin, length) == 0)
			return kinds[i].kind;
	}
	return text ? "text" : NULL;
}
