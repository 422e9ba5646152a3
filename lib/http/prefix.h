/* prefix.h - the path below which a proxy serves a site: "/v2m".  Pure. */
#ifndef V2M_HTTP_PREFIX_H
#define V2M_HTTP_PREFIX_H

#include <stdbool.h>

/* Does it begin with '/', not end with '/', and have only segments of letters,
 * digits and "-._~", none of which is empty or only dots? */
bool v2m_prefix_valid(const char *prefix);

#endif
