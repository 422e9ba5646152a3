#include "queue/queue.h"

#include <stdlib.h>
#include <string.h>

void
v2m_queue_message_release(struct v2m_queue_message *m)
{
	free(m->body);
	memset(m, 0, sizeof *m);
}
