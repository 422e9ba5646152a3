/* param.h - the parameters behind a header's value: a=b; c="d" (RFC 9110).
 *
 * Pure and thread-safe; memory is the caller's.
 */
#ifndef V2M_HTTP_PARAM_H
#define V2M_HTTP_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#define V2M_PARAM_NAME 32

/* One parameter, as it stands: a quoted value without its quotes, and its
 * escapes of \" and \\ taken away. */
struct v2m_param {
	char name[V2M_PARAM_NAME];	/* in small letters */
	const char *value;		/* in the caller's buffer, NUL behind */
	size_t length;			/* of it, without the NUL */
};

/* The length of the value before the parameters, blanks behind it left out. */
size_t v2m_param_head(const char *header);

/* The next parameter: *at begins as header + v2m_param_head(header) and moves
 * on.  The value is written to buf.  1; 0 at the end; -1 where the text is
 * malformed or does not fit. */
int v2m_param_next(const char **at, struct v2m_param *p, char *buf,
    size_t size);

/* Is c a character of a token (RFC 9110)? */
bool v2m_param_is_token(char c);

#endif
