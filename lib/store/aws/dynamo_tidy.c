/* Remove what killed writers left: chunks without a head, fences without a
 * partial upload. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <string.h>

struct tidy {
	struct v2m_dynamo *d;
	const struct v2m_tidy *wanted;
	struct v2m_err *err;
};

/* Do the chunks with this word belong to an object? */
static int
has_head(struct tidy *t, const json_t *item, const char *word)
{
	enum v2m_kind kind = v2m_dynamo_number_of(item, "kind") == V2M_MP3 ?
	    V2M_MP3 : V2M_VIDEO;
	struct v2m_dynamo_head head;
	int found = v2m_dynamo_head(t->d, kind, v2m_dynamo_text_of(item, "id"),
	    &head, t->err);

	return found == 1 ? strcmp(head.word, word) == 0 : found;
}

static int
tidy_pending(void *arg, const json_t *item)
{
	struct tidy *t = arg;
	char word[V2M_DYNAMO_WORD], shown[64];
	int found;

	if (v2m_dynamo_number_of(item, "at") >= t->wanted->before_ms)
		return 0;
	v2m_text_copy(word, sizeof word, v2m_dynamo_text_of(item, "s"));
	found = has_head(t, item, word);
	if (found < 0)
		return -1;
	if (found == 0) {
		snprintf(shown, sizeof shown, "bytes#%s", word);
		t->wanted->each(t->wanted->arg, shown);
	}
	if (t->wanted->dry)
		return 0;
	if (found == 0 && v2m_dynamo_find_and_delete(t->d, word, 0, INT64_MAX,
	    t->err) < 0)
		return -1;
	return v2m_dynamo_unpend(t->d, word, t->err);
}

/* A fence without a partial upload, and so old that none can be in progress:
 * the upload's document is written before the fence and removed before it. */
static int
tidy_partial(void *arg, const json_t *item)
{
	const char *id = v2m_dynamo_text_of(item, "s");
	struct tidy *t = arg;
	char shown[64];
	int found;

	if (!v2m_id_valid(id) || v2m_id_time_ms(id) >= t->wanted->before_ms)
		return 0;
	found = t->wanted->is_partial(t->wanted->partials, id, t->err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	snprintf(shown, sizeof shown, "partial#%s", id);
	t->wanted->each(t->wanted->arg, shown);
	return t->wanted->dry ? 0 :
	    v2m_dynamo_partial_erase(t->d, id, t->err);
}

int
v2m_dynamo_tidy(void *self, const struct v2m_tidy *wanted, struct v2m_err *err)
{
	struct v2m_dynamo_range range = { .prefix = "pending", .sharded = true,
		.bound = "", .page = 100 };
	struct tidy t = { self, wanted, err };

	if (v2m_dynamo_walk(self, &range, tidy_pending, &t,
	    "tidy what is left", err) < 0)
		return -1;
	range.prefix = "partial";
	return v2m_dynamo_walk(self, &range, tidy_partial, &t,
	    "tidy what is left", err);
}
