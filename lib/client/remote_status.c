#include "client/remote.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/percent.h"
#include "client/status_read.h"

#define PAGE 100		/* jobs in memory at a time */
#define PATH (3 * V2M_NAME_MAX + 256)
#define PAGES_MOST 100000	/* more of them cannot be true */
#define LONG_AGO_S (366 * 86400)

int
v2m_remote_find(struct v2m_remote *r, const char *id,
    struct v2m_record *record, int64_t *asked, struct v2m_err *err)
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
	if (asked != NULL && a.worker_seen_s >= 0)
		*asked = v2m_wall_ms() - 1000 * (a.worker_seen_s > LONG_AGO_S ?
		    LONG_AGO_S : a.worker_seen_s);
	v2m_http_answer_release(&a);
	return ret;
}

struct walk {
	const struct v2m_status_filter *which;
	int (*each)(void *arg, struct v2m_record *record);
	void *arg;
	char after[V2M_ID_SIZE];	/* where the page begins */
	char last[V2M_ID_SIZE];		/* last ID that was seen */
};

static int
refuse_order(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_UNAVAILABLE, "the gateway lists jobs in "
	    "no order");
}

static int
walk_jobs(struct walk *w, const json_t *jobs, struct v2m_err *err)
{
	struct v2m_record record;
	const json_t *job;
	int ret = 0;
	size_t i;

	if (!json_is_array(jobs) || json_array_size(jobs) > PAGE)
		return v2m_err_set(err, V2M_UNAVAILABLE, "the server is not a "
		    "v2m gateway (it sent no list of jobs)");
	json_array_foreach(jobs, i, job) {
		if (v2m_status_read(job, &record, err) < 0)
			return -1;
		if (strcmp(w->last, record.id) >= 0)
			return refuse_order(err);
		memcpy(w->last, record.id, sizeof w->last);
		/* An older gateway does not know all filters. */
		if (v2m_status_matches(w->which, &record))
			ret = w->each(w->arg, &record);
		if (ret != 0)
			break;
	}
	return ret;
}

/* Where the next page begins.  It must be after the last ID seen, else the walk
 * would not end. */
static int
find_next(struct walk *w, const json_t *o, bool *more, struct v2m_err *err)
{
	const char *next = json_string_value(json_object_get(o, "next"));

	*more = next != NULL;
	if (next == NULL)
		return 0;
	if (!v2m_id_valid(next) || strcmp(next, w->last) < 0 ||
	    strcmp(next, w->after) <= 0)
		return refuse_order(err);
	memcpy(w->after, next, sizeof w->after);
	return 0;
}

static int
walk_page(struct v2m_remote *r, struct walk *w, const char *path, bool *more,
    struct v2m_err *err)
{
	struct v2m_http_answer a;
	int ret = -1;
	json_t *o;

	if (v2m_remote_ask(r, "GET", path, &a, err) < 0)
		return -1;
	o = v2m_http_answer_object(&a, err);
	v2m_http_answer_release(&a);
	if (o != NULL)
		ret = walk_jobs(w, json_object_get(o, "jobs"), err);
	if (ret == 0)
		ret = find_next(w, o, more, err);
	json_decref(o);
	return ret;
}

static void
add(char path[PATH], const char *key, const char *value)
{
	size_t n = strlen(path);
	char text[3 * V2M_NAME_MAX];

	if (value == NULL || value[0] == '\0')
		return;
	v2m_percent_encode(text, sizeof text, value, ",");
	snprintf(path + n, PATH - n, "&%s=%s", key, text);
}

int
v2m_remote_each(struct v2m_remote *r, bool everybody,
    const struct v2m_status_filter *which, const char *sha256,
    int (*each)(void *arg, struct v2m_record *record), void *arg,
    struct v2m_err *err)
{
	struct walk w = { .which = which, .each = each, .arg = arg };
	int i, ret = 0, state = v2m_status_filter_state(which);
	bool more = true;
	char path[PATH];

	for (i = 0; i < PAGES_MOST && more && ret == 0; i++) {
		snprintf(path, sizeof path, "/status?limit=%d%s", PAGE,
		    everybody ? "&all=1" : "");
		add(path, "sha256", sha256);
		add(path, "state", state < 0 ? NULL :
		    v2m_state_word((enum v2m_state)state));
		add(path, "name", which->name);
		add(path, "after", w.after);
		ret = walk_page(r, &w, path, &more, err);
	}
	return ret;
}
