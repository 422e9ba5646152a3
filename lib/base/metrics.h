/* metrics.h - what a process counts of itself, in a file for the textfile
 * collector of Prometheus' node exporter: no port is needed for that.
 *
 * The file (the key metrics_file) is replaced as a whole.  Counters go on where
 * the file's left off, so that those of runs by cron are counters, too.  Every
 * line has the labels command and process, the file's name without ".prom":
 * the files of several processes do not get into each other's way.
 *
 * Without a file, counting costs a lock and nothing else.  v2m_metric_add() is
 * thread-safe, the others are the main thread's.
 */
#ifndef V2M_BASE_METRICS_H
#define V2M_BASE_METRICS_H

#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"

enum v2m_metric {
	V2M_METRIC_CONVERSIONS,
	V2M_METRIC_CONVERSION_SECONDS,
	V2M_METRIC_SOUND_SECONDS,
	V2M_METRIC_MP3_BYTES,
	V2M_METRIC_FAILURES,		/* by v2m_code_word() */
	V2M_METRIC_LEASES_LOST,
	V2M_METRIC_NOTICES,		/* "sent", "failed", "unknown" */
	V2M_METRIC_POSTPONED,		/* by v2m_code_word() */
	V2M_METRIC_BURIED,
	V2M_METRIC_SWEPT,
	V2M_METRIC_REMOVED,		/* "video", "mp3", ... */
	V2M_METRIC_FINDINGS,		/* a gauge */
	V2M_METRIC_COPIED,
	V2M_METRIC_COPIED_BYTES,
	V2M_METRICS
};

/* kind is NULL where the metric has none. */
void v2m_metric_add(enum v2m_metric m, const char *kind, double n);

/* Begin the file of metrics_file, if it is set.  command is borrowed for good.
 * -1: it cannot be written; V2M_CONFIG. */
int v2m_metrics_open(const struct v2m_conf *conf, const char *command,
    struct v2m_err *err);

/* What write() adds each time; labels: command="...",process="...". */
void v2m_metrics_add_writer(void (*write)(FILE *out, const char *labels));

/* About once a second: write the file when it is time.  Trouble is logged
 * once. */
void v2m_metrics_turn(void);

/* Write it for the last time, with the exit status. */
void v2m_metrics_end(int status);

/* --- the text form --- */

void v2m_metrics_family(FILE *out, const char *name, const char *type,
    const char *help);

/* name{labels,more} value; labels and more may be "". */
void v2m_metrics_line(FILE *out, const char *name, const char *labels,
    const char *more, double value);

#endif
