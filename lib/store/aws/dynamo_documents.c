/* Documents (store/document.h). */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
note_prefix(char prefix[32], const char *kind)
{
	snprintf(prefix, 32, "note#%s", kind);
}

static void
key_of(struct v2m_dynamo_key *key, const char *kind, const char *name)
{
	char prefix[32];

	note_prefix(prefix, kind);
	v2m_dynamo_sharded(key, prefix, name);
}

static int
fill(struct v2m_document *n, const json_t *item, struct v2m_err *err)
{
	v2m_text_copy(n->key, sizeof n->key, v2m_dynamo_text_of(item, "s"));
	n->rev = v2m_dynamo_number_of(item, "rev");
	n->until = v2m_dynamo_number_of(item, "until");
	n->text = strdup(v2m_dynamo_text_of(item, "text"));
	return n->text == NULL ?
	    v2m_err_sys(err, V2M_TEMP, "cannot read a document") : 0;
}

int
v2m_dynamo_document_get(void *self, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err)
{
	struct v2m_dynamo_key place;
	json_t *item;
	int found;

	key_of(&place, kind, key);
	found = v2m_dynamo_get(self, &place, &item, "read a document", err);
	if (found == 1 && fill(n, item, err) < 0)
		found = -1;
	json_decref(item);
	return found;
}

int
v2m_dynamo_document_put(void *self, const struct v2m_document *n,
    int64_t old_rev, struct v2m_err *err)
{
	char doing[32 + V2M_DOCUMENT_KIND];
	struct v2m_dynamo_key place;
	struct v2m_dynamo_change c = { .key = &place, .old_rev = old_rev,
	    .doing = doing };
	const char *text = v2m_document_text(n);

	snprintf(doing, sizeof doing, "write a document (%s)", n->kind);
	key_of(&place, n->kind, n->key);
	c.set = json_pack("{s:o, s:o}", "rev", v2m_dynamo_number(n->rev),
	    "until", v2m_dynamo_number(n->until));
	if (text[0] != '\0')
		json_object_set_new(c.set, "text", v2m_dynamo_text(text));
	else if (old_rev != 0)
		c.remove = json_pack("[s]", "text");
	return v2m_dynamo_change(self, &c, err);
}

int
v2m_dynamo_document_drop(void *self, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err)
{
	struct v2m_dynamo_key place;

	key_of(&place, kind, key);
	return v2m_dynamo_delete(self, &place, rev, "remove a document", err);
}

struct listing {
	struct v2m_document *list;
	size_t *n, most;
	int64_t until_before;
	const char *kind;
	struct v2m_err *err;
};

/* 1: the list is full. */
static int
add_document(void *arg, const json_t *item)
{
	struct listing *l = arg;
	int64_t until = v2m_dynamo_number_of(item, "until");
	struct v2m_document *n;

	if (l->until_before != 0 && (until <= 0 || until >= l->until_before))
		return 0;
	n = &l->list[(*l->n)++];
	v2m_text_copy(n->kind, sizeof n->kind, l->kind);
	if (fill(n, item, l->err) < 0)
		return -1;
	return *l->n == l->most;
}

int
v2m_dynamo_document_list(void *self, const char *kind, int64_t until_before,
    const char *after, int limit, struct v2m_document **list, size_t *n,
    struct v2m_err *err)
{
	char prefix[32];
	struct v2m_dynamo_range range = { .prefix = prefix, .sharded = true,
		.bound = after, .page = 100 };
	struct listing l = { .n = n, .most = (size_t)limit, .kind = kind,
		.until_before = until_before, .err = err };

	note_prefix(prefix, kind);
	*list = l.list = calloc((size_t)limit + 1, sizeof **list);
	if (l.list == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot list documents");
	return limit == 0 ? 0 : v2m_dynamo_walk(self, &range, add_document, &l,
	    "list documents", err) < 0 ? -1 : 0;
}
