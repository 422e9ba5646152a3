#include "flow/services.h"

#include <string.h>

int
v2m_services_open(struct v2m_services *s, const struct v2m_conf *conf,
    bool with_queue, struct v2m_err *err)
{
	memset(s, 0, sizeof *s);
	s->conf = conf;
	s->store = v2m_store_open(conf, err);
	if (s->store == NULL)
		return -1;
	if (with_queue && (s->queue = v2m_queue_open(conf, err)) == NULL) {
		v2m_services_close(s);
		return -1;
	}
	return 0;
}

void
v2m_services_close(struct v2m_services *s)
{
	v2m_mailer_close(s->mailer);
	v2m_queue_close(s->queue);
	v2m_store_close(s->store);
	s->mailer = NULL;
	s->queue = NULL;
	s->store = NULL;
}
