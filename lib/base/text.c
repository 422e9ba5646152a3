#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The length of the valid UTF-8 character at s (RFC 3629: no overlong form, no
 * surrogate, nothing beyond U+10FFFF); 0 if it is not valid. */
static size_t
utf8_len(const unsigned char *s)
{
	uint32_t c;
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		n = 2;
		c = s[0] & 0x1f;
	} else if ((s[0] & 0xf0) == 0xe0) {
		n = 3;
		c = s[0] & 0x0f;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		n = 4;
		c = s[0] & 0x07;
	} else {
		return 0;
	}
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff)))
		return 0;
	if (n == 4 && (c < 0x10000 || c > 0x10ffff))
		return 0;
	return n;
}

static bool
is_control(const unsigned char *s, size_t n)
{
	if (n == 1)
		return s[0] < 0x20 || s[0] == 0x7f;
	/* C1, the line and paragraph separators, characters that change the
	 * direction of writing, and invisible ones: each can make a terminal or
	 * a log show something false.  U+200C and U+200D stay: Persian, Hindi
	 * and emoji need them. */
	if (n == 2)
		return (s[0] == 0xc2 && s[1] < 0xa0) ||
		    (s[0] == 0xd8 && s[1] == 0x9c);
	if (n == 3 && s[0] == 0xe2 && s[1] == 0x80)
		return s[2] == 0x8e || s[2] == 0x8f ||
		    (s[2] >= 0xa8 && s[2] <= 0xae);
	if (n == 3 && s[0] == 0xe2 && s[1] == 0x81)
		return s[2] >= 0xa0 && s[2] <= 0xa9;
	return n == 3 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf;
}

/* Cleans from src to dst, which may be the same text. */
static void
clean(char *dst, size_t size, const char *src, bool lines)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t at = 0;

	while (*s != '\0') {
		size_t n = utf8_len(s);
		bool bad = n == 0 || (is_control(s, n) &&
		    !(lines && *s == '\n'));

		if (at + (bad ? 1 : n) >= size)
			break;
		if (bad) {
			dst[at++] = '?';
			s += n == 0 ? 1 : n;
		} else {
			memmove(dst + at, s, n);
			at += n;
			s += n;
		}
	}
	dst[at] = '\0';
}

char *
v2m_text_clean(char *s)
{
	clean(s, SIZE_MAX, s, false);
	return s;
}

char *
v2m_text_copy(char *dst, size_t size, const char *src)
{
	clean(dst, size, src == NULL ? "" : src, false);
	return dst;
}

char *
v2m_text_copy_lines(char *dst, size_t size, const char *src)
{
	clean(dst, size, src, true);
	return dst;
}

/* Is it U+2028 or U+2029, of n bytes? */
static bool
is_separator(const unsigned char *s, size_t n)
{
	return n == 3 && s[0] == 0xe2 && s[1] == 0x80 &&
	    (s[2] == 0xa8 || s[2] == 0xa9);
}

bool
v2m_text_tag(char *dst, size_t size, const char *src, bool lines)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t at = 0, n;

	for (; *s != '\0'; s += n) {
		n = utf8_len(s);
		if (n == 0)
			return false;
		if (at + n >= size)
			break;
		if (s[0] == '\r' && s[1] == '\n')
			continue;
		if (*s == '\r' || *s == '\n' || is_separator(s, n))
			dst[at++] = lines ? '\n' : ' ';
		else if (*s == '\t')
			dst[at++] = ' ';
		else if (!is_control(s, n)) {
			memcpy(dst + at, s, n);
			at += n;
		}
	}
	dst[at] = '\0';
	return true;
}

void
v2m_text_file_name(char dst[V2M_NAME_MAX], const char *name, const char *ext,
    const char *fallback)
{
	const char *slash = strrchr(name, '/');
	char base[V2M_NAME_MAX];
	char *dot, *p;

	v2m_text_copy(base, sizeof base - strlen(ext),
	    slash == NULL ? name : slash + 1);
	dot = strrchr(base, '.');
	if (dot != NULL && dot != base)
		*dot = '\0';
	for (p = base; *p != '\0'; p++)
		if (*p == '?' || *p == '/' || *p == '\\')
			*p = '_';
	if (base[0] == '.' || base[0] == '-')
		base[0] = '_';
	/* A name of dots and dashes only is not a name. */
	if (base[strspn(base, "_.- ")] == '\0')
		v2m_text_copy(base, sizeof base - strlen(ext), fallback);
	snprintf(dst, V2M_NAME_MAX, "%s%s", base, ext);
}

