/* figures.h - what store and queue say of themselves, for who watches: for the
 * gateway's /metrics and for files of metrics (base/metrics.h). */
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
	int64_t undelivered;		/* ends whose notice failed */
	int64_t video, mp3, notification;	/* messages */
	double free_bytes;		/* where the store is; -1: elsewhere */
};

/* Ask.  Reads all records, so now and then is enough.  -1: not all have
 * answered, and err says why. */
int v2m_figures_read(struct v2m_services *s, struct v2m_figures *f,
    struct v2m_err *err);

/* In the text form of Prometheus, with these labels on each line, or "". */
void v2m_figures_write(FILE *out, const struct v2m_figures *f,
    const char *labels);

/* --- for a command with a file of metrics --- */

/* A daemon's idle time, or the end of a run: read them when it is time, at
 * *next (monotonic ms), which becomes the next one, for v2m_figures_kept().
 * Nothing without a file. */
void v2m_figures_turn(const struct v2m_conf *conf, int64_t *next);

/* Write what was read last: for v2m_metrics_add_writer(). */
void v2m_figures_kept(FILE *out, const char *labels);

#endif
