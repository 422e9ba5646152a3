/* content.c - reads the content of a delivery, and decides what is kept when
 * the message is put into another queue.  The time it was published is not
 * kept, as its place in the order is another then.
 *
 * A delayed message has two headers of ours: how often it was taken, and how
 * much of its delay is left.  A delay consists of several steps, and the broker
 * does not count every kind of redelivery. */
#include "queue/amqp/amqp.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define LARGEST (16 * 1024 * 1024)	/* bytes; a longer body is not kept */

#define DELIVERED "v2m-delivered"
#define REST "v2m-rest-ms"
#define UNTIL "v2m-until-ms"
#define PUBLISHED "v2m-published-ms"

#define KEPT (AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG \
	| AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_PRIORITY_FLAG \
	| AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_REPLY_TO_FLAG \
	| AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG \
	| AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG)

/* Headers that are not passed on: those that would send copies elsewhere, those
 * that the broker writes itself, and ours. */
static const char *const dropped[] = { "CC", "BCC", "x-death",
	"x-first-death-exchange", "x-first-death-queue",
	"x-first-death-reason", "x-last-death-exchange",
	"x-last-death-queue", "x-last-death-reason", "x-delivery-count",
	DELIVERED, REST, UNTIL, PUBLISHED, NULL };

static bool
has_name(const amqp_table_entry_t *e, const char *name)
{
	return e->key.len == strlen(name) &&
	    memcmp(e->key.bytes, name, e->key.len) == 0;
}

/* The value of a header that is a number; 0: there is none. */
static int64_t
header_number(const amqp_table_t *t, const char *name, bool *found)
{
	int i;

	for (i = 0; i < t->num_entries; i++) {
		const amqp_field_value_t *v = &t->entries[i].value;

		if (!has_name(&t->entries[i], name))
			continue;
		*found = true;
		switch (v->kind) {
		case AMQP_FIELD_KIND_I8:
			return v->value.i8;
		case AMQP_FIELD_KIND_U8:
			return v->value.u8;
		case AMQP_FIELD_KIND_I16:
			return v->value.i16;
		case AMQP_FIELD_KIND_U16:
			return v->value.u16;
		case AMQP_FIELD_KIND_I32:
			return v->value.i32;
		case AMQP_FIELD_KIND_U32:
			return v->value.u32;
		case AMQP_FIELD_KIND_I64:
			return v->value.i64;
		default:
			*found = false;
		}
	}
	return 0;
}

static int64_t
header_count(const amqp_table_t *t, const char *name, bool *found)
{
	int64_t n = header_number(t, name, found);

	return n < 0 || n > INT32_MAX ? 0 : n;
}

/* When it was published; 0: it went through another queue, so it is not
 * known. */
static int64_t
published(const amqp_table_t *t)
{
	bool found = false;
	int i;

	for (i = 0; i < t->num_entries; i++)
		if (has_name(&t->entries[i], "x-death") ||
		    has_name(&t->entries[i], DELIVERED))
			return 0;
	return header_number(t, PUBLISHED, &found);
}

/* What is left of a delay, without the time that it waited in this queue. */
static int64_t
rest(const amqp_table_t *t)
{
	bool found = false;
	int64_t ms = header_count(t, REST, &found), late;

	found = false;
	late = v2m_wall_ms() - header_number(t, UNTIL, &found);
	if (found && late > 0)
		ms -= late < ms ? late : ms;
	return ms;
}

/* Copy bytes of a frame, whose memory the next frame reuses. */
static int
keep_bytes(amqp_pool_t *pool, amqp_bytes_t *b, struct v2m_err *err)
{
	amqp_bytes_t copy;

	if (b->len == 0)
		return 0;
	amqp_pool_alloc_bytes(pool, b->len, &copy);
	if (copy.bytes == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory for a "
		    "message");
	memcpy(copy.bytes, b->bytes, b->len);
	*b = copy;
	return 0;
}

static int
keep_headers(amqp_pool_t *pool, amqp_basic_properties_t *p,
    struct v2m_err *err)
{
	amqp_table_t copy;

	if ((p->_flags & AMQP_BASIC_HEADERS_FLAG) == 0 ||
	    p->headers.num_entries == 0) {
		memset(&p->headers, 0, sizeof p->headers);
		return 0;
	}
	if (amqp_table_clone(&p->headers, &copy, pool) != AMQP_STATUS_OK)
		return v2m_err_set(err, V2M_TEMP, "out of memory for a "
		    "message");
	p->headers = copy;
	return 0;
}

static int
read_properties(struct v2m_amqp_content *c, const amqp_basic_properties_t *p,
    struct v2m_err *err)
{
	struct { amqp_flags_t flag; amqp_bytes_t *bytes; } texts[] = {
		{ AMQP_BASIC_CONTENT_TYPE_FLAG, &c->properties.content_type },
		{ AMQP_BASIC_CONTENT_ENCODING_FLAG,
		    &c->properties.content_encoding },
		{ AMQP_BASIC_CORRELATION_ID_FLAG,
		    &c->properties.correlation_id },
		{ AMQP_BASIC_REPLY_TO_FLAG, &c->properties.reply_to },
		{ AMQP_BASIC_MESSAGE_ID_FLAG, &c->properties.message_id },
		{ AMQP_BASIC_TYPE_FLAG, &c->properties.type },
		{ AMQP_BASIC_APP_ID_FLAG, &c->properties.app_id },
	};
	bool found = false;
	size_t i;

