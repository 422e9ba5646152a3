/* Records as items. */
#include "store/aws/dynamo.h"

#include <string.h>

/* Prefix of the partition key in the index. */
#define OPEN_PREFIX "open"

void
v2m_dynamo_record_key(struct v2m_dynamo_key *key, const char *id)
{
	v2m_dynamo_sharded(key, "job", id);
}

void
v2m_dynamo_parse(const json_t *item, struct v2m_record *r)
{
	const struct v2m_field *f;

	memset(r, 0, sizeof *r);
	v2m_text_copy(r->id, sizeof r->id, v2m_dynamo_text_of(item, "s"));
	r->rev = v2m_dynamo_number_of(item, "rev");
	for (f = v2m_record_fields; f->name != NULL; f++)
		if (f->kind == V2M_FIELD_INT)
			*v2m_field_int(r, f) = v2m_dynamo_number_of(item,
			    f->name);
		else
			v2m_field_read(r, f, v2m_dynamo_text_of(item,
			    f->name));
}

static json_t *
value_of(const struct v2m_record *r, const struct v2m_field *f)
{
	int64_t number = 0;
	const char *text = v2m_field_stored(r, f, &number);

	if (text != NULL)
		return text[0] == '\0' ? NULL : v2m_dynamo_text(text);
	return number == 0 ? NULL : v2m_dynamo_number(number);
}

static void
set_or_remove(struct v2m_dynamo_change *c, const char *name, json_t *value)
{
	if (value != NULL)
		json_object_set_new(c->set, name, value);
	else if (c->old_rev != 0)
		json_array_append_new(c->remove, json_string(name));
}

/* Records that a worker, a notifier or a sweep still has to deal with. */
bool
v2m_dynamo_is_open(const struct v2m_record *r)
{
	if (r->state == V2M_JOB_CANCELLED)
		return false;
	return r->state <= V2M_JOB_RUNNING || r->end_published_at == 0 ||
	    !v2m_told_is_over((enum v2m_told)r->told) ||
	    r->told == V2M_TOLD_FAILED || r->told == V2M_TOLD_MAYBE;
}

static json_t *
open_value(const struct v2m_record *r)
{
	struct v2m_dynamo_key key;

	if (!v2m_dynamo_is_open(r))
		return NULL;
	v2m_dynamo_sharded(&key, OPEN_PREFIX, r->id);
	return v2m_dynamo_text(key.k);
}

void
v2m_dynamo_compose(struct v2m_dynamo_change *c, const struct v2m_record *r,
    const struct v2m_record *old)
{
	const struct v2m_field *f;

	c->set = json_pack("{s:o}", "rev", v2m_dynamo_number(r->rev));
	c->remove = json_array();
	for (f = v2m_record_fields; f->name != NULL; f++)
		if (v2m_field_differs(old, r, f))
			set_or_remove(c, f->name, value_of(r, f));
	if (c->old_rev == 0 || v2m_dynamo_is_open(r) != v2m_dynamo_is_open(old))
		set_or_remove(c, V2M_DYNAMO_OPEN, open_value(r));
}
