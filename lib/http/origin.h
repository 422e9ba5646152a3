/* origin.h - which server `url` names, and what may be sent to it. */
#ifndef V2M_HTTP_ORIGIN_H
#define V2M_HTTP_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_origin {
	char base[768];		/* "https://host:port", no '/' behind */
	char path[512];		/* what stands before each path; "" none */
	char host[256];		/* without brackets */
	bool tls, loopback;
};

/* The one of the configuration.  V2M_CONFIG: no http or https, a password or
 * a query in it, plain http to another machine and no url_tls = off. */
int v2m_origin_of_conf(struct v2m_origin *o, const struct v2m_conf *conf,
    struct v2m_err *err);

/* The path, of size bytes, that a Location within this server names, path and
 * query as they stand.  false: it leads elsewhere, or is none. */
bool v2m_origin_location(const struct v2m_origin *o, const char *location,
    char *path, size_t size);

#endif
