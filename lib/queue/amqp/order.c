/* order.c - does a queue keep the order of its messages?
 *
 * A queue with priorities does not.  The protocol has no way to ask for the
 * arguments of a queue; but declaring it with other arguments is refused, and
 * the error names the first one that differs.  So the queue is declared with
 * the arguments that are known so far, until the broker agrees, or names the
 * priorities. */
#include "queue/amqp/amqp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ARGUMENTS 12

struct guess {
	bool durable, auto_delete;
	amqp_table_entry_t entries[MOST_ARGUMENTS];
	char names[MOST_ARGUMENTS][64], values[MOST_ARGUMENTS][256];
	int n;
};

/* The quoted text after `mark`; "": there is none. */
static void
quoted(const char *text, const char *mark, char *dst, size_t size)
{
	const char *from = strstr(text, mark);
	size_t n;

	dst[0] = '\0';
	if (from == NULL)
		return;
	from += strlen(mark);
	n = strcspn(from, "'");
	if (n < size && from[n] == '\'') {
		memcpy(dst, from, n);
		dst[n] = '\0';
	}
}

static void
set_value(amqp_field_value_t *v, const char *type, char *value)
{
	if (strcmp(type, "longstr") == 0) {
		v->kind = AMQP_FIELD_KIND_UTF8;
		v->value.bytes = amqp_cstring_bytes(value);
	} else if (strcmp(type, "bool") == 0) {
		v->kind = AMQP_FIELD_KIND_BOOLEAN;
		v->value.boolean = strcmp(value, "true") == 0;
	} else {
		v->kind = AMQP_FIELD_KIND_I64;
		v->value.i64 = strtoll(value, NULL, 10);
	}
}

/* Add what the broker's error tells to the guess.  It says: inequivalent arg
 * 'x-max-length' for queue 'video' in vhost '/': received none but current is
 * the value '1000' of type 'long'; or, for a property that is not an argument:
 * arg 'durable' ...: received 'true' but current is 'false'.  RabbitMQ 4 says
 * it like that of x-queue-type: received 'classic' but current is 'quorum'.
 * false: it tells nothing new, or it names the priorities. */
static bool
learn(struct guess *g, const char *text)
{
	char name[64], type[64], *value;

	quoted(text, "inequivalent arg '", name, sizeof name);
	if (strcmp(name, "durable") == 0 && g->durable) {
		g->durable = false;
		return true;
	}
	if (strcmp(name, "auto_delete") == 0 && !g->auto_delete) {
		g->auto_delete = true;
		return true;
	}
	if (strncmp(name, "x-", 2) != 0 || g->n == MOST_ARGUMENTS ||
	    strcmp(name, "x-max-priority") == 0)
		return false;
	value = g->values[g->n];
	quoted(text, "current is the value '", value, sizeof g->values[0]);
	quoted(text, "' of type '", type, sizeof type);
	if (value[0] == '\0') {
		quoted(text, "current is '", value, sizeof g->values[0]);
		snprintf(type, sizeof type, "longstr");
	}
	if (value[0] == '\0' || type[0] == '\0')
		return false;
	memcpy(g->names[g->n], name, sizeof name);
	g->entries[g->n].key = amqp_cstring_bytes(g->names[g->n]);
	set_value(&g->entries[g->n].value, type, value);
	g->n++;
	return true;
}

static void
copy_reply(char *dst, size_t size, const amqp_rpc_reply_t *reply)
{
	const amqp_channel_close_t *c = reply->reply.decoded;

	dst[0] = '\0';
	if (reply->reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    reply->reply.id == AMQP_CHANNEL_CLOSE_METHOD)
		snprintf(dst, size, "%.*s", (int)c->reply_text.len,
		    c->reply_text.len == 0 ? "" :
		    (const char *)c->reply_text.bytes);
}

/* 1: the guess is right; 0: it is not, and text has the error; -1. */
static int
declare(struct v2m_amqp_link *l, const char *queue, struct guess *g,
    char *text, size_t size, struct v2m_err *err)
{
	amqp_table_t arguments = { g->n, g->entries };
	amqp_rpc_reply_t reply;
	int code;

	if (v2m_amqp_connect(l, err) < 0)
		return -1;
	v2m_amqp_doing(l, "look at", queue);
	amqp_queue_declare(l->state, V2M_AMQP_CHANNEL,
	    amqp_cstring_bytes(queue), 0, g->durable, 0, g->auto_delete,
	    arguments);
	reply = amqp_get_rpc_reply(l->state);
	copy_reply(text, size, &reply);
	if (v2m_amqp_check(l, reply, &code, err) < 0)
		return code == AMQP_PRECONDITION_FAILED ||
		    code == AMQP_ACCESS_REFUSED ? 0 : -1;
	v2m_amqp_tidy(l);
	return 1;
}

int
v2m_amqp_in_order(void *self, const char *queue, struct v2m_err *err)
{
	struct guess g = { .durable = true };
	struct v2m_amqp *q = self;
	char text[1024];
	int64_t n;
	int is, there = v2m_amqp_count(&q->out, queue, &n, err);

	if (there != 1)
		return there;
	do
		is = declare(&q->out, queue, &g, text, sizeof text, err);
	while (is == 0 && learn(&g, text));
	return is;
}
