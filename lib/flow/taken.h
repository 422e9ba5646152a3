/* taken.h - how far the queues have come: the newest message that was taken.
 *
 * Each message of ours says when it was published.  What is taken straight from
 * its queue shows that all that was published earlier was taken before it, so
 * that a job which still waits for an earlier message waits for one that is
 * lost.  One document of the store per queue keeps the newest such time, and
 * when it was written, which is at most every 10 s; it is behind at worst.
 * Times are those of the store's clock.
 */
#ifndef V2M_FLOW_TAKEN_H
#define V2M_FLOW_TAKEN_H

#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"

#define V2M_TAKEN_QUEUES 4

/* What a process has taken, all its threads together.  Zeroed but for the
 * mutex, which is initialised by its owner. */
struct v2m_taken {
	pthread_mutex_t lock;
	struct v2m_taken_queue {
		char name[64];
		int64_t newest;		/* wall ms */
		int64_t written;	/* of newest, as far as it is in the
					 * document */
		int64_t looked_at;	/* monotonic ms; 0: never */
	} queues[V2M_TAKEN_QUEUES];
	int64_t idle_at;		/* monotonic ms of the last note of
					 * idle time; 0: none */
};

/* A message was taken; it is written down when it is time.  Trouble with that
 * only leaves the document behind. */
void v2m_taken_note(struct v2m_taken *t, struct v2m_services *s,
    const struct v2m_queue_message *m);

/* Nothing comes from this queue at present: write what was not written yet,
 * and, about once a minute, that it was asked. */
void v2m_taken_idle(struct v2m_taken *t, struct v2m_services *s,
    const char *queue);

/* Somebody of ours is here to take from this queue. */
int v2m_taken_present(struct v2m_services *s, const char *queue,
    struct v2m_err *err);

/* What is known of a queue; *newest is 0 where that is nothing, *seen is when
 * somebody of ours was there to take from it, or 0. */
int v2m_taken_newest(struct v2m_services *s, const char *queue,
    int64_t *newest, int64_t *seen, struct v2m_err *err);

#endif
