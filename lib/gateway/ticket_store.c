/* Stores tickets as documents. */
#include "gateway/ticket_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/id.h"
#include "gateway/ticket_list.h"
#include "store/document.h"

#define SWEEP 8		/* old tickets to remove with each new one */

static void
find_key(const char *opens, const char *code, char key[V2M_SHA256_HEX])
{
	struct v2m_sha256 h;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, opens, strlen(opens));
	v2m_sha256_update(&h, code, strlen(code));
	v2m_sha256_final(&h, key);
}

/* Remove some old tickets, so that there are few even if v2m-prune is rarely
 * run. */
static void
sweep(struct v2m_store *s, int64_t now_ms)
{
	struct v2m_document *list;
	struct v2m_err ignored;
	size_t i, n;

	if (v2m_document_list(s, V2M_TICKET_DOCUMENT, now_ms, NULL, SWEEP,
	    &list, &n, &ignored) < 0)
		return;
	for (i = 0; i < n; i++)
		v2m_document_drop(s, V2M_TICKET_DOCUMENT, list[i].key,
		    list[i].rev, &ignored);
	v2m_documents_free(list, n);
}

static char *
compose(const struct v2m_claims *identity, json_t *what)
{
	char *text = NULL;

	if (json_object_set_new(what, "user",
	    json_string(identity->username)) == 0 &&
	    json_object_set_new(what, "issued",
	    json_integer(identity->issued_s)) == 0)
		text = json_dumps(what, JSON_COMPACT);
	json_decref(what);
	return text;
}

int
v2m_ticket_keep(struct v2m_services *s, const char *opens,
    const struct v2m_claims *identity, json_t *what, int64_t lasts_ms,
    char code[V2M_TICKET_SIZE], struct v2m_err *err)
{
	struct v2m_document document = { .kind = V2M_TICKET_DOCUMENT };
	char *text = compose(identity, what), key[V2M_SHA256_HEX];
	uint8_t bytes[(V2M_TICKET_SIZE - 1) / 2];
	int64_t now;
	int put = -1;

	if (text == NULL)
		return v2m_err_set(err, V2M_TEMP, "cannot make a ticket: no "
		    "memory");
	v2m_random(bytes, sizeof bytes);
	v2m_text_hex(code, bytes, sizeof bytes);
	find_key(opens, code, key);
	memcpy(document.key, key, sizeof key);
	if (v2m_store_now(s->store, &now, err) == 0 &&
	    v2m_document_set(&document, text, err) == 0 &&
	    v2m_ticket_list_add(s, identity, key, now + lasts_ms, err) == 0) {
		sweep(s->store, now);
		document.until = now + lasts_ms;
		put = v2m_document_put(s->store, &document, err);
		if (put == 0)
			v2m_err_set(err, V2M_BUG, "a new ticket is taken");
	}
	free(text);
	v2m_document_clear(&document);
	return put == 1 ? 0 : -1;
}

static int
read_what(const char *text, struct v2m_claims *identity, json_t **what,
    struct v2m_err *err)
{
	json_t *o = json_loads(text, 0, NULL);
	const char *user;
	json_int_t issued;

	memset(identity, 0, sizeof *identity);
	if (json_unpack(o, "{s:s, s:I}", "user", &user, "issued",
	    &issued) < 0) {
		json_decref(o);
		return v2m_ticket_damaged(err);
	}
	v2m_text_copy(identity->username, sizeof identity->username, user);
	identity->issued_s = issued;
	*what = o;
	return 0;
}

int
v2m_ticket_find(struct v2m_store *s, const char *opens, const char *code,
    struct v2m_claims *identity, json_t **what, struct v2m_err *err)
{
	struct v2m_document document = { .rev = 0 };
	char key[V2M_SHA256_HEX];
	int64_t now;
	int ret = -1, got;

	if (strlen(code) != V2M_TICKET_SIZE - 1)
		return v2m_err_set(err, V2M_DENIED, "not authorized");
	find_key(opens, code, key);
	if (v2m_store_now(s, &now, err) < 0)
		return -1;
	got = v2m_document_get(s, V2M_TICKET_DOCUMENT, key, &document, err);
	if (got == 1 && now < document.until)
		ret = read_what(v2m_document_text(&document), identity, what,
		    err);
	else if (got >= 0)
		v2m_err_set(err, V2M_DENIED, "not authorized");
	v2m_document_clear(&document);
	return ret;
}

int
v2m_ticket_damaged(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_BUG, "a ticket in the store is damaged");
}
