/* tls.h - is the connection to a server encrypted, and does it have to be?
 *
 * For the keys `queue`, `store` and `objects`.  Only their URLs and related
 * keys are looked at; no name is looked up and no server is asked.
 * Thread-safe.
 */
#ifndef V2M_BASE_TLS_H
#define V2M_BASE_TLS_H

#include <stddef.h>

#include "base/conf.h"
#include "base/err.h"

enum v2m_tls {
	V2M_TLS_NO_SERVER,	/* files of this machine, or not known */
	V2M_TLS_LOCAL,		/* not encrypted, but on this machine */
	V2M_TLS_CLEAR,		/* not encrypted, to another machine */
	V2M_TLS_ON,
};

/* How the server of this key is connected to.  For V2M_TLS_CLEAR, host, of size
 * bytes, becomes the first host that is another machine. */
enum v2m_tls v2m_tls_of(const struct v2m_conf *conf, const char *key,
    char *host, size_t size);

/* Does KEY_tls allow that?  on: V2M_CONFIG if it is V2M_TLS_CLEAR; auto: a
 * warning, once in a process; off: V2M_CONFIG if it is V2M_TLS_ON. */
int v2m_tls_check(const struct v2m_conf *conf, const char *key,
    struct v2m_err *err);

#endif
