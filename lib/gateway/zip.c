/* POST /zip: the MP3s of several jobs as one ZIP, or a ticket for that; and GET
 * /zip?ticket=, for browsers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/session.h"
#include "flow/permission.h"
#include "flow/status.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "gateway/ticket.h"
#include "gateway/zip.h"

#define BODY_MOST ((size_t)V2M_ZIP_MOST * 1024)	/* bytes */
#define PORTION 50	/* jobs looked up by one connection to the store */

struct zip_request {
	struct v2m_claims identity;
	size_t length;			/* of the body, so far */
	bool too_many, wrong;		/* lines; a line without an ID */
	size_t column;			/* in the line */
	size_t n;
	char ids[V2M_ZIP_MOST][V2M_ID_SIZE];
	uint16_t order[V2M_ZIP_MOST];	/* of the IDs, sorted by digits */
	char line[V2M_ID_SIZE];
	size_t sorted, kept;		/* IDs looked up; that have an MP3 */
	json_t *left_out;		/* IDs without an MP3, and why */
	char code[V2M_TICKET_SIZE];
	struct v2m_zip *zip;		/* that is being sent */
};

static struct zip_request *
new_request(struct v2m_rq *rq)
{
	struct zip_request *q = calloc(1, sizeof *q);

	if (q == NULL)
		v2m_fail_text(rq, 503, V2M_TEMP, "try again");
	v2m_rq_set_state(rq, q);
	return q;
}

void
v2m_zip_begin(struct v2m_rq *rq)
{
	struct v2m_claims identity;
	struct zip_request *q;

	if (!v2m_identity(rq, &identity) || (q = new_request(rq)) == NULL)
		return;
	q->identity = identity;
}

/* --- the IDs: one a line, up to the first tab --- */

/* Each once, in the order in which they came. */
static void
take_id(struct zip_request *q, const char *id)
{
	size_t low = 0, high = q->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int cmp = strcmp(q->ids[q->order[mid]], id);

		if (cmp == 0)
			return;
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (q->n == V2M_ZIP_MOST) {
		q->too_many = true;
		return;
	}
	memmove(q->order + low + 1, q->order + low,
	    (q->n - low) * sizeof *q->order);
	q->order[low] = (uint16_t)q->n;
	memcpy(q->ids[q->n++], id, V2M_ID_SIZE);
}

static void
end_line(struct zip_request *q)
{
	size_t n = strcspn(q->line, "\t\r");

	q->line[n] = '\0';
	if (q->column > 0 && !v2m_id_valid(q->line))
		q->wrong = true;
	else if (q->column > 0)
		take_id(q, q->line);
	memset(q->line, 0, sizeof q->line);
	q->column = 0;
}

static void
take_byte(struct zip_request *q, char c)
{
	if (c == '\n') {
		end_line(q);
		return;
	}
	if (q->column < V2M_ID_SIZE - 1)
		q->line[q->column] = c;
	else if (q->column == V2M_ID_SIZE - 1 && c != '\t' && c != '\r')
		q->wrong = true;	/* it is longer than any ID */
	q->column++;
}

static void
fail_too_many(struct v2m_rq *rq)
{
	v2m_fail_text(rq, 413, V2M_USAGE, "more than %d jobs", V2M_ZIP_MOST);
}

void
v2m_zip_body(struct v2m_rq *rq, const void *buf, size_t n)
{
	struct zip_request *q = v2m_rq_state(rq);
	size_t i;

	q->length += n;
	if (q->length > BODY_MOST) {
		v2m_fail_text(rq, 413, V2M_USAGE, "the body is too long");
		return;
	}
	for (i = 0; i < n; i++)
		take_byte(q, ((const char *)buf)[i]);
	if (q->too_many)
		fail_too_many(rq);
	else if (q->wrong)
		v2m_fail_text(rq, 400, V2M_USAGE, "the body is not IDs, one "
		    "per line");
}

/* --- looking the jobs up --- */

static void
leave_out(struct zip_request *q, const struct v2m_record *r)
{
	json_array_append_new(q->left_out, json_pack("{s:s, s:s, s:s}", "id",
	    r->id, "name", r->name, "state", v2m_status_word(r)));
}

/* Look the next ones up.  V2M_NOINPUT: a job does not exist, or is not the
 * user's. */
static int
sort_portion(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct zip_request *q = arg;
	struct v2m_record r;
	size_t i;

	for (i = 0; i < PORTION && q->sorted < q->n; i++, q->sorted++) {
		if (v2m_permitted_mp3(s, &q->identity, q->ids[q->sorted], &r,
		    err) < 0)
			return -1;
		if (r.state == V2M_JOB_DONE && r.mp3[0] != '\0')
			memmove(q->ids[q->kept++], q->ids[q->sorted],
			    V2M_ID_SIZE);
		else
			leave_out(q, &r);
	}
	return 0;
}

