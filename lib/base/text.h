/* text.h - makes untrusted text safe, and numbers readable.
 *
 * Text of a file, a message or a user must pass one of these functions before
 * it goes to a terminal, a log, a mail header or a file name.  All functions
 * are pure and thread-safe.
 */
#ifndef V2M_BASE_TEXT_H
#define V2M_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define V2M_EMAIL_MAX 255	/* bytes with the NUL: 254, as in RFC 5321 */
#define V2M_NAME_MAX 256	/* a file name: 255 bytes and the NUL */

/* Replace by '?', in place: control characters (C0, DEL, C1 in UTF-8, those
 * that change the direction of writing or are invisible), and bytes that are
 * not valid UTF-8.  Returns s. */
char *v2m_text_clean(char *s);

/* Copy src to dst, which has size bytes, cleaned as above.  If it is too long,
 * it is cut between two characters.  src may be NULL: the empty text.  Returns
 * dst. */
char *v2m_text_copy(char *dst, size_t size, const char *src);

/* The same, but line feeds are kept. */
char *v2m_text_copy_lines(char *dst, size_t size, const char *src);

/* The value of a tag: line breaks (CR LF, CR, LF, those of Unicode) become line
 * feeds if `lines` is set, else blanks; tabs become blanks; other control
 * characters are dropped.  Cut as above.  false: src is not UTF-8; dst is
 * undefined. */
bool v2m_text_tag(char *dst, size_t size, const char *src, bool lines);

/* A safe file name, made from the name of an upload: without folders; control
 * characters, '/', and a leading '.' or '-' become '_'; with the extension ext
 * (".mp3") in place of its own; at most 255 bytes.  If nothing is left of the
 * name, it is fallback + ext. */
void v2m_text_file_name(char dst[V2M_NAME_MAX], const char *name,
    const char *ext, const char *fallback);

/* Normalise and check an e-mail address: blanks around it are removed, ASCII
 * letters become small.  It must have one '@' with something on both sides, no
 * control character, no blank, none of <>()[]\,;:", no leading '-', and at most
 * 254 bytes.  false: it is not valid; dst is undefined. */
bool v2m_text_email(char dst[V2M_EMAIL_MAX], const char *src);

/* "90", "90s", "15min", "24h", "7d", "500ms" to milliseconds (a number alone is
 * seconds); "never" and "0" are 0.  false: it is not a duration, or too
 * long. */
bool v2m_text_parse_duration(const char *s, int64_t *ms);

/* "123", "64k", "500M", "2G", "1T" (powers of 1000), perhaps with a "B", as
 * v2m_text_size() writes them; or "KiB", "MiB", "GiB", "TiB" (powers of 1024).
 * false: it is not a size, negative, or too large. */
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
