/* Records by their IDs. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

/* 1; 0: there is none; -1. */
static int
find(struct v2m_dynamo *d, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	json_t *item;
	int found;

	v2m_dynamo_record_key(&key, id);
	found = v2m_dynamo_get(d, &key, &item, "read a record", err);
	if (found == 1)
		v2m_dynamo_parse(item, r);
	json_decref(item);
	return found;
}

static int
be_there(int found, struct v2m_err *err)
{
	if (found == 0)
		return v2m_err_set(err, V2M_NOINPUT, "there is no such job");
	return found < 0 ? -1 : 0;
}

int
v2m_dynamo_record_get(void *self, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	return be_there(find(self, id, r, err), err);
}

struct by_mp3 {
	struct v2m_dynamo *d;
	const char *mp3;
	struct v2m_record *r;
	struct v2m_err *err;
};

static int
has_mp3(void *arg, const json_t *item)
{
	struct by_mp3 *by = arg;
	int found = find(by->d, v2m_dynamo_text_of(item, "s"), by->r, by->err);

	return found == 1 && strcmp(by->r->mp3, by->mp3) != 0 ? 0 : found;
}

int
v2m_dynamo_get_by_mp3(void *self, const char *mp3, struct v2m_record *r,
    struct v2m_err *err)
{
	struct by_mp3 by = { self, mp3, r, err };
	char prefix[V2M_DYNAMO_KEY];
	struct v2m_dynamo_range range = { .prefix = prefix, .bound = "",
		.page = V2M_DYNAMO_BATCH };

	snprintf(prefix, sizeof prefix, "mp3#%s", mp3);
	return be_there(v2m_dynamo_walk(self, &range, has_mp3, &by,
	    "read a record", err), err);
}

/* --- many at once --- */

static const json_t *
find_item(const json_t *items, const char *id)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
		if (strcmp(v2m_dynamo_text_of(item, "s"), id) == 0)
			return item;
	return NULL;
}

static int
keep_item(void *items, const json_t *item)
{
	return json_array_append(items, (json_t *)(uintptr_t)item);
}

int
v2m_dynamo_get_many(struct v2m_dynamo *d, char (*ids)[V2M_ID_SIZE], size_t n,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	json_t *keys = json_array(), *items = json_array();
	struct v2m_dynamo_key key;
	struct v2m_record r;
	const json_t *item;
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		v2m_dynamo_record_key(&key, ids[i]);
		json_array_append_new(keys, v2m_dynamo_key_json(&key));
	}
	ret = v2m_dynamo_get_items(d, keys, keep_item, items, "read records",
	    err);
	for (i = 0; ret == 0 && i < n; i++) {
		item = find_item(items, ids[i]);
		if (item == NULL)
			continue;
		v2m_dynamo_parse(item, &r);
		ret = each(arg, &r);
	}
	json_decref(items);
	return ret;
}

/* --- changes --- */

/* old NULL: the record must not exist. */
static int
change(struct v2m_dynamo *d, const struct v2m_record *r,
    const struct v2m_record *old, const char *verb, struct v2m_err *err)
{
	struct v2m_record none = { .rev = 0 };
	char doing[48 + V2M_ID_SIZE];
	struct v2m_dynamo_key key;
	struct v2m_dynamo_change c = { .key = &key, .old_rev = old == NULL ? 0 :
	    old->rev, .doing = doing };
	int won;

	snprintf(doing, sizeof doing, "%s %s", verb, r->id);
	v2m_dynamo_record_key(&key, r->id);
	if (v2m_dynamo_mark(d, r, old, err) < 0)
		return -1;
	v2m_dynamo_compose(&c, r, old == NULL ? &none : old);
	won = v2m_dynamo_change(d, &c, err);
	if (won == 1)
		v2m_dynamo_census_note(d, old, r);
	return won;
}

int
v2m_dynamo_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err)
{
	return change(self, r, NULL, "record the job", err);
}

int
v2m_dynamo_put(void *self, const struct v2m_record *r, int64_t old_rev,
    bool *full, struct v2m_err *err)
{
	struct v2m_record old;
	int won;

	(void)full;
	won = find(self, r->id, &old, err);
	if (won != 1 || old.rev != old_rev)
		return won < 0 ? -1 : 0;
	won = change(self, r, &old, "change the record of", err);
	/* A mark that stays does no harm: lists check the record. */
	if (won == 1)
		v2m_dynamo_unmark(self, &old, r, NULL);
	return won;
}

int
v2m_dynamo_forget(void *self, const char *id, struct v2m_err *err)
{
	struct v2m_dynamo_key key;
	struct v2m_record old;
	int found = find(self, id, &old, err);

	if (found != 1)
		return found;
	v2m_dynamo_record_key(&key, id);
	found = v2m_dynamo_delete(self, &key, 0, "remove a record", err);
	if (found == 1)
		v2m_dynamo_census_note(self, &old, NULL);
	if (found >= 0)
		found = v2m_dynamo_unmark(self, &old, NULL, err);
	return found < 0 ? -1 : 0;
}