/* Keep the jobs that have an MP3.  Other requests get the connection in
 * between. */
static int
sort_out(struct v2m_rq *rq, struct zip_request *q, struct v2m_err *err)
{
	q->left_out = json_array();
	while (q->sorted < q->n)
		if (v2m_pool_use(v2m_rq_pool(rq), sort_portion, q, err) < 0)
			return -1;
	q->n = q->kept;
	return 0;
}

/* --- the answer --- */

static void
send_zip(struct v2m_rq *rq, struct zip_request *q)
{
	q->zip = v2m_zip_new(v2m_rq_conf(rq), v2m_rq_pool(rq), &q->identity,
	    q->ids[0], q->n);
	if (q->zip == NULL) {
		v2m_fail_text(rq, 503, V2M_TEMP, "try again");
		return;
	}
	v2m_rq_reply_header(rq, "Content-Type", "application/zip");
	v2m_rq_reply_header(rq, "Content-Disposition",
	    "attachment; filename=\"mp3s.zip\"");
	v2m_rq_reply_header(rq, "Content-Security-Policy", "sandbox");
	v2m_rq_reply_header(rq, "Accept-Ranges", "none");
	v2m_rq_reply_stream(rq, 200, -1, v2m_zip_read, q->zip, NULL);
}

static int
make_ticket(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct zip_request *q = arg;

	return v2m_zip_ticket_make(s, &q->identity, q->ids, q->n,
	    q->code, err);
}

static void
send_ticket(struct v2m_rq *rq, struct zip_request *q)
{
	char url[V2M_TICKET_SIZE + 32];
	struct v2m_err err;

	if (v2m_pool_use(v2m_rq_pool(rq), make_ticket, q, &err) < 0) {
		v2m_fail(rq, &err);
		return;
	}
	snprintf(url, sizeof url, "/zip?ticket=%s", q->code);
	v2m_rq_reply_json(rq, 200, json_pack("{s:s, s:s, s:I, s:O}", "ticket",
	    q->code, "url", url, "jobs", (json_int_t)q->n, "left_out",
	    q->left_out));
}

void
v2m_zip_end(struct v2m_rq *rq)
{
	struct zip_request *q = v2m_rq_state(rq);
	struct v2m_err err;

	end_line(q);
	if (q->too_many)
		fail_too_many(rq);
	else if (q->wrong || q->n == 0)
		v2m_fail_text(rq, 400, V2M_USAGE, "the body is not IDs, one "
		    "per line");
	else if (sort_out(rq, q, &err) < 0)
		v2m_fail(rq, &err);
	else if (q->n == 0)
		v2m_fail_text(rq, 410, V2M_FAILED, "none of these jobs has an "
		    "MP3");
	else if (v2m_rq_wants_json(rq))
		send_ticket(rq, q);
	else
		send_zip(rq, q);
}

struct opening {
	struct zip_request *q;
	const char *code;
};

static int
open_ticket(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct opening *o = arg;

	return v2m_zip_ticket_open(s->store, o->code, &o->q->identity,
	    o->q->ids, &o->q->n, err);
}

void
v2m_zip_get(struct v2m_rq *rq)
{
	struct opening o = { .code = v2m_rq_query(rq, "ticket") };
	struct v2m_err err;
	int ret;

	if (o.code == NULL) {
		v2m_fail_text(rq, 400, V2M_USAGE, "ticket is required");
		return;
	}
	if ((o.q = new_request(rq)) == NULL)
		return;
	ret = v2m_pool_use(v2m_rq_pool(rq), open_ticket, &o, &err);
	if (ret == 0)
		ret = v2m_session_confirm(v2m_rq_conf(rq), &o.q->identity,
		    &err);
	if (ret < 0 && err.code == V2M_DENIED && !v2m_err_is_access(&err))
		v2m_err_set(&err, V2M_DENIED, "not authorized");
	if (ret < 0)
		v2m_fail(rq, &err);
	else
		send_zip(rq, o.q);
}

void
v2m_zip_release(struct v2m_rq *rq)
{
	struct zip_request *q = v2m_rq_state(rq);

	if (q == NULL)
		return;
	if (q->zip != NULL && !v2m_rq_aborted(rq))
		v2m_zip_note_fetched(q->zip);
	v2m_zip_free(q->zip);
	json_decref(q->left_out);
	free(q);
}
