#include "store/page.h"

#include <stdlib.h>
#include <string.h>

/* The most that a record can take here. */
#define MOST sizeof(struct v2m_record)

static int
make_room(struct v2m_page *p, struct v2m_err *err)
{
	size_t room = p->room == 0 ? 8 * MOST : 2 * p->room;
	char *bigger;

	if (p->room - p->used >= MOST)
		return 0;
	bigger = realloc(p->bytes, room);
	if (bigger == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot list the records");
	p->bytes = bigger;
	p->room = room;
	return 0;
}

static char *
put(char *to, const void *from, size_t n)
{
	memcpy(to, from, n);
	return to + n;
}

static const char *
take(void *to, const char *from, size_t n)
{
	memcpy(to, from, n);
	return from + n;
}

int
v2m_page_add(struct v2m_page *p, const struct v2m_record *r,
    struct v2m_err *err)
{
	const struct v2m_field *f;
	char *to;

	if (make_room(p, err) < 0)
		return -1;
	to = put(p->bytes + p->used, r->id, sizeof r->id);
	to = put(to, &r->rev, sizeof r->rev);
	for (f = v2m_record_fields; f->name != NULL; f++) {
		const char *from = (const char *)r + f->offset;

		to = put(to, from, f->kind == V2M_FIELD_TEXT ?
		    strlen(from) + 1 : f->size);
	}
	p->used = (size_t)(to - p->bytes);
	p->n++;
	return 0;
}

bool
v2m_page_next(const struct v2m_page *p, size_t *at, struct v2m_record *r)
{
	const struct v2m_field *f;
	const char *from;

	if (*at >= p->used)
		return false;
	from = p->bytes + *at;
	memset(r, 0, sizeof *r);
	from = take(r->id, from, sizeof r->id);
	from = take(&r->rev, from, sizeof r->rev);
	for (f = v2m_record_fields; f->name != NULL; f++)
		from = take((char *)r + f->offset, from,
		    f->kind == V2M_FIELD_TEXT ? strlen(from) + 1 : f->size);
	*at = (size_t)(from - p->bytes);
	return true;
}

void
v2m_page_clear(struct v2m_page *p)
{
	p->n = 0;
	p->used = 0;
}

void
v2m_page_release(struct v2m_page *p)
{
	free(p->bytes);
	memset(p, 0, sizeof *p);
}
