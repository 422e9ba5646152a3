/* figures.h - figures of store and queue for monitoring: for the gateway's
 * /metrics and for the file of metrics_file (base/metrics.h). */
#ifndef V2M_FLOW_FIGURES_H
#define V2M_FLOW_FIGURES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "flow/services.h"

struct v2m_figures {
	bool has_store, has_queue;	/* each answered */
	struct v2m_census census;
	int64_t now_ms;			/* of the store's clock */
	int64_t undelivered;		/* jobs whose notice failed */
	int64_t video, mp3, notification;	/* messages in these queues */
	double free_bytes;		/* on the disk of the store; -1: it is
					 * on a server */
};

/* Read the figures.  This reads all records, so do it rarely.  -1: store or
 * queue did not answer, and err says why; the rest is filled. */
int v2m_figures_read(struct v2m_services *s, struct v2m_figures *f,
    struct v2m_err *err);

/* Write them in the text form of Prometheus, with these labels (or "") on each
 * line. */
void v2m_figures_write(FILE *out, const struct v2m_figures *f,
    const char *labels);

/* --- for a command with a file of metrics --- */

/* Read the figures for v2m_figures_kept(), if *next (monotonic ms) has come,
 * and set *next to the next time.  To be called often by a daemon, and at the
 * end of a run.  Does nothing without metrics_file. */
void v2m_figures_turn(const struct v2m_conf *conf, int64_t *next);

/* Write the figures that were read last: for v2m_metrics_add_writer(). */
void v2m_figures_kept(FILE *out, const char *labels);

#endif
