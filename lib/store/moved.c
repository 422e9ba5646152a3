#include "store/moved.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/stop.h"
#include "store/document.h"
#include "store/private.h"

#define KIND "moved"
#define KEY "store"
#define MOVER "mover"		/* key of the document with its token */

/* The words that are stored, by enum v2m_moved_state. */
static const char *const words[] = {
	"", "begun", "cancelled", "filling", "here", "closing", "closed",
	"away",
};

#define ANOTHER "another v2m-init --import is at work"
#define NWORDS (sizeof words / sizeof words[0])

/* Read "WORD OTHER".  An unknown word, of a newer v2m, forbids writing. */
static void
parse(const char *text, struct v2m_moved *m)
{
	size_t n = strcspn(text, " "), i;

	m->state = V2M_MOVED_CLOSED;
	for (i = 1; i < NWORDS; i++)
		if (strlen(words[i]) == n && strncmp(words[i], text, n) == 0)
			m->state = (enum v2m_moved_state)i;
	v2m_text_copy(m->other, sizeof m->other, text[n] == '\0' ? "" :
	    text + n + 1);
}

int
v2m_moved_get(struct v2m_store *s, struct v2m_moved *m, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	int got = v2m_document_get(s, KIND, KEY, &d, err);

	memset(m, 0, sizeof *m);
	if (got == 1)
		parse(v2m_document_text(&d), m);
	v2m_document_clear(&d);
	return got < 0 ? -1 : 0;
}

static int
put(struct v2m_store *s, struct v2m_document *d, const struct v2m_moved *m,
    struct v2m_err *err)
{
	char text[sizeof m->other + 16];

	if (m->state == V2M_MOVED_NOT)
		return v2m_document_remove(s, KIND, KEY, d->rev, err);
	snprintf(text, sizeof text, "%s %s", words[m->state], m->other);
	return v2m_document_set(d, text, err) < 0 ? -1 :
	    v2m_document_write(s, d, err);
}

int
v2m_moved_set(struct v2m_store *s, enum v2m_moved_state from,
    const struct v2m_moved *m, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	struct v2m_moved old = { .state = V2M_MOVED_NOT };
	int won = v2m_document_get(s, KIND, KEY, &d, err);

	if (won == 1)
		parse(v2m_document_text(&d), &old);
	if (won >= 0)
		won = old.state == from ? put(s, &d, m, err) : 0;
	v2m_document_clear(&d);
	if (won == 0)
		v2m_err_busy(err, ANOTHER);
	return won == 1 ? 0 : -1;
}

void
v2m_moved_ignore(struct v2m_store *s)
{
	s->ignores_moved = true;
}

int
v2m_moved_take(struct v2m_store *s, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	int before, won = -1;

	v2m_id_new(s->mover);
	before = v2m_document_get(s, KIND, MOVER, &d, err);
	if (before >= 0 && v2m_document_set(&d, s->mover, err) == 0)
		won = v2m_document_write(s, &d, err);
	v2m_document_clear(&d);
	if (won == 0)
		v2m_err_busy(err, ANOTHER);
	if (won != 1)
		return -1;
	if (before == 1)
		v2m_stop_sleep(V2M_MOVED_WAIT_MS);
	return v2m_stop_check(err);
}

/* 1: the token is that of s; 0 with V2M_TEMP: another's; -1. */
static int
read_mover(struct v2m_store *s, struct v2m_document *d, struct v2m_err *err)
{
	int got = v2m_document_get(s, KIND, MOVER, d, err);

	if (got < 0)
		return -1;
	if (got == 1 && strcmp(v2m_document_text(d), s->mover) == 0)
		return 1;
	v2m_err_busy(err, ANOTHER);
	return 0;
}

void
v2m_moved_leave(struct v2m_store *s)
{
	struct v2m_document d = { .rev = 0 };
	struct v2m_err ignored;

	if (s == NULL || s->mover[0] == '\0')
		return;
	if (read_mover(s, &d, &ignored) == 1)
		v2m_document_remove(s, KIND, MOVER, d.rev, &ignored);
	v2m_document_clear(&d);
}

static int
check_mover(struct v2m_store *s, int64_t now, struct v2m_err *err)
{
	struct v2m_document d = { .rev = 0 };
	int ours = read_mover(s, &d, err);

	v2m_document_clear(&d);
	if (ours == 1)
		s->unmoved_until = now + V2M_MOVED_BELIEVED_MS;
	return ours == 1 ? 0 : -1;
}

bool
v2m_moved_is_filling(const struct v2m_moved *m)
{
	return m->state >= V2M_MOVED_BEGUN && m->state <= V2M_MOVED_FILLING;
}

bool
v2m_moved_is_left(const struct v2m_moved *m)
{
	return m->state >= V2M_MOVED_CLOSING;
}

int
v2m_moved_refuse(const struct v2m_moved *m, enum v2m_moved_write write,
    struct v2m_err *err)
{
	switch (m->state) {
	case V2M_MOVED_NOT:
	case V2M_MOVED_HERE:
		return 0;
	case V2M_MOVED_BEGUN:
	case V2M_MOVED_CANCELLED:
	case V2M_MOVED_FILLING:
		return v2m_err_busy(err, "this store is not in use yet: its "
		    "jobs are on the way from %s", m->other);
	case V2M_MOVED_CLOSING:
		if (write == V2M_WRITE_ON)
			return 0;
		break;
	case V2M_MOVED_CLOSED:
		break;
	case V2M_MOVED_AWAY:
		return v2m_err_busy(err, "this v2m has moved to %s: use its "
		    "configuration", m->other);
	}
	return v2m_err_busy(err, "this v2m is being moved to %s: try again "
	    "later", m->other);
}

int
v2m_moved_check(struct v2m_store *s, enum v2m_moved_write write,
    struct v2m_err *err)
{
	int64_t now = v2m_boot_ms();
	struct v2m_moved m;

	if (s->ignores_moved || now < s->unmoved_until)
		return 0;
	if (s->mover[0] != '\0')
		return check_mover(s, now, err);
	if (v2m_moved_get(s, &m, err) < 0)
		return -1;
	if (m.state == V2M_MOVED_NOT || m.state == V2M_MOVED_HERE)
		s->unmoved_until = now + V2M_MOVED_BELIEVED_MS;
	return v2m_moved_refuse(&m, write, err);
}

bool
v2m_moved_is_elsewhere(struct v2m_store *s, struct v2m_err *err)
{
	return v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 &&
	    v2m_err_is_busy(err);
}

void
v2m_moved_doubt(struct v2m_store *s)
{
	s->unmoved_until = 0;
}

bool
v2m_moved_is_believed(int64_t begun)
{
	return v2m_boot_ms() - begun <= V2M_MOVED_BELIEVED_MS;
}

int
v2m_moved_check_late(struct v2m_store *s, int64_t begun, struct v2m_err *err)
{
	if (v2m_moved_is_believed(begun))
		return 0;
	v2m_moved_doubt(s);
	return v2m_moved_check(s, V2M_WRITE_ON, err);
}
