/* clusters.h - clusters of a Matroska file, found by their time.
 *
 * An index names the clusters that begin with a whole picture, which may be far
 * apart.  Between those each cluster says how long it is and when it begins, so
 * that only their heads need be read.  No libav in here.
 */
#ifndef ENGINE_CLUSTERS_H
#define ENGINE_CLUSTERS_H

#include <stdbool.h>
#include <stdint.h>

#define CLUSTERS_MOST 256	/* heads that are looked at */

/* Reads n bytes at a place of the file: how many there were. */
typedef int64_t clusters_read(void *arg, int64_t at, void *buf, int64_t n);

struct cluster {
	int64_t at;		/* in the file */
	int64_t stamp;		/* when it begins, in the file's units */
};

/* On from the cluster at a place: the last one that begins no later than a
 * stamp, and the one behind that.  false: they are not found. */
bool clusters_around(struct cluster *before, struct cluster *after, int64_t at,
    int64_t stamp, clusters_read *read, void *arg);

#endif
