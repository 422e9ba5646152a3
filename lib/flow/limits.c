#include "flow/limits.h"

#include <string.h>
#include <sys/statvfs.h>

#include "flow/announce.h"
#include "store/document.h"

#define KIND V2M_LIMITS_DOCUMENT
#define DEFAULTS "defaults"	/* the other keys are addresses of owners */
#define FREED "none"
#define HALF "half"

/* Is there a document with this key?  1, 0, -1. */
static int
is_noted(struct v2m_store *store, const char *key, struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	int ret = v2m_document_get(store, KIND, key, &d, err);

	v2m_document_clear(&d);
	return ret;
}

static int
note(struct v2m_store *store, const char *key, const char *text,
    struct v2m_err *err)
{
	struct v2m_document d = { .text = NULL };
	int ret = v2m_document_get(store, KIND, key, &d, err);

	/* If another process was faster, it wrote the same. */
	if (ret == 0)
		ret = v2m_document_set(&d, text, err) < 0 ? -1 :
		    v2m_document_put(store, &d, err);
	v2m_document_clear(&d);
	return ret < 0 ? -1 : 0;
}

/* --- the defaults --- */

/* Has the store no job, and was it never set up before?  1, 0, -1. */
static int
is_new(struct v2m_store *store, struct v2m_err *err)
{
	int used = v2m_announce_is_set_up(store, err);

	if (used == 0)
		used = v2m_store_is_used(store, err);
	return used < 0 ? -1 : used == 0;
}

int
v2m_limits_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_store *store = v2m_store_open(conf, err);
	int ret;

	if (store == NULL)
		return -1;
	ret = is_new(store, err);
	if (ret == 1)
		ret = note(store, DEFAULTS, "hold", err);
	v2m_store_close(store);
	return ret < 0 ? -1 : 0;
}

int
v2m_limits_hold(struct v2m_services *s, struct v2m_err *err)
{
	return is_noted(s->store, DEFAULTS, err);
}

/* --- what they are --- */

/* Half of the disk that the objects are on; 0: they are on a server. */
static int64_t
half_of_disk(const struct v2m_conf *conf)
{
	const char *folder = v2m_conf_rest(conf, v2m_store_objects_key(conf),
	    "dir");
	struct statvfs v;

	if (folder == NULL || statvfs(folder, &v) < 0)
		return 0;
	return (int64_t)(v.f_blocks / 2 * v.f_frsize);
}

static int64_t
limit(const struct v2m_conf *conf, const char *key, bool hold)
{
	if (!hold && !v2m_conf_is_set(conf, key))
		return 0;
	return strcmp(v2m_conf_text(conf, key), HALF) == 0 ?
	    half_of_disk(conf) : v2m_conf_number(conf, key);
}

int
v2m_limits_of(struct v2m_services *s, const char *owner,
    struct v2m_limits *limits, struct v2m_err *err)
{
	int freed = v2m_limits_freed(s, owner, err), hold;

	memset(limits, 0, sizeof *limits);
	if (freed != 0)
		return freed < 0 ? -1 : 0;
	hold = v2m_limits_hold(s, err);
	if (hold < 0)
		return -1;
	limits->bytes = limit(s->conf, "max_user_bytes", hold);
	limits->jobs = limit(s->conf, "max_user_jobs", hold);
	limits->unfinished = limit(s->conf, "max_user_unfinished", hold);
	return 0;
}

/* --- exempt accounts --- */

int
v2m_limits_freed(struct v2m_services *s, const char *owner,
    struct v2m_err *err)
{
	return is_noted(s->store, owner, err);
}

int
v2m_limits_free(struct v2m_services *s, const char *owner, bool freed,
    struct v2m_err *err)
{
	if (freed)
		return note(s->store, owner, FREED, err);
	return v2m_document_drop(s->store, KIND, owner, 0, err) < 0 ? -1 : 0;
}
