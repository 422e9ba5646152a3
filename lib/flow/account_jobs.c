#include "flow/account_jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/job.h"
#include "flow/remove.h"
#include "store/document.h"

bool
v2m_account_has(const struct v2m_record *r)
{
	return r->state != V2M_JOB_CANCELLED &&
	    !(r->state == V2M_JOB_DONE && r->mp3[0] == '\0');
}

struct walk {
	struct v2m_services *s;
	int64_t n;
	int (*each)(struct walk *w, struct v2m_record *r);
	struct v2m_err err;
};

static int
visit(void *arg, struct v2m_record *r)
{
	struct walk *w = arg;

	if (!v2m_account_has(r))
		return 0;
	w->n++;
	return w->each == NULL ? 0 : w->each(w, r);
}

static int
walk(struct walk *w, const char *owner, struct v2m_err *err)
{
	const struct v2m_filter filter = { .state = -1, .owner = owner };
	struct v2m_err why;
	int ret;

	w->err.code = V2M_OK;
	ret = v2m_store_each(w->s->store, &filter, visit, w, &why);
	return ret == 0 ? 0 :
	    v2m_err_pass(err, w->err.code != V2M_OK ? &w->err : &why);
}

int
v2m_account_jobs(struct v2m_services *s, const char *owner, int64_t *n,
    struct v2m_err *err)
{
	struct walk w = { .s = s };

	*n = 0;
	if (walk(&w, owner, err) < 0)
		return -1;
	*n = w.n;
	return 0;
}

static int
silence_one(struct walk *w, struct v2m_record *r)
{
	return v2m_job_silence(w->s->store, r, &w->err) < 0 ? -1 : 0;
}

int
v2m_account_silence(struct v2m_services *s, const char *owner,
    struct v2m_err *err)
{
	struct walk w = { .s = s, .each = silence_one };

	return walk(&w, owner, err);
}

static int
remove_one(struct walk *w, struct v2m_record *r)
{
	struct v2m_claims identity = { .admin = false };

	memcpy(identity.username, r->owner, sizeof identity.username);
	if (v2m_remove(w->s, &identity, r->id, &w->err) == 0 ||
	    w->err.code == V2M_NOINPUT) {
		w->err.code = V2M_OK;
		return 0;
	}
	return v2m_err_prefix(&w->err, "job %s", r->id);
}

int
v2m_account_remove_jobs(struct v2m_services *s, const char *owner,
    struct v2m_err *err)
{
	struct walk w = { .s = s, .each = remove_one };

	return walk(&w, owner, err);
}

/* The document's text is a time: wall ms.  1; 0: another process was faster;
 * -1. */
static int
note_kept(struct v2m_services *s, const char *owner, struct v2m_err *err)
{
	struct v2m_document n = { .rev = 0 };
	char text[32];
	int64_t now;
	int ret = -1;

	if (v2m_document_get(s->store, V2M_KEPT_DOCUMENT, owner, &n, err) < 0 ||
	    v2m_store_now(s->store, &now, err) < 0)
		goto out;
	snprintf(text, sizeof text, "%" PRId64, now + 1);
	if (v2m_document_set(&n, text, err) == 0)
		ret = v2m_document_put(s->store, &n, err);
out:
	v2m_document_clear(&n);
	return ret;
}

int
v2m_account_keep(struct v2m_services *s, const char *owner,
    struct v2m_err *err)
{
	int ret;

	while ((ret = note_kept(s, owner, err)) == 0)
		;
	return ret < 0 ? -1 : 0;
}

int
v2m_account_forget(struct v2m_services *s, const char *owner,
    struct v2m_err *err)
{
	return v2m_document_drop(s->store, V2M_KEPT_DOCUMENT, owner, 0,
	    err) < 0 ? -1 : 0;
}

int
v2m_account_kept(struct v2m_services *s, const char *owner,
    int64_t *until, struct v2m_err *err)
{
	struct v2m_document n = { .rev = 0 };

	*until = 0;
	if (v2m_document_get(s->store, V2M_KEPT_DOCUMENT, owner, &n, err) < 0)
		return -1;
	*until = strtoll(v2m_document_text(&n), NULL, 10);
	v2m_document_clear(&n);
	return 0;
}
