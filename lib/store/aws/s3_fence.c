/* The fence of a partial upload: empty objects partial/ID/fence.F, of which the
 * highest counts.  A process that takes the upload writes its own and looks for
 * a higher one.  Of two that do so at the same time, the one with the lower
 * fence sees the other's, as lists are consistent.  An erased upload has
 * none. */
#include "store/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define LOWER_MAX 8		/* lower fences removed at once */

struct fences {
	int64_t own, highest;
	bool found;		/* our own is in the list */
	int64_t lower[LOWER_MAX];
	int nlower;
};

static int
on_fence(void *arg, const struct v2m_s3_entry *e)
{
	struct fences *f = arg;
	const char *dot = strrchr(e->key, '.');
	int64_t fence = dot == NULL ? 0 : strtoll(dot + 1, NULL, 10);

	if (fence > f->highest)
		f->highest = fence;
	if (fence == f->own)
		f->found = true;
	else if (fence < f->own && f->nlower < LOWER_MAX)
		f->lower[f->nlower++] = fence;
	return 0;
}

static void
name_fence(const struct v2m_s3 *s3, char key[V2M_S3_KEY], const char *id,
    int64_t fence)
{
	v2m_s3_key_of(s3, key, "partial/%s/fence.%019" PRId64, id, fence);
}

static int
list_fences(struct v2m_s3 *s3, const char *id, struct fences *f,
    struct v2m_err *err)
{
	char prefix[64];

	snprintf(prefix, sizeof prefix, "partial/%s/fence.", id);
	return v2m_s3_list(s3, prefix, on_fence, f, "hold an upload", err);
}

static int
fence_is_lost(const char *id, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DENIED, "the upload %s was taken over by "
	    "another connection, or removed", id);
}

int
v2m_s3_fence_check(struct v2m_s3 *s3, const char *id, int64_t fence,
    struct v2m_err *err)
{
	struct fences f = { .own = fence };

	if (list_fences(s3, id, &f, err) < 0)
		return -1;
	return f.found && f.highest == fence ? 0 : fence_is_lost(id, err);
}

/* A process whose fence is too low removes it, so that nothing stays of an
 * upload that was erased meanwhile. */
int
v2m_s3_fence_raise(struct v2m_s3 *s3, const char *id, int64_t fence,
    struct v2m_err *err)
{
	struct fences f = { .own = fence };
	char key[V2M_S3_KEY];
	int i;

	name_fence(s3, key, id, fence);
	if (v2m_s3_mark(s3, key, "hold an upload", err) < 0 ||
	    list_fences(s3, id, &f, err) < 0)
		return -1;
	if (f.highest > fence) {
		v2m_s3_delete(s3, key, "leave an upload", NULL);
		return fence_is_lost(id, err);
	}
	for (i = 0; i < f.nlower; i++) {
		name_fence(s3, key, id, f.lower[i]);
		v2m_s3_delete(s3, key, "hold an upload", NULL);
	}
	return 0;
}