	init_amqp_pool(&c->pool, 512);
	c->has_pool = true;
	c->properties = *p;
	c->properties._flags &= KEPT;
	if (keep_headers(&c->pool, &c->properties, err) < 0)
		return -1;
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if ((c->properties._flags & texts[i].flag) != 0 &&
		    keep_bytes(&c->pool, texts[i].bytes, err) < 0)
			return -1;
	c->rest_ms = rest(&c->properties.headers);
	c->published_ms = published(&c->properties.headers);
	c->delivered = header_count(&c->properties.headers, DELIVERED, &found);
	c->delivered += header_count(&c->properties.headers, "x-delivery-count",
	    &c->counted);
	return 0;
}

static int
next_part(struct v2m_amqp_link *l, uint8_t type, amqp_frame_t *f,
    struct v2m_err *err)
{
	int got = v2m_amqp_next(l, v2m_mono_ms() + V2M_AMQP_ANSWER_MS, false,
	    f, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return v2m_amqp_lost(l, AMQP_STATUS_TIMEOUT, err);
	return f->frame_type == type ? 0 :
	    v2m_amqp_lost(l, AMQP_STATUS_UNEXPECTED_STATE, err);
}

static int
read_body(struct v2m_amqp_content *c, struct v2m_amqp_link *l, uint64_t size,
    struct v2m_err *err)
{
	uint64_t at = 0;
	amqp_frame_t f;

	c->length = size;
	if (size <= LARGEST && (c->body = malloc(size + 1)) == NULL) {
		v2m_amqp_drop(l);
		return v2m_err_sys(err, V2M_TEMP, "cannot take a message");
	}
	while (at < size) {
		amqp_bytes_t *part = &f.payload.body_fragment;

		if (next_part(l, AMQP_FRAME_BODY, &f, err) < 0)
			return -1;
		if (part->len > size - at)
			return v2m_amqp_lost(l, AMQP_STATUS_BAD_AMQP_DATA, err);
		if (c->body != NULL && part->len > 0)
			memcpy(c->body + at, part->bytes, part->len);
		at += part->len;
		v2m_amqp_tidy(l);
	}
	if (c->body != NULL)
		c->body[size] = '\0';
	return 0;
}

int
v2m_amqp_content_read(struct v2m_amqp_content *c, struct v2m_amqp_link *l,
    struct v2m_err *err)
{
	amqp_frame_t f;

	memset(c, 0, sizeof *c);
	if (next_part(l, AMQP_FRAME_HEADER, &f, err) < 0)
		return -1;
	if (read_properties(c, f.payload.properties.decoded, err) < 0) {
		v2m_amqp_drop(l);	/* in the middle of a message */
		goto fail;
	}
	if (read_body(c, l, f.payload.properties.body_size, err) < 0)
		goto fail;
	return 0;
fail:
	v2m_amqp_content_release(c);
	return -1;
}

void
v2m_amqp_content_release(struct v2m_amqp_content *c)
{
	if (c->has_pool)
		empty_amqp_pool(&c->pool);
	free(c->body);
	memset(c, 0, sizeof *c);
}

amqp_table_entry_t
v2m_amqp_published(int64_t published_ms)
{
	amqp_table_entry_t e = { .key = amqp_cstring_bytes(PUBLISHED) };

	e.value.kind = AMQP_FIELD_KIND_I64;
	e.value.value.i64 = published_ms;
	return e;
}

/* --- onward --- */

static bool
goes_on(const amqp_table_entry_t *e)
{
	size_t i;

	for (i = 0; dropped[i] != NULL; i++)
		if (has_name(e, dropped[i]))
			return false;
	return true;
}

static void
add_header_number(amqp_table_t *t, const char *name, int64_t n)
{
	amqp_table_entry_t *e = &t->entries[t->num_entries++];

	e->key = amqp_cstring_bytes(name);
	e->value.kind = AMQP_FIELD_KIND_I64;
	e->value.value.i64 = n;
}

int
v2m_amqp_content_onward(struct v2m_amqp_content *c, int64_t delivered,
    int64_t until_ms, int64_t rest_ms, amqp_basic_properties_t *out,
    struct v2m_err *err)
{
	const amqp_table_t *in = &c->properties.headers;
	amqp_table_t *to = &out->headers;
	int i;

	*out = c->properties;
	out->_flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
	out->delivery_mode = AMQP_DELIVERY_PERSISTENT;
	to->num_entries = 0;
	to->entries = amqp_pool_alloc(&c->pool,
	    ((size_t)in->num_entries + 3) * sizeof *to->entries);
	if (to->entries == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory for a "
		    "message");
	for (i = 0; i < in->num_entries; i++)
		if (goes_on(&in->entries[i]))
			to->entries[to->num_entries++] = in->entries[i];
	if (delivered >= 0) {
		add_header_number(to, DELIVERED, delivered);
		add_header_number(to, REST, rest_ms);
		add_header_number(to, UNTIL, until_ms);
	}
	if (to->num_entries > 0)
		out->_flags |= AMQP_BASIC_HEADERS_FLAG;
	else
		out->_flags &= ~(amqp_flags_t)AMQP_BASIC_HEADERS_FLAG;
	return 0;
}