bool
v2m_text_email(char dst[V2M_EMAIL_MAX], const char *src)
{
	const char *end = src + strlen(src);
	const char *at;
	size_t i, n;

	while (isspace((unsigned char)*src))
		src++;
	while (end > src && isspace((unsigned char)end[-1]))
		end--;
	n = (size_t)(end - src);
	if (n < 3 || n >= V2M_EMAIL_MAX || src[0] == '-')
		return false;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)src[i];

		if (c <= ' ' || c == 0x7f || strchr("<>()[]\\,;:\"", c) != NULL)
			return false;
		dst[i] = (char)(c < 0x80 ? tolower(c) : c);
	}
	dst[n] = '\0';
	for (i = 0; i < n;) {
		size_t len = utf8_len((const unsigned char *)dst + i);

		if (len == 0 || is_control((const unsigned char *)dst + i, len))
			return false;
		i += len;
	}
	at = strchr(dst, '@');
	return at != NULL && at != dst && at[1] != '\0' &&
	    strchr(at + 1, '@') == NULL;
}

struct unit {
	const char *name;
	int64_t factor;
};

/* A number, which must not be negative, and one of the units in any case. */
static bool
parse_with_unit(const char *s, const struct unit *units, int64_t *n)
{
	char *end;
	intmax_t value;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	value = strtoimax(s, &end, 10);
	if (errno != 0)
		return false;
	while (*end == ' ')
		end++;
	for (; units->name != NULL; units++)
		if (strcasecmp(units->name, end) == 0)
			break;
	if (units->name == NULL || value > INT64_MAX / units->factor)
		return false;
	*n = value * units->factor;
	return true;
}

bool
v2m_text_parse_duration(const char *s, int64_t *ms)
{
	static const struct unit units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "sec", 1000 },
		{ "m", 60000 }, { "min", 60000 }, { "h", 3600000 },
		{ "d", 86400000 }, { "w", 7 * INT64_C(86400000) },
		{ NULL, 0 },
	};

	if (strcmp(s, "never") == 0) {
		*ms = 0;
		return true;
	}
	/* A limit of a century keeps sums of a clock and a duration from
	 * overflowing. */
	return parse_with_unit(s, units, ms) &&
	    *ms <= INT64_C(36525) * 86400000;
}

bool
v2m_text_parse_size(const char *s, int64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 }, { "B", 1 },
		{ "k", INT64_C(1000) }, { "kB", INT64_C(1000) },
		{ "M", INT64_C(1000000) }, { "MB", INT64_C(1000000) },
		{ "G", INT64_C(1000000000) }, { "GB", INT64_C(1000000000) },
		{ "T", INT64_C(1000000000000) },
		{ "TB", INT64_C(1000000000000) },
		{ "KiB", INT64_C(1) << 10 }, { "MiB", INT64_C(1) << 20 },
		{ "GiB", INT64_C(1) << 30 }, { "TiB", INT64_C(1) << 40 },
		{ NULL, 0 },
	};

	return parse_with_unit(s, units, bytes);
}

bool
v2m_text_parse_int(const char *s, int64_t min, int64_t max, int64_t *n)
{
	char *end;
	intmax_t value;

	if (*s == '\0' || isspace((unsigned char)*s))
		return false;
	errno = 0;
	value = strtoimax(s, &end, 10);
	if (errno != 0 || *end != '\0' || value < min || value > max)
		return false;
	*n = value;
	return true;
}

char *
v2m_text_duration(char dst[32], int64_t ms)
{
	int64_t s = (ms + 500) / 1000;

	if (s >= 3600)
		snprintf(dst, 32, "%" PRId64 ":%02d:%02d", s / 3600,
		    (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(dst, 32, "%d:%02d", (int)(s / 60), (int)(s % 60));
	return dst;
}

char *
v2m_text_size(char dst[32], int64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double n = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(dst, 32, "%" PRId64 " B", bytes);
		return dst;
	}
	while (n >= 999.95 && i < 3) {
		n /= 1000;
		i++;
	}
	snprintf(dst, 32, "%.1f %s", n, units[i]);
	return dst;
}

char *
v2m_text_age(char dst[32], int64_t ms)
{
	int64_t s = ms / 1000;

	if (s < 1)
		snprintf(dst, 32, "just now");
	else if (s < 60)
		snprintf(dst, 32, "%" PRId64 " s", s);
	else if (s < 3600)
		snprintf(dst, 32, "%" PRId64 " min", s / 60);
	else if (s < 2 * 86400)
		snprintf(dst, 32, "%" PRId64 " h", s / 3600);
	else
		snprintf(dst, 32, "%" PRId64 " d", s / 86400);
	return dst;
}

void
v2m_text_hex(char *dst, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		dst[2 * i] = digits[bytes[i] >> 4];
		dst[2 * i + 1] = digits[bytes[i] & 15];
	}
	dst[2 * n] = '\0';
}
