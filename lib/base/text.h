/* text.h - text from strangers made safe, and numbers made readable.
 *
 * Whatever a file, a message or a user says reaches a terminal, a log, a mail
 * header or a file name only through one of these.  All functions are pure
 * and thread-safe.
 */
#ifndef V2M_BASE_TEXT_H
#define V2M_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define V2M_EMAIL_MAX 255	/* bytes with the NUL: 254, as in RFC 5321 */
#define V2M_NAME_MAX 256	/* a file name: 255 bytes and the NUL */

/* Replace, in place, every control character (C0, DEL, C1 in UTF-8, those that
 * turn the direction of writing or cannot be seen) and every byte that is not
 * valid UTF-8 by '?'.  Returns s. */
char *v2m_text_clean(char *s);

/* Copy src to dst, which holds size bytes, cut at a character's border and
 * cleaned as above.  src may be NULL: the empty text.  Returns dst. */
char *v2m_text_copy(char *dst, size_t size, const char *src);

/* The same, but line feeds stay. */
char *v2m_text_copy_lines(char *dst, size_t size, const char *src);

/* The value of a tag: line breaks (CR LF, CR, LF, Unicode's) become line
 * feeds where it has lines, else blanks; tabs are blanks, other control
 * characters are left out.  Cut as above.  false: src is not UTF-8, dst is
 * undefined. */
bool v2m_text_tag(char *dst, size_t size, const char *src, bool lines);

/* The name under which a file made from an upload's name may be written: base
 * name only; control characters, '/', a leading '.' and '-' become '_'; at
 * most 255 bytes with the extension ext (".mp3") in place of its own.  An
 * empty or impossible name gives fallback + ext. */
void v2m_text_file_name(char dst[V2M_NAME_MAX], const char *name,
    const char *ext, const char *fallback);

/* Trim, ASCII-lower-case and check an e-mail address: one '@' with something
 * on both sides, no control character, blank, or any of <>()[]\,;:" in it, at
 * most 254 bytes, no leading '-'.  false: it is not valid, dst undefined. */
bool v2m_text_email(char dst[V2M_EMAIL_MAX], const char *src);

/* "90", "90s", "15min", "24h", "7d", "500ms" to milliseconds (a bare number
 * is seconds); "never" or "0" is 0.  false: no duration, or too long. */
bool v2m_text_parse_duration(const char *s, int64_t *ms);

/* "123", "64k", "500M", "2G", "1T", powers of 1000, an optional "B" behind, as
 * v2m_text_size() writes them; or "KiB", "MiB", "GiB", "TiB", those of 1024.
 * false: no size, negative, or too large. */
bool v2m_text_parse_size(const char *s, int64_t *bytes);

/* A whole decimal number between min and max. */
bool v2m_text_parse_int(const char *s, int64_t min, int64_t max, int64_t *n);

/* "1:02:03", "4:05": for people.  Rounds to the nearest second. */
char *v2m_text_duration(char dst[32], int64_t ms);

/* "812 B", "9.1 MB": for people. */
char *v2m_text_size(char dst[32], int64_t bytes);

/* "just now", "5 min", "3 h", "12 d": how long ago, for people. */
char *v2m_text_age(char dst[32], int64_t ms);

/* Lower-case hexadecimal digits of n bytes and a NUL: dst holds 2n + 1. */
void v2m_text_hex(char *dst, const uint8_t *bytes, size_t n);

#endif
