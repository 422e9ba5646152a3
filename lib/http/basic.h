/* basic.h - "Authorization: Basic ..." (RFC 7617).  Thread-safe. */
#ifndef V2M_HTTP_BASIC_H
#define V2M_HTTP_BASIC_H

#include <stdbool.h>

struct v2m_basic {
	char user[256];
	char password[1025];
};

/* Decode a field's value.  false: another scheme, bad base64, no ':', a
 * control character, or too long; out is wiped. */
bool v2m_basic_parse(const char *value, struct v2m_basic *out);

/* Overwrite it. */
void v2m_basic_wipe(struct v2m_basic *b);

#endif
