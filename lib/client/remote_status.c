#include "client/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "client/status_read.h"

#define PAGE 1000
#define PAGES_MOST 10000	/* what is told beyond is not to be believed */

int
v2m_remote_find(struct v2m_remote *r, const char *id,
    struct v2m_record *record, struct v2m_err *err)
{
	struct v2m_http_answer a;
	char path[128];
	json_t *o;
	int ret;

	if (v2m_remote_path(path, sizeof path, "/status", id, err) < 0 ||
	    v2m_remote_ask(r, "GET", path, &a, err) < 0)
		return -1;
	o = v2m_http_answer_object(&a, err);
	ret = o == NULL ? -1 : v2m_status_read(o, record, err);
	json_decref(o);
	v2m_http_answer_release(&a);
	return ret;
}

/* Add a page's jobs, which must come after the last ones. */
static int
add_jobs(const json_t *jobs, struct v2m_record **list, size_t *n,
    struct v2m_err *err)
{
	struct v2m_record *longer, *last;
	size_t i, more = json_array_size(jobs);
	const json_t *job;

	if (!json_is_array(jobs) || more > PAGE)
		return v2m_err_set(err, V2M_UNAVAILABLE, "what answers is no "
		    "gateway of v2m (no list of jobs)");
	longer = reallocarray(*list, *n + more + 1, sizeof **list);
	if (longer == NULL)
		return v2m_err_sys(err, V2M_TEMP, "no memory for a list");
	*list = longer;
	json_array_foreach(jobs, i, job) {
		last = &longer[*n];
		if (v2m_status_read(job, last, err) < 0)
			return -1;
		if (*n > 0 && strcmp(last[-1].id, last->id) >= 0)
			return v2m_err_set(err, V2M_UNAVAILABLE, "the gateway "
			    "lists jobs in no order");
		(*n)++;
	}
	return 0;
}

/* One page: 1 there are more, after that ID; 0; -1. */
static int
add_page(struct v2m_remote *r, const char *path, char after[V2M_ID_SIZE],
    struct v2m_record **list, size_t *n, struct v2m_err *err)
{
	struct v2m_http_answer a;
	const char *next;
	int ret = -1;
	json_t *o;

	if (v2m_remote_ask(r, "GET", path, &a, err) < 0)
		return -1;
	o = v2m_http_answer_object(&a, err);
	if (o == NULL || add_jobs(json_object_get(o, "jobs"), list, n,
	    err) < 0)
		goto out;
	next = json_string_value(json_object_get(o, "next"));
	/* Else it would go round in circles. */
	if (next != NULL && v2m_id_valid(next) && strcmp(next, after) > 0) {
		memcpy(after, next, V2M_ID_SIZE);
		ret = 1;
	} else {
		ret = next == NULL ? 0 : v2m_err_set(err, V2M_UNAVAILABLE,
		    "the gateway lists jobs in no order");
	}
out:
	json_decref(o);
	v2m_http_answer_release(&a);
	return ret;
}

int
v2m_remote_list(struct v2m_remote *r, bool everybody, const char *sha256,
    struct v2m_record **list, size_t *n, struct v2m_err *err)
{
	char path[256], after[V2M_ID_SIZE] = "";
	int more = 1, i;

	*list = NULL;
	*n = 0;
	for (i = 0; i < PAGES_MOST && more == 1; i++) {
		snprintf(path, sizeof path, "/status?limit=%d%s%s%s%s%s", PAGE,
		    everybody ? "&all=1" : "", sha256 == NULL ? "" :
		    "&sha256=", sha256 == NULL ? "" : sha256,
		    after[0] == '\0' ? "" : "&after=", after);
		more = add_page(r, path, after, list, n, err);
	}
	if (more >= 0)
		return 0;
	free(*list);
	*list = NULL;
	*n = 0;
	return -1;
}
