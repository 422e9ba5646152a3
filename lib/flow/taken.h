/* taken.h - notes when the newest message was published that was taken from a
 * queue.
 *
 * Each message of ours says when it was published.  A queue that keeps the
 * order has given out all earlier messages before it: a job that still waits
 * for one of them waits for a message that was lost.  A document of the store
 * for each queue keeps the newest such time.  It is written every 10 s at most,
 * so it may be a little behind, which does no harm.  Times are those of the
 * store's clock.
 */
#ifndef V2M_FLOW_TAKEN_H
#define V2M_FLOW_TAKEN_H

#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"

#define V2M_TAKEN_QUEUES 4

/* What all threads of a process have taken.  Zeroed, apart from the mutex,
 * which the owner of the struct initialises. */
struct v2m_taken {
	pthread_mutex_t lock;
	struct v2m_taken_queue {
		char name[64];
		int64_t newest;		/* wall ms */
		int64_t written;	/* the value of newest that is in the
					 * document */
		int64_t looked_at;	/* monotonic ms; 0: never */
	} queues[V2M_TAKEN_QUEUES];
	int64_t idle_at;		/* monotonic ms: when the document was
					 * last written because the queue was
					 * empty; 0: never */
};

/* Note that a message was taken, and write the document when it is time.  If
 * that fails, the document is only behind. */
void v2m_taken_note(struct v2m_taken *t, struct v2m_services *s,
    const struct v2m_queue_message *m);

/* The queue is empty: write what was not written yet, and about once a minute
 * v2m_taken_present(). */
void v2m_taken_idle(struct v2m_taken *t, struct v2m_services *s,
    const char *queue);

/* Note that a program of ours takes messages from this queue. */
int v2m_taken_present(struct v2m_services *s, const char *queue,
    struct v2m_err *err);

/* Read the document: *newest is the time described above, *seen is when a
 * program of ours last took from this queue or asked it; 0: not known. */
int v2m_taken_newest(struct v2m_services *s, const char *queue,
    int64_t *newest, int64_t *seen, struct v2m_err *err);

/* For a user who waits for this job: if it has been queued for a minute, *asked
 * is when a worker of ours last asked for work (wall ms); else 0. */
int v2m_taken_asked(struct v2m_services *s, const struct v2m_record *r,
    int64_t *asked, struct v2m_err *err);

#endif
