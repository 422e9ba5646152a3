/* tls.h - is what goes to a server encrypted, and must it be?
 *
 * For the keys `queue`, `store` and `objects`, by their URL and companions
 * alone: nothing is looked up or connected to.  Thread-safe.
 */
#ifndef V2M_BASE_TLS_H
#define V2M_BASE_TLS_H

#include <stddef.h>

#include "base/conf.h"
#include "base/err.h"

enum v2m_tls {
	V2M_TLS_NO_SERVER,	/* files of this machine; a scheme of others */
	V2M_TLS_LOCAL,		/* in clear, but within this machine */
	V2M_TLS_CLEAR,		/* in clear to another machine */
	V2M_TLS_ON,
};

/* How the server of this key is connected to.  host, of size bytes, becomes the
 * first that is another machine, for V2M_TLS_CLEAR. */
enum v2m_tls v2m_tls_of(const struct v2m_conf *conf, const char *key,
    char *host, size_t size);

/* Does KEY_tls allow that?  on: V2M_CONFIG where it goes to another machine in
 * clear; auto: a warning, once in a process; off: V2M_CONFIG where it is
 * encrypted. */
int v2m_tls_check(const struct v2m_conf *conf, const char *key,
    struct v2m_err *err);

#endif
