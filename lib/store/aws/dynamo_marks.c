/* Marks: items by which lists find records (dynamo.h). */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

#define MOST 6			/* marks of a record */

struct marks {
	struct v2m_dynamo_key keys[MOST];
	size_t n;
};

static void
add(struct marks *m, const char *prefix, const char *rest, const char *s)
{
	struct v2m_dynamo_key *key = &m->keys[m->n++];

	snprintf(key->k, sizeof key->k, "%s#%s", prefix, rest);
	snprintf(key->s, sizeof key->s, "%s", s);
}

/* all: also the marks that the record has in other states only. */
static void
add_owner(struct marks *m, const struct v2m_record *r, bool all)
{
	char s[V2M_DYNAMO_KEY];

	add(m, "owner", r->owner, r->id);
	if (all || (r->state >= V2M_JOB_HELD && r->state <= V2M_JOB_RUNNING))
		add(m, "live", r->owner, r->id);
	if (r->sha256[0] != '\0') {
		snprintf(s, sizeof s, "%s#%s", r->sha256, r->id);
		add(m, "sha256", r->owner, s);
	}
	if (all || (r->state == V2M_JOB_QUEUED && r->fence == 0)) {
		v2m_dynamo_sharded(&m->keys[m->n], "fresh", r->owner);
		snprintf(m->keys[m->n++].s, V2M_DYNAMO_KEY, "%s %s", r->owner,
		    r->id);
	}
}

static void
list_marks(struct marks *m, const struct v2m_record *r, bool all)
{
	m->n = 0;
	if (r == NULL)
		return;
	if (r->owner[0] != '\0')
		add_owner(m, r, all);
	if (r->mp3[0] != '\0')
		add(m, "mp3", r->mp3, r->id);
}

static bool
has(const struct marks *m, const struct v2m_dynamo_key *key)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->keys[i].k, key->k) == 0 &&
		    strcmp(m->keys[i].s, key->s) == 0)
			return true;
	return false;
}

static json_t *
put_of(const struct v2m_dynamo_key *key)
{
	return json_pack("{s:{s:o}}", "PutRequest", "Item",
	    v2m_dynamo_key_json(key));
}

int
v2m_dynamo_mark(struct v2m_dynamo *d, const struct v2m_record *r,
    const struct v2m_record *old, struct v2m_err *err)
{
	struct v2m_dynamo_key owner = { .k = "owners" };
	json_t *writes = json_array();
	struct marks now, before;
	int failed = 0;
	size_t i;

	list_marks(&now, r, false);
	list_marks(&before, old, false);
	for (i = 0; i < now.n; i++)
		if (!has(&before, &now.keys[i]))
			failed |= json_array_append_new(writes,
			    put_of(&now.keys[i]));
	if (r->owner[0] != '\0' && (old == NULL || strcmp(old->owner,
	    r->owner) != 0)) {
		snprintf(owner.s, sizeof owner.s, "%s", r->owner);
		failed |= json_array_append_new(writes, put_of(&owner));
	}
	if (failed != 0) {
		json_decref(writes);
		return v2m_err_set(err, V2M_TEMP, "cannot note a record: out "
		    "of memory");
	}
	return v2m_dynamo_flush(d, &writes, "note a record", err);
}

/* The mark of the owner stays: another process may be writing the owner's first
 * record. */
int
v2m_dynamo_unmark(struct v2m_dynamo *d, const struct v2m_record *old,
    const struct v2m_record *r, struct v2m_err *err)
{
	json_t *writes = json_array();
	struct marks now, before;
	size_t i;

	list_marks(&now, r, false);
	list_marks(&before, old, r == NULL);
	for (i = 0; i < before.n; i++)
		if (!has(&now, &before.keys[i]))
			json_array_append_new(writes, json_pack("{s:{s:o}}",
			    "DeleteRequest", "Key",
			    v2m_dynamo_key_json(&before.keys[i])));
	return v2m_dynamo_flush(d, &writes, "remove notes of a record", err);
}
