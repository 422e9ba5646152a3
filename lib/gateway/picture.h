/* picture.h - a cache of the figures of store and queue, for some seconds. */
#ifndef V2M_GATEWAY_PICTURE_H
#define V2M_GATEWAY_PICTURE_H

struct v2m_picture;

struct v2m_picture *v2m_picture_new(void);	/* NULL: no memory */
void v2m_picture_free(struct v2m_picture *p);	/* NULL is fine */

#endif
