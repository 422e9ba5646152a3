/* param.h - the parameters of a header's value: a=b; c="d" (RFC 9110).
 *
 * Pure and thread-safe; memory is the caller's.
 */
#ifndef V2M_HTTP_PARAM_H
#define V2M_HTTP_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#define V2M_PARAM_NAME 32

/* One parameter; a quoted value without its quotes, with \" and \\ decoded. */
struct v2m_param {
	char name[V2M_PARAM_NAME];	/* in small letters */
	const char *value;		/* in the caller's buffer, NUL behind */
	size_t length;			/* of it, without the NUL */
};

/* The length of the value before the parameters, without blanks behind it. */
size_t v2m_param_head(const char *header);

/* Read the next parameter.  *at is header + v2m_param_head(header) at first,
 * and moves on.  The value is written to buf.  1; 0 at the end; -1: the text is
 * malformed, or does not fit. */
int v2m_param_next(const char **at, struct v2m_param *p, char *buf,
    size_t size);

/* Is c a character of a token (RFC 9110)? */
bool v2m_param_is_token(char c);

#endif
