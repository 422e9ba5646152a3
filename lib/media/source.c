/* Answer a child's requests for input, if it has no descriptor of it. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/private.h"

/* A child jumps through an MP4 in small steps, and pread may ask a database: so
 * small requests are answered from cached blocks. */
#define BLOCK (64 * 1024)
#define NBLOCKS 16

#define ANNOUNCED_SPARE (4 << 20)	/* bytes announced and never read, at
					 * most */

struct v2m_block {
	int64_t offset;		/* -1: empty */
	size_t len;
	unsigned long used;
	uint8_t bytes[BLOCK];
};

int
v2m_source_init(struct v2m_source *s, const struct v2m_media_input *in,
    int fd, struct v2m_err *err)
{
	*s = (struct v2m_source){ .in = in, .fd = fd };
	s->answer = malloc(sizeof(int32_t) + V2M_WIRE_ASK_MAX);
	s->blocks = calloc(NBLOCKS, sizeof *s->blocks);
	if (s->answer == NULL || s->blocks == NULL) {
		v2m_source_release(s);
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	}
	for (int i = 0; i < NBLOCKS; i++)
		s->blocks[i].offset = -1;
	return 0;
}

void
v2m_source_release(struct v2m_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	free(s->answer);
	free(s->blocks);
	s->answer = NULL;
	s->blocks = NULL;
}

short
v2m_source_events(const struct v2m_source *s)
{
	return s->at < s->len ? POLLOUT : POLLIN;
}

/* Read all of n bytes, which are within the input. */
static int
fetch_bytes(struct v2m_source *s, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	size_t at = 0;

	while (at < n) {
		ssize_t got = s->in->pread(s->in->arg, (char *)buf + at,
		    n - at, offset + (int64_t)at, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return v2m_err_set(err, V2M_IO, "the input ends at "
			    "byte %" PRId64 " of %" PRId64,
			    offset + (int64_t)at, s->in->length);
		at += (size_t)got;
	}
	return 0;
}

static struct v2m_block *
block_at(struct v2m_source *s, int64_t offset, struct v2m_err *err)
{
	struct v2m_block *b = &s->blocks[0];
	int64_t left = s->in->length - offset;

	for (int i = 0; i < NBLOCKS; i++) {
		if (s->blocks[i].offset == offset) {
			s->blocks[i].used = ++s->clock;
			return &s->blocks[i];
		}
		if (s->blocks[i].used < b->used)
			b = &s->blocks[i];
	}
	b->offset = -1;
	b->len = left < BLOCK ? (size_t)left : BLOCK;
	if (fetch_bytes(s, b->bytes, b->len, offset, err) < 0)
		return NULL;
	b->offset = offset;
	b->used = ++s->clock;
	return b;
}

/* Was the range announced?  Then exactly that range is read. */
static bool
is_announced(const struct v2m_source *s, size_t n, int64_t offset)
{
	for (unsigned i = 0; i < V2M_SOURCE_SOON; i++)
		if (offset >= s->soon[i].at &&
		    offset + (int64_t)n <= s->soon[i].end)
			return true;
	return false;
}

static int
read_range(struct v2m_source *s, uint8_t *to, size_t n, int64_t offset,
    struct v2m_err *err)
{
	if (n > BLOCK || is_announced(s, n, offset))
		return fetch_bytes(s, to, n, offset, err);
	while (n > 0) {
		int64_t start = offset - offset % BLOCK;
		struct v2m_block *b = block_at(s, start, err);
		size_t skip = (size_t)(offset - start), part;

		if (b == NULL)
			return -1;
		part = b->len - skip < n ? b->len - skip : n;
		memcpy(to, b->bytes + skip, part);
		to += part;
		offset += (int64_t)part;
		n -= part;
	}
	return 0;
}

/* Bytes count per pass; a child cannot return to an earlier pass. */
static bool
note_pass(struct v2m_source *s, uint32_t pass)
{
	if (pass < s->pass || pass >= V2M_WIRE_PASSES)
		return false;
	if (pass > s->pass)
		s->asked = s->announced = s->charged = 0;
	s->pass = pass;
	return true;
}

static int
prepare_answer(struct v2m_source *s, const struct v2m_wire_ask *ask,
    struct v2m_err *err)
{
	int32_t n = (int32_t)ask->length;

	s->at = 0;
	s->len = sizeof n;
	if (ask->length == 0 ||
	    ask->length > V2M_WIRE_ASK_MAX ||
	    ask->offset > (uint64_t)s->in->length ||
	    ask->length > (uint64_t)s->in->length - ask->offset ||
	    !note_pass(s, ask->pass)) {
		n = -EINVAL;
		memcpy(s->answer, &n, sizeof n);
		return 0;
	}
	s->asked += n;
	if (s->most > 0 && s->asked > s->most)
		return v2m_media_spent(err, "looking for sound read more than "
		    "it may");
	if (s->asked > V2M_WIRE_READ_LIMIT(s->in->length))
		return v2m_err_set(err, V2M_DATA,
		    "the file makes its reader go over it again and again");
	if (read_range(s, s->answer + sizeof n, ask->length,
	    (int64_t)ask->offset, err) < 0)
		return -1;
	memcpy(s->answer, &n, sizeof n);
	s->len += ask->length;
	return 0;
}

/* Limit announcements in bytes and in number: each is a request to the
 * input. */
static bool
may_announce(struct v2m_source *s, uint32_t n)
{
	int64_t most = s->most > 0 ? s->most :
	    V2M_WIRE_READ_LIMIT(s->in->length);

	s->charged += n < BLOCK ? BLOCK : n;
	if (s->charged > most ||
	    s->announced + n > 2 * s->asked + ANNOUNCED_SPARE)
		return false;
	s->announced += n;
	return true;
}

/* An invalid announcement is ignored. */
static void
read_ahead(struct v2m_source *s, const struct v2m_wire_ask *ask)
{
	unsigned i = s->nsoon % V2M_SOURCE_SOON;
	int64_t length = s->in->length;

	if (s->in->ahead == NULL || ask->length == 0 ||
	    ask->length > V2M_WIRE_ASK_MAX ||
	    ask->offset > (uint64_t)length ||
	    ask->length > (uint64_t)length - ask->offset ||
	    !may_announce(s, ask->length))
		return;
	s->soon[i].at = (int64_t)ask->offset;
	s->soon[i].end = (int64_t)ask->offset + ask->length;
	s->nsoon++;
	s->in->ahead(s->in->arg, ask->length, (int64_t)ask->offset);
}

static void
child_is_gone(struct v2m_source *s)
{
	close(s->fd);
	s->fd = -1;
}

static int
send_answer(struct v2m_source *s)
{
	ssize_t n = send(s->fd, s->answer + s->at, s->len - s->at,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n >= 0)
		s->at += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		child_is_gone(s);	/* the engine reports its end */
	return 0;
}

int
v2m_source_work(struct v2m_source *s, struct v2m_err *err)
{
	struct v2m_wire_ask ask;
	ssize_t n;

	if (s->at < s->len)
		return send_answer(s);
	/* A valid request never comes in parts, as it is small. */
	n = recv(s->fd, &ask, sizeof ask, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		child_is_gone(s);
		return 0;
	}
	if (n != sizeof ask)
		return v2m_err_set(err, V2M_BUG,
		    "the media program sent an invalid request");
	if ((ask.pass & V2M_WIRE_SOON) != 0) {
		read_ahead(s, &ask);
		return 0;
	}
	if (prepare_answer(s, &ask, err) < 0)
		return -1;
	return send_answer(s);
}
