#include "gateway/media.h"

static struct v2m_media *media;

static int
start(const struct v2m_conf *conf, struct v2m_pool *pool, struct v2m_err *err)
{
	(void)pool;
	media = v2m_media_start(err);
	return media == NULL ? -1 :
	    v2m_media_configure(media, conf, false, err);
}

static void
stop(void)
{
	v2m_media_free(media);
	media = NULL;
}

const struct v2m_gateway_component v2m_media_component = { .start = start,
    .stop = stop };

struct v2m_media *
v2m_gateway_media(void)
{
	return media;
}
