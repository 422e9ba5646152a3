/* Tickets, and POST /ticket. */
#include "gateway/ticket.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "flow/permission.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "store/document.h"

#define SWEEP 8		/* old ones that each new one takes away */

static void
hash_code(const char *code, char key[V2M_SHA256_HEX])
{
	struct v2m_sha256 h;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, code, strlen(code));
	v2m_sha256_final(&h, key);
}

void
v2m_ticket_sweep(struct v2m_store *s, int64_t now_ms)
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

/* What is asked for, and the answer. */
struct request {
	struct v2m_claims identity;
	const char *id;
	bool listen;
	char code[V2M_TICKET_SIZE];
};

static int
put_ticket(struct v2m_store *s, struct v2m_document *document,
    const struct request *r, struct v2m_err *err)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:b}", "id", r->id, "user",
	    r->identity.username, "issued", (json_int_t)r->identity.issued_s,
	    "listen", r->listen);
	char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	int ret = -1, got;

	json_decref(o);
	if (text == NULL) {
		v2m_err_set(err, V2M_TEMP, "cannot make a ticket: no memory");
	} else if (v2m_document_set(document, text, err) == 0) {
		got = v2m_document_put(s, document, err);
		if (got == 0)
			v2m_err_set(err, V2M_BUG, "a new ticket is taken");
		ret = got == 1 ? 0 : -1;
	}
	free(text);
	return ret;
}

/* A player asks for the MP3 again and again, but not after its session. */
static int64_t
end_of(const struct request *r, int64_t now_ms)
{
	int64_t session = r->identity.expires_s * 1000;

	if (!r->listen)
		return now_ms + V2M_TICKET_MS;
	return session < now_ms + V2M_TICKET_LISTEN_MS ? session :
	    now_ms + V2M_TICKET_LISTEN_MS;
}

/* Make one for a job that its identity may see (the caller has checked it). */
static int
make_ticket(struct v2m_services *s, struct request *r, struct v2m_err *err)
{
	uint8_t bytes[(V2M_TICKET_SIZE - 1) / 2];
	struct v2m_document document = { .kind = V2M_TICKET_DOCUMENT };
	char key[V2M_SHA256_HEX];
	int64_t now;
	int ret;

	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	v2m_ticket_sweep(s->store, now);
	v2m_random(bytes, sizeof bytes);
	v2m_text_hex(r->code, bytes, sizeof bytes);
	hash_code(r->code, key);
	memcpy(document.key, key, sizeof key);
	document.until = end_of(r, now);
	ret = put_ticket(s->store, &document, r, err);
	v2m_document_clear(&document);
	return ret;
}

static int
read_note(const struct v2m_document *document, struct v2m_claims *identity,
    char id[V2M_ID_SIZE], bool *listen, struct v2m_err *err)
{
	const char *for_id, *user;
	json_int_t issued;
	int ret = -1, player = 0;
	json_t *o = json_loads(v2m_document_text(document), 0, NULL);

	memset(identity, 0, sizeof *identity);
	if (json_unpack(o, "{s:s, s:s, s:I, s?b}", "id", &for_id, "user",
	    &user, "issued", &issued, "listen", &player) == 0 &&
	    v2m_id_valid(for_id)) {
		memcpy(id, for_id, V2M_ID_SIZE);
		v2m_text_copy(identity->username, sizeof identity->username,
		    user);
		identity->issued_s = issued;
		*listen = player;
		ret = 0;
	} else {
		v2m_err_set(err, V2M_BUG, "a ticket in the store is damaged");
	}
	json_decref(o);
	return ret;
}

static int
none(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DENIED, "not authorized");
}

int
v2m_ticket_open(struct v2m_services *s, const char *code,
    struct v2m_claims *identity, char id[V2M_ID_SIZE], bool *listen,
    struct v2m_err *err)
{
	char key[V2M_SHA256_HEX];
	struct v2m_document document;
	int64_t now;
	int ret = -1, got;

	if (strlen(code) != V2M_TICKET_SIZE - 1)
		return none(err);
	memset(&document, 0, sizeof document);
	hash_code(code, key);
	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	got = v2m_document_get(s->store, V2M_TICKET_DOCUMENT, key, &document,
	    err);
	if (got == 1 && now < document.until)
		ret = read_note(&document, identity, id, listen, err);
	else if (got >= 0)
		none(err);
	v2m_document_clear(&document);
	return ret;
}

static void
reply_ticket(struct v2m_rq *rq, const char *code)
{
	char url[V2M_TICKET_SIZE + 32];

	snprintf(url, sizeof url, "/download?ticket=%s", code);
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	v2m_rq_reply_json(rq, 200, json_pack("{s:s, s:s}", "ticket", code,
	    "url", url));
}

static int
make_for_mp3(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *r = arg;
	struct v2m_record record;

	return v2m_permitted_mp3(s, &r->identity, r->id, &record, err) < 0 ?
	    -1 : make_ticket(s, r, err);
}

void
v2m_ticket_post(struct v2m_rq *rq)
{
	const char *listen = v2m_rq_query(rq, "listen");
	struct request r = { .listen = listen != NULL };
	struct v2m_err err;

	if (!v2m_identity(rq, &r.identity) ||
	    (r.id = v2m_fail_or_id(rq, "fid")) == NULL)
		return;
	v2m_rq_note(rq, "job", r.id);
	if (r.listen && strcmp(listen, "1") != 0)
		v2m_fail_text(rq, 400, V2M_USAGE,
		    "listen has to be 1 or left out");
	else if (v2m_pool_use(v2m_rq_pool(rq), make_for_mp3, &r, &err) < 0)
		v2m_fail(rq, &err);
	else
		reply_ticket(rq, r.code);
}
