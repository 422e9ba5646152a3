#include "engine/clusters.h"

#include <stddef.h>

#define HEAD 64			/* bytes, up to its Timestamp */
#define CLUSTER 0x1f43b675
#define STAMP 0xe7
#define UNKNOWN (-1)		/* size: not stated */

struct element {
	uint64_t id;
	int64_t size;
	size_t head;		/* bytes of ID and size */
};

/* Read an EBML variable-size integer (RFC 8794) with its length marker.
 * Returns its length in bytes, or 0. */
static size_t
read_number(const uint8_t *p, size_t n, uint64_t *number)
{
	size_t length = 1;

	if (n == 0 || p[0] == 0)
		return 0;
	while (!(p[0] & 0x80 >> (length - 1)))
		length++;
	if (length > n)
		return 0;
	*number = 0;
	for (size_t i = 0; i < length; i++)
		*number = *number << 8 | p[i];
	return length;
}

static bool
read_element(struct element *e, const uint8_t *p, size_t n)
{
	size_t id = read_number(p, n, &e->id), size;
	uint64_t length, mark;

	size = id == 0 ? 0 : read_number(p + id, n - id, &length);
	if (size == 0)
		return false;
	mark = UINT64_C(1) << 7 * size;
	length &= mark - 1;
	e->size = length == mark - 1 ? UNKNOWN : (int64_t)length;
	e->head = id + size;
	return true;
}

static int64_t
read_stamp(const uint8_t *p, int64_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v > INT64_MAX ? -1 : (int64_t)v;
}

/* The Timestamp of a cluster, whose content begins with these bytes; below 0:
 * it has none here. */
static int64_t
cluster_stamp(const uint8_t *p, size_t n)
{
	struct element e;

	while (read_element(&e, p, n) && e.size >= 0 &&
	    (uint64_t)e.size <= n - e.head) {
		if (e.id == STAMP)
			return e.size > 8 ? -1 :
			    read_stamp(p + e.head, e.size);
		p += e.head + (size_t)e.size;
		n -= e.head + (size_t)e.size;
	}
	return -1;
}

/* Find the next cluster at or after file offset *end; then *end is where that
 * cluster ends, or UNKNOWN. */
static bool
next_cluster(struct cluster *c, int64_t *end, int *left, clusters_read *read,
    void *arg)
{
	uint8_t head[HEAD];
	struct element e;

	while (*end >= 0 && (*left)-- > 0) {
		int64_t n = read(arg, *end, head, HEAD);

		if (n <= 0 || !read_element(&e, head, (size_t)n))
			return false;
		c->at = *end;
		*end = e.size < 0 || e.size > INT64_MAX / 2 - *end ? UNKNOWN :
		    *end + (int64_t)e.head + e.size;
		if (e.id != CLUSTER)
			continue;
		c->stamp = cluster_stamp(head + e.head, (size_t)n - e.head);
		return c->stamp >= 0;
	}
	return false;
}

bool
clusters_around(struct cluster *before, struct cluster *after, int64_t at,
    int64_t stamp, clusters_read *read, void *arg)
{
	int left = CLUSTERS_MOST;

	if (!next_cluster(before, &at, &left, read, arg) ||
	    before->stamp > stamp)
		return false;
	while (next_cluster(after, &at, &left, read, arg)) {
		if (after->stamp > stamp)
			return true;
		*before = *after;
	}
	return false;
}
