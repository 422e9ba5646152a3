/* metrics.h - the metrics of a process, in a file for the textfile collector of
 * Prometheus' node exporter, which needs no port.
 *
 * The file (the key metrics_file) is replaced as a whole.  Counters continue
 * from the values in the file, so that they also work for runs by cron.  Every
 * line has the labels command and process (the file's name without ".prom"), so
 * several processes may have files in one folder.
 *
 * Without a file, counting costs a lock and nothing else.  v2m_metric_add() is
 * thread-safe; the others are for the main thread.
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
	V2M_METRIC_FINDINGS,		/* a gauge; the others are counters */
	V2M_METRIC_COPIED,
	V2M_METRIC_COPIED_BYTES,
	V2M_METRICS
};

/* Add n to a metric.  kind: see the comments above; NULL if the metric has no
 * kinds. */
void v2m_metric_add(enum v2m_metric m, const char *kind, double n);

/* Begin the file of metrics_file, if that is set.  command is borrowed for
 * good.  V2M_CONFIG: the file cannot be written. */
int v2m_metrics_open(const struct v2m_conf *conf, const char *command,
    struct v2m_err *err);

/* Have write() add its lines to the file each time; labels:
 * command="...",process="...". */
void v2m_metrics_add_writer(void (*write)(FILE *out, const char *labels));

/* Call it about once a second: it writes the file when it is time.  Trouble is
 * logged once. */
void v2m_metrics_turn(void);

/* Write the file for the last time, with the exit status. */
void v2m_metrics_end(int status);

/* --- the text form --- */

void v2m_metrics_family(FILE *out, const char *name, const char *type,
    const char *help);

/* name{labels,more} value; labels and more may be "". */
void v2m_metrics_line(FILE *out, const char *name, const char *labels,
    const char *more, double value);

#endif
