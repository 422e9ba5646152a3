/* services.h - one thread's connections to the services of the configuration:
 * store, queue, and, in a notifier, the mailer.  Never used by two threads at a
 * time. */
#ifndef V2M_FLOW_SERVICES_H
#define V2M_FLOW_SERVICES_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "mail/mail.h"
#include "queue/queue.h"
#include "store/store.h"

struct v2m_services {
	const struct v2m_conf *conf;	/* borrowed */
	struct v2m_store *store;
	struct v2m_queue *queue;	/* NULL: opened without */
	struct v2m_mailer *mailer;	/* NULL until something is sent */
};

/* Open the store and, with_queue, the queue; conf is borrowed until the close.
 * On failure nothing stays open.  -1: with the error of the driver. */
int v2m_services_open(struct v2m_services *s, const struct v2m_conf *conf,
    bool with_queue, struct v2m_err *err);

/* A zeroed struct is fine. */
void v2m_services_close(struct v2m_services *s);

#endif
