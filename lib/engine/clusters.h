/* clusters.h - find a cluster of a Matroska file (RFC 9559) by its time.
 *
 * The index (Cues) names clusters that begin with a key frame, which may be far
 * apart.  Between those, each cluster states its size and its timestamp, so
 * only the headers are read.  Does not use libav.
 */
#ifndef ENGINE_CLUSTERS_H
#define ENGINE_CLUSTERS_H

#include <stdbool.h>
#include <stdint.h>

#define CLUSTERS_MOST 256	/* headers read per search */

/* Reads n bytes at file offset `at` into buf; returns how many there were. */
typedef int64_t clusters_read(void *arg, int64_t at, void *buf, int64_t n);

struct cluster {
	int64_t at;		/* file offset */
	int64_t stamp;		/* its Timestamp, in the file's
				 * TimestampScale */
};

/* From the cluster at file offset `at` on, find the last cluster that begins no
 * later than stamp, and the cluster after it.  false: not found. */
bool clusters_around(struct cluster *before, struct cluster *after, int64_t at,
    int64_t stamp, clusters_read *read, void *arg);

#endif
