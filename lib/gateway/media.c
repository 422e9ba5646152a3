#include "gateway/media.h"

#include "base/log.h"

int
v2m_gateway_media(struct v2m_media **media, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	struct v2m_err why;

	*media = v2m_media_start(err);
	if (*media == NULL)
		return -1;
	if (v2m_media_configure(*media, conf, false, &why) == 0) {
		v2m_event(NULL, "sandbox", "parts=%s",
		    v2m_media_sandbox_word(*media));
		return 0;
	}
	if (!v2m_media_lacks_sandbox(&why))
		return v2m_err_pass(err, &why);
	v2m_event_always(NULL, "unchecked", "reason=\"%s\"", why.msg);
	v2m_media_free(*media);
	*media = NULL;
	return 0;
}
