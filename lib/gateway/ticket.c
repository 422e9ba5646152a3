/* Tickets for an MP3, and POST /ticket. */
#include "gateway/ticket.h"

#include <stdio.h>
#include <string.h>

#include "flow/permission.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "gateway/ticket_store.h"

/* The request and the answer. */
struct request {
	struct v2m_claims identity;
	const char *id;
	bool listen;
	char code[V2M_TICKET_SIZE];
};

/* A player reads the MP3 again and again, so its ticket is valid for longer,
 * but not beyond the session. */
static int64_t
end_of(const struct request *r, int64_t now_ms)
{
	int64_t session = r->identity.expires_s * 1000;

	if (!r->listen)
		return now_ms + V2M_TICKET_MS;
	return session < now_ms + V2M_TICKET_LISTEN_MS ? session :
	    now_ms + V2M_TICKET_LISTEN_MS;
}

/* Make a ticket.  The caller has checked the user's permission for the job. */
static int
make_ticket(struct v2m_services *s, struct request *r, struct v2m_err *err)
{
	int64_t now;

	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	return v2m_ticket_keep(s, "", &r->identity,
	    json_pack("{s:s, s:b}", "id", r->id, "listen", r->listen),
	    end_of(r, now) - now, r->code, err);
}

int
v2m_ticket_open(struct v2m_services *s, const char *code,
    struct v2m_claims *identity, char id[V2M_ID_SIZE], bool *listen,
    struct v2m_err *err)
{
	int ret = 0, player = 0;
	const char *for_id;
	json_t *what;

	if (v2m_ticket_find(s->store, "", code, identity, &what, err) < 0)
		return -1;
	if (json_unpack(what, "{s:s, s?b}", "id", &for_id, "listen",
	    &player) == 0 && v2m_id_valid(for_id)) {
		memcpy(id, for_id, V2M_ID_SIZE);
		*listen = player;
	} else {
		ret = v2m_ticket_damaged(err);
	}
	json_decref(what);
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
