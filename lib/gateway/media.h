/* media.h - the engine, which looks whether there is sound in uploads:
 * one for the whole gateway. */
#ifndef V2M_GATEWAY_MEDIA_H
#define V2M_GATEWAY_MEDIA_H

#include "gateway/server.h"
#include "media/media.h"

extern const struct v2m_gateway_component v2m_media_component;

struct v2m_media *v2m_gateway_media(void);

#endif
