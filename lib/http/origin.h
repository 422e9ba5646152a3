/* origin.h - which server `url` names, and what may be sent to it. */
#ifndef V2M_HTTP_ORIGIN_H
#define V2M_HTTP_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_origin {
	char base[768];		/* "https://host:port", no '/' behind */
	char path[512];		/* the prefix of all paths; "" none */
	char host[256];		/* without brackets */
	bool tls, loopback;
};

/* Parse the setting `url`.  V2M_CONFIG: it is not http or https; has a password
 * or a query; or is plain http to another machine without url_tls = off. */
int v2m_origin_of_conf(struct v2m_origin *o, const struct v2m_conf *conf,
    struct v2m_err *err);

/* Copy path and query of a Location to path, of size bytes.  false: it leads to
 * another server, or is not valid. */
bool v2m_origin_location(const struct v2m_origin *o, const char *location,
    char *path, size_t size);

#endif
