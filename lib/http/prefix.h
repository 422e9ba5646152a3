/* prefix.h - the path below which a proxy shows a site: "/v2m".  Pure. */
#ifndef V2M_HTTP_PREFIX_H
#define V2M_HTTP_PREFIX_H

#include <stdbool.h>

/* Does it begin with a '/', end with none, and consist of segments of letters,
 * digits and "-._~", of which none is empty or only dots? */
bool v2m_prefix_valid(const char *prefix);

#endif
