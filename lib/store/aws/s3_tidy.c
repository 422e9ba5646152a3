/* Remove what killed writers left: multipart uploads in progress, details and
 * job marks without an object, partial uploads without a document. */
#include "store/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"

struct tidy {
	struct v2m_s3 *s3;
	const struct v2m_tidy *wanted;
	enum v2m_kind kind;
	struct v2m_err *err;
	/* The current partial upload: */
	char id[V2M_ID_SIZE];
	int64_t newest;
};

static int
remove_key(struct tidy *t, const char *key)
{
	t->wanted->each(t->wanted->arg, key);
	return t->wanted->dry ? 0 : v2m_s3_delete(t->s3, key,
	    "tidy the store", t->err);
}

/* An invalid time never counts as old. */
static bool
is_old(const struct tidy *t, int64_t at_ms)
{
	return at_ms != 0 && at_ms < t->wanted->before_ms;
}

/* --- uploads in parts --- */

/* Other programs may write below the prefix, too. */
static bool
is_our_upload(const struct v2m_s3 *s3, const char *key)
{
	char id[V2M_ID_SIZE], video[V2M_S3_KEY], mp3[V2M_S3_KEY];

	if (!v2m_s3_id_of(key, id))
		return false;
	v2m_s3_key(s3, video, V2M_VIDEO, id);
	v2m_s3_key(s3, mp3, V2M_MP3, id);
	return strcmp(key, video) == 0 || strcmp(key, mp3) == 0;
}

static int
tidy_upload(void *arg, const struct v2m_s3_upload *u)
{
	struct tidy *t = arg;

	if (!is_old(t, u->begun) || !is_our_upload(t->s3, u->key))
		return 0;
	t->wanted->each(t->wanted->arg, u->key);
	return t->wanted->dry ? 0 : v2m_s3_abort(t->s3, u->key, u->id,
	    t->err);
}

/* --- details, and marks of jobs --- */

/* "details/KIND/ID.WORD": remove it if the object has another WORD or is
 * gone. */
static int
tidy_details(void *arg, const struct v2m_s3_entry *e)
{
	const char *name = strrchr(e->key, '/');
	struct tidy *t = arg;
	char id[V2M_ID_SIZE];
	struct v2m_s3_head h;
	int found;

	if (!is_old(t, e->modified) || name == NULL ||
	    strlen(name + 1) != V2M_ID_SIZE + V2M_S3_WORD - 1)
		return 0;
	snprintf(id, sizeof id, "%.24s", name + 1);
	if (!v2m_id_valid(id))
		return 0;
	found = v2m_s3_head(t->s3, t->kind, id, &h, t->err);
	if (found < 0)
		return -1;
	if (found == 1 && strcmp(h.word, name + 1 + V2M_ID_SIZE) == 0)
		return 0;
	return remove_key(t, e->key);
}

static int
tidy_mark(void *arg, const struct v2m_s3_entry *e)
{
	struct tidy *t = arg;
	char id[V2M_ID_SIZE];
	struct v2m_s3_head h;
	int found;

	if (!is_old(t, e->modified) || !v2m_s3_id_of(e->key, id))
		return 0;
	found = v2m_s3_head(t->s3, V2M_MP3, id, &h, t->err);
	return found < 0 ? -1 : found == 1 ? 0 : remove_key(t, e->key);
}

/* --- partial uploads --- */

static int
remove_one(void *arg, const struct v2m_s3_entry *e)
{
	return remove_key(arg, e->key);
}

/* All objects of the current partial upload were seen: remove them if its
 * document is gone. */
static int
end_partial(struct tidy *t)
{
	const struct v2m_tidy *w = t->wanted;
	char prefix[64];
	int there;

	if (t->id[0] == '\0' || !is_old(t, t->newest))
		return 0;
	there = w->is_partial(w->partials, t->id, t->err);
	if (there != 0)
		return there < 0 ? -1 : 0;
	snprintf(prefix, sizeof prefix, "partial/%s/", t->id);
	return v2m_s3_list(t->s3, prefix, remove_one, t, "tidy the store",
	    t->err);
}

/* "partial/ID/...": the objects of one upload follow each other. */
static int
tidy_partial(void *arg, const struct v2m_s3_entry *e)
{
	const char *slash = strrchr(e->key, '/');
	struct tidy *t = arg;
	char id[V2M_ID_SIZE];

	if (slash == NULL || slash - e->key < V2M_ID_SIZE)
		return 0;
	snprintf(id, sizeof id, "%.24s", slash - (V2M_ID_SIZE - 1));
	if (!v2m_id_valid(id))
		return 0;
	if (strcmp(id, t->id) != 0) {
		if (end_partial(t) != 0)
			return -1;
		memcpy(t->id, id, sizeof t->id);
		t->newest = 0;
	}
	if (e->modified > t->newest)
		t->newest = e->modified;
	return 0;
}

int
v2m_s3_tidy(void *self, const struct v2m_tidy *wanted, struct v2m_err *err)
{
	static const char doing[] = "tidy the store";
	struct tidy t = { .s3 = self, .wanted = wanted, .err = err };

	if (v2m_s3_uploads(t.s3, tidy_upload, &t, err) < 0)
		return -1;
	t.kind = V2M_VIDEO;
	if (v2m_s3_list(t.s3, "details/videos/", tidy_details, &t, doing,
	    err) < 0)
		return -1;
	t.kind = V2M_MP3;
	if (v2m_s3_list(t.s3, "details/mp3s/", tidy_details, &t, doing,
	    err) < 0 ||
	    v2m_s3_list(t.s3, "jobs/", tidy_mark, &t, doing, err) < 0 ||
	    v2m_s3_list(t.s3, "partial/", tidy_partial, &t, doing, err) < 0)
		return -1;
	return end_partial(&t);
}
