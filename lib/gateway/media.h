/* media.h - the engine of a gateway, which checks uploads for sound. */
#ifndef V2M_GATEWAY_MEDIA_H
#define V2M_GATEWAY_MEDIA_H

#include "media/media.h"

/* Start it.  *media becomes NULL if the configured sandbox is not possible
 * here; the log says why, and uploads are not checked. */
int v2m_gateway_media(struct v2m_media **media, const struct v2m_conf *conf,
    struct v2m_err *err);

#endif
