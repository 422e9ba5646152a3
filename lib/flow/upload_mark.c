#include "flow/upload_mark.h"

#include <string.h>

#include "store/document.h"

#define MOST_TRIES 5		/* others who were faster */

enum { NOBODYS, OURS, OTHERS };

/* Read the mark: NOBODYS, OURS, OTHERS; -1. */
static int
read_mark(struct v2m_services *s, const char *id, const char *who,
    struct v2m_document *d, int64_t *now, struct v2m_err *err)
{
	int got = v2m_document_get(s->store, V2M_MARK_DOCUMENT, id, d, err);

	if (got < 0 || v2m_store_now(s->store, now, err) < 0)
		return -1;
	if (got == 1 && strcmp(v2m_document_text(d), who) == 0)
		return OURS;
	/* A mark that ends too late was set by a wrong clock: ignore it. */
	return got == 1 && d->until > *now &&
	    d->until <= *now + 2 * V2M_UPLOAD_MARK_MS ? OTHERS : NOBODYS;
}

/* 1; 0: it is another's, or, with *again, another process was faster; -1. */
static int
write_mark(struct v2m_services *s, const char *id, const char *who,
    bool begin, bool *again, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	int64_t now;
	int is = read_mark(s, id, who, &d, &now, err), put = is < 0 ? -1 : 0;

	*again = false;
	if (is == OURS || (is == NOBODYS && begin)) {
		d.until = now + V2M_UPLOAD_MARK_MS;
		put = v2m_document_set(&d, who, err) < 0 ? -1 :
		    v2m_document_put(s->store, &d, err);
		*again = put == 0;
	}
	v2m_document_clear(&d);
	return put;
}

int
v2m_upload_mark_set(struct v2m_services *s, const char *id, const char *who,
    struct v2m_err *err)
{
	int tries = 0, put;
	bool again;

	do
		put = write_mark(s, id, who, true, &again, err);
	while (again && ++tries < MOST_TRIES);
	return put;
}

int
v2m_upload_mark_renew(struct v2m_services *s, const char *id, const char *who,
    struct v2m_err *err)
{
	bool again;

	return write_mark(s, id, who, false, &again, err) < 0 ? -1 : 0;
}

int
v2m_upload_mark_remove(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	int64_t now;
	int is, dropped, tries = 0;

	do {	/* our own thread may renew it at the same time */
		is = read_mark(s, id, who, &d, &now, err);
		dropped = is != OURS ? 1 : v2m_document_drop(s->store,
		    V2M_MARK_DOCUMENT, id, d.rev, err);
	} while (dropped == 0 && ++tries < MOST_TRIES);
	v2m_document_clear(&d);
	return is < 0 || dropped < 0 ? -1 : 0;
}

int
v2m_upload_mark_is_others(struct v2m_services *s, const char *id,
    const char *who, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	int64_t now;
	int is = read_mark(s, id, who, &d, &now, err);

	v2m_document_clear(&d);
	return is < 0 ? -1 : is == OTHERS;
}
