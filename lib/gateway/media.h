/* media.h - the engine of a gateway, which looks whether there is sound in
 * uploads. */
#ifndef V2M_GATEWAY_MEDIA_H
#define V2M_GATEWAY_MEDIA_H

#include "media/media.h"

/* Start it, as configured.  *media is NULL where it could not be kept in the
 * sandbox that is wanted; the log says why, and uploads are not looked at. */
int v2m_gateway_media(struct v2m_media **media, const struct v2m_conf *conf,
    struct v2m_err *err);

#endif
