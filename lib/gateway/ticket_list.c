/* The list is JSON: [[key, until], ...], the oldest first. */
#include "gateway/ticket_list.h"

#include <jansson.h>
#include <stdlib.h>

#include "flow/limits.h"
#include "store/document.h"

#define MOST_TRIES 100		/* if other requests of the account win */

struct list {
	struct v2m_document document;
	json_t *json;
};

static int64_t
until_of(const json_t *list, size_t i)
{
	return json_integer_value(json_array_get(json_array_get(list, i), 1));
}

static int
open_list(struct v2m_services *s, const char *owner, struct list *l,
    struct v2m_err *err)
{
	int64_t now;
	size_t i;

	if (v2m_document_get(s->store, V2M_TICKETS_DOCUMENT, owner,
	    &l->document, err) < 0 || v2m_store_now(s->store, &now, err) < 0)
		return -1;
	l->json = json_loads(v2m_document_text(&l->document), 0, NULL);
	if (!json_is_array(l->json)) {	/* none yet */
		json_decref(l->json);
		l->json = json_array();
	}
	for (i = json_array_size(l->json); i-- > 0; )
		if (until_of(l->json, i) <= now)
			json_array_remove(l->json, i);
	return 0;
}

static void
close_list(struct list *l)
{
	json_decref(l->json);
	v2m_document_clear(&l->document);
}

/* Remove the oldest tickets, if there are too many. */
static int
end_oldest(struct v2m_services *s, json_t *list, struct v2m_err *err)
{
	const char *key;

	while (json_array_size(list) >= V2M_TICKETS_MOST) {
		key = json_string_value(json_array_get(json_array_get(list,
		    0), 0));
		if (key != NULL && v2m_document_drop(s->store,
		    V2M_TICKET_DOCUMENT, key, 0, err) < 0)
			return -1;
		json_array_remove(list, 0);
	}
	return 0;
}

/* 1; 0: another request was faster; -1. */
static int
write_list(struct v2m_services *s, struct list *l, struct v2m_err *err)
{
	char *text = json_dumps(l->json, JSON_COMPACT);
	size_t i, n = json_array_size(l->json);
	int put = -1;

	if (text == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	for (i = 0; i < n; i++)
		if (until_of(l->json, i) > l->document.until)
			l->document.until = until_of(l->json, i);
	if (v2m_document_set(&l->document, text, err) == 0)
		put = v2m_document_put(s->store, &l->document, err);
	free(text);
	return put;
}

static int
add_once(struct v2m_services *s, const char *owner, const char *key,
    int64_t until, struct v2m_err *err)
{
	struct list l = { .json = NULL };
	int put = -1;

	if (open_list(s, owner, &l, err) == 0 &&
	    end_oldest(s, l.json, err) == 0)
		put = json_array_append_new(l.json, json_pack("[s, I]", key,
		    (json_int_t)until)) < 0 ?
		    v2m_err_set(err, V2M_TEMP, "out of memory") :
		    write_list(s, &l, err);
	close_list(&l);
	return put;
}

int
v2m_ticket_list_add(struct v2m_services *s, const struct v2m_claims *identity,
    const char *key, int64_t until, struct v2m_err *err)
{
	int freed = identity->admin ? 1 :
	    v2m_limits_freed(s, identity->username, err);
	int tries, put;

	if (freed != 0)
		return freed < 0 ? -1 : 0;
	for (tries = 0; tries < MOST_TRIES; tries++) {
		put = add_once(s, identity->username, key, until, err);
		if (put != 0)
			return put < 0 ? -1 : 0;
	}
	return v2m_err_busy(err, "too many tickets at a time");
}
