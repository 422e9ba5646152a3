/* Tickets for a ZIP: documents like those of ticket.c, under a key that no
 * download asks for. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "gateway/ticket.h"
#include "gateway/zip.h"
#include "store/document.h"

static void
find_key(const char *code, char key[V2M_SHA256_HEX])
{
	struct v2m_sha256 h;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, "zip ", 4);
	v2m_sha256_update(&h, code, strlen(code));
	v2m_sha256_final(&h, key);
}

/* {"user", "issued", "ids": the digits of all, one after the other} */
static char *
compose(const struct v2m_claims *identity, char ids[][V2M_ID_SIZE], size_t n)
{
	char *all = malloc(n * (V2M_ID_SIZE - 1) + 1), *text;
	json_t *o;
	size_t i;

	if (all == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		memcpy(all + i * (V2M_ID_SIZE - 1), ids[i], V2M_ID_SIZE);
	o = json_pack("{s:s, s:I, s:s}", "user", identity->username, "issued",
	    (json_int_t)identity->issued_s, "ids", all);
	text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
	free(all);
	return text;
}

int
v2m_zip_ticket_make(struct v2m_store *s, const struct v2m_claims *identity,
    char ids[][V2M_ID_SIZE], size_t n, char code[V2M_TICKET_SIZE],
    struct v2m_err *err)
{
	struct v2m_document document = { .kind = V2M_TICKET_DOCUMENT };
	uint8_t bytes[(V2M_TICKET_SIZE - 1) / 2];
	char *text, key[V2M_SHA256_HEX];
	int64_t now;
	int ret = -1;

	if (v2m_store_now(s, &now, err) < 0)
		return -1;
	v2m_ticket_sweep(s, now);
	v2m_random(bytes, sizeof bytes);
	v2m_text_hex(code, bytes, sizeof bytes);
	find_key(code, key);
	memcpy(document.key, key, sizeof key);
	document.until = now + V2M_TICKET_MS;
	text = compose(identity, ids, n);
	if (text == NULL)
		v2m_err_set(err, V2M_TEMP, "cannot make a ticket: no memory");
	else if (v2m_document_set(&document, text, err) == 0)
		ret = v2m_document_put(s, &document, err) == 1 ? 0 : -1;
	free(text);
	v2m_document_clear(&document);
	return ret;
}

static int
read_note(const char *text, struct v2m_claims *identity,
    char ids[V2M_ZIP_MOST][V2M_ID_SIZE], size_t *n, struct v2m_err *err)
{
	json_t *o = json_loads(text, 0, NULL);
	const char *user, *all;
	json_int_t issued;
	int ret = -1;

	memset(identity, 0, sizeof *identity);
	*n = 0;
	if (json_unpack(o, "{s:s, s:I, s:s}", "user", &user, "issued", &issued,
	    "ids", &all) == 0) {
		v2m_text_copy(identity->username, sizeof identity->username,
		    user);
		identity->issued_s = issued;
		for (; *n < V2M_ZIP_MOST && strlen(all) >= V2M_ID_SIZE - 1;
		    all += V2M_ID_SIZE - 1)
			memcpy(ids[(*n)++], all, V2M_ID_SIZE - 1);
		ret = 0;
	} else {
		v2m_err_set(err, V2M_BUG, "a ticket in the store is damaged");
	}
	json_decref(o);
	return ret;
}

int
v2m_zip_ticket_open(struct v2m_store *s, const char *code,
    struct v2m_claims *identity, char ids[V2M_ZIP_MOST][V2M_ID_SIZE],
    size_t *n, struct v2m_err *err)
{
	struct v2m_document document = { .rev = 0 };
	char key[V2M_SHA256_HEX];
	int64_t now;
	int got, ret = -1;

	find_key(code, key);
	if (v2m_store_now(s, &now, err) < 0)
		return -1;
	got = v2m_document_get(s, V2M_TICKET_DOCUMENT, key, &document, err);
	if (got == 1 && now < document.until)
		ret = read_note(v2m_document_text(&document), identity, ids, n,
		    err);
	else if (got >= 0)
		v2m_err_set(err, V2M_DENIED, "not authorized");
	v2m_document_clear(&document);
	return ret;
}
