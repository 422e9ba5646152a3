/* Read an object's bytes by range requests.
 *
 * A caller that jumps through a video gets what it asks for, and little more.
 * A caller that reads in order gets longer and longer ranges, and the next one
 * is requested while it takes the bytes of this one.  What is read ahead is
 * limited by what was used so far, so that in all little is read in vain.
 * Places that a caller announces (v2m_s3_ahead()) are requested together. */
#include "store/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SLOTS 40		/* ranges held or requested */
#define LARGE_SLOTS 4		/* of these for ranges above RANGE_BULK */
#define RANGE_MAX (2 * V2M_S3_MIB)
#define RANGE_BULK (256 * 1024)	/* a first read so large: reads in order */
#define SPARE (2 * V2M_S3_MIB)	/* read in vain, at most, plus */
#define SPARE_PART 10		/* this part of the bytes used */
#define SMALL (512 * 1024)	/* smaller objects are read whole */
#define WHAT 64
#define AWAITED 1024		/* reads after which an announced place is given
				 * up */

struct reader;

struct slot {
	struct reader *of;
	int64_t at;
	size_t len, before;	/* range; bytes of it received before this
				 * try */
	size_t room;
	unsigned char *bytes;
	CURL *easy;
	struct v2m_aws_call *call;	/* in progress; or NULL */
	struct v2m_aws_request rq;
	char path[V2M_S3_PATH];
	bool apart;		/* announced: no reading ahead behind it */
	bool waits;		/* announced and not read yet */
	bool failed;
	struct v2m_err err;
	unsigned long used;
};

struct reader {
	struct v2m_s3 *s3;
	char what[WHAT];
	struct v2m_s3_piece *pieces;
	size_t npieces;
	int64_t length;
	struct slot slots[SLOTS];
	unsigned long clock;
	int64_t next;		/* offset of the next read, if in order */
	size_t range;		/* bytes of the last range */
	bool whole, reads_on;
	int64_t fetched, used;	/* bytes */
	int64_t wanted_after;	/* for v2m_aws_credentials() */
};

/* --- one range --- */

static size_t
got_of(const struct slot *s)
{
	return s->before + (s->call == NULL ? 0 :
	    v2m_aws_call_got(s->call));
}

static const struct v2m_s3_piece *
piece_at(const struct reader *r, int64_t at)
{
	size_t i;

	for (i = 0; i + 1 < r->npieces; i++)
		if (at < r->pieces[i].at + r->pieces[i].length)
			break;
	return &r->pieces[i];
}

static void
end_call(struct slot *s, CURLcode rc)
{
	struct reader *r = s->of;
	size_t got = got_of(s);
	struct v2m_aws_answer a = { .status = 0 };
	struct v2m_err *err = &s->err;

	curl_multi_remove_handle(r->s3->multi, s->easy);
	s->failed = v2m_aws_call_end(s->call, rc, &a, err) < 0;
	s->call = NULL;
	v2m_aws_request_clear(&s->rq);
	if (s->failed) {
		v2m_err_prefix(err, "cannot read %s", r->what);
		s->before = got;
		return;
	}
	s->failed = true;
	if (a.status == 404) {
		v2m_err_set(err, V2M_NOINPUT, "%s was removed while it was "
		    "read", r->what);
	} else if (a.status != 206 && (a.status != 200 || s->rq.from_middle)) {
		char doing[WHAT + 8];

		if (v2m_aws_has_expired(&a))
			r->wanted_after = v2m_wall_ms();
		snprintf(doing, sizeof doing, "read %s", r->what);
		v2m_aws_refused(&r->s3->aws, &a, doing, err);
	} else {
		s->before = got;
		s->failed = got != s->len;
		if (s->failed)
			v2m_err_damage(err, "%s is damaged: it is shorter "
			    "than it says", r->what);
	}
	v2m_aws_answer_clear(&a);
}

/* Request the rest of the slot's range. */
static int
begin_call(struct reader *r, struct slot *s, struct v2m_err *err)
{
	const struct v2m_s3_piece *p = piece_at(r, s->at);
	int64_t from = s->at - p->at;

	s->failed = false;
	v2m_s3_path(r->s3, s->path, p->key);
	memset(&s->rq, 0, sizeof s->rq);
	s->rq.method = "GET";
	s->rq.path = s->path;
	s->rq.query = "";
	s->rq.into = s->bytes + s->before;
	s->rq.room = s->len - s->before;
	s->rq.from_middle = from + (int64_t)s->before > 0;
	v2m_aws_header(&s->rq, "range: bytes=%" PRId64 "-%" PRId64,
	    from + (int64_t)s->before, from + (int64_t)s->len - 1);
	if (s->easy == NULL)
		s->easy = curl_easy_init();
	if (s->easy != NULL)
		s->call = v2m_aws_call_new(&r->s3->aws, s->easy, &s->rq,
		    r->wanted_after, err);
	else
		v2m_err_set(err, V2M_TEMP, "cannot read %s: out of memory",
		    r->what);
	if (s->call == NULL) {
		v2m_aws_request_clear(&s->rq);
		return -1;
	}
	curl_multi_add_handle(r->s3->multi, s->easy);
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	return 0;
}

static void
drop_range(struct slot *s)
{
	if (s->call != NULL)
		end_call(s, CURLE_ABORTED_BY_CALLBACK);
	s->len = s->before = 0;
	s->failed = false;
}

/* Is the announced range still expected to be read?  The caller may have jumped
 * elsewhere. */
static bool
is_awaited(const struct reader *r, const struct slot *s)
{
	return s->waits && r->clock - s->used < AWAITED;
}

/* Announced ranges are kept longest, then those used last. */
static bool
is_worth_less(const struct slot *a, const struct slot *b)
{
	if (a->waits != b->waits)
		return b->waits;
	return a->used < b->used;
}

/* Choose a slot other than `keep`.  Only LARGE_SLOTS have space for the largest
 * ranges, and small ones, of which there are many, do not take those. */
static struct slot *
choose_slot(struct reader *r, size_t len, const struct slot *keep)
{
	bool large = len > RANGE_BULK;
	int i = large ? 0 : LARGE_SLOTS, end = large ? LARGE_SLOTS : SLOTS;
	struct slot *s = NULL;

	for (; i < end; i++)
		if (&r->slots[i] != keep && (s == NULL ||
		    is_worth_less(&r->slots[i], s)))
			s = &r->slots[i];
	return s;
}

static struct slot *
begin_range(struct reader *r, int64_t at, size_t len, const struct slot *keep,
    struct v2m_err *err)
{
	struct slot *s = choose_slot(r, len, keep);

	drop_range(s);
	if (s->room < len) {
		free(s->bytes);
		s->bytes = malloc(len);
		s->room = s->bytes == NULL ? 0 : len;
	}
	if (s->bytes == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read %s", r->what);
		return NULL;
	}
	s->of = r;
	s->at = at;
	s->len = len;
	s->apart = s->waits = false;
	s->used = ++r->clock;
	if (begin_call(r, s, err) < 0) {
		s->len = 0;
		return NULL;
	}
	r->fetched += (int64_t)len;
	r->range = len;
	return s;
}

/* --- waiting --- */

/* Let libcurl work, and end complete requests of all readers. */
static void
turn(struct reader *r, int ms)
{
	struct slot *s;
	CURLMsg *msg;
	int running, left;

	curl_multi_perform(r->s3->multi, &running);
	while ((msg = curl_multi_info_read(r->s3->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &s);
		end_call(s, msg->data.result);
	}
	if (ms > 0 && running > 0)
		curl_multi_poll(r->s3->multi, NULL, 0, ms, NULL);
}

/* Wait until n bytes of the slot have come. */
static int
wait_for(struct reader *r, struct slot *s, size_t n, struct v2m_err *err)
{
	int64_t until = v2m_mono_ms() + V2M_AWS_BYTES_MS;
	unsigned tries = 0;

	while (got_of(s) < n) {
		if (s->call != NULL) {
			turn(r, 0);
			if (s->call != NULL && got_of(s) < n)
				turn(r, 500);
			continue;
		}
		if (!s->failed || s->err.code != V2M_TEMP ||
		    (tries > 0 && v2m_mono_ms() > until) ||
		    !v2m_aws_pause(tries++)) {
			v2m_err_pass(err, &s->err);
			s->len = s->before = 0;
			return -1;
		}
		if (begin_call(r, s, err) < 0)
			return -1;
	}
	return 0;
}

/* --- which ranges --- */

static struct slot *
slot_at(struct reader *r, int64_t at)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &r->slots[i];

		if (s->len > 0 && at >= s->at && at < s->at + (int64_t)s->len)
			return s;
	}
	return NULL;
}

/* How many of n bytes from `at` on are in one piece and in no slot? */
static size_t
until_held(const struct reader *r, int64_t at, size_t n)
{
	const struct v2m_s3_piece *p = piece_at(r, at);
	int64_t end = at + (int64_t)n;
	int i;

	if (end > p->at + p->length)
		end = p->at + p->length;
	for (i = 0; i < SLOTS; i++) {
		const struct slot *s = &r->slots[i];

		if (s->len > 0 && s->at > at && s->at < end)
			end = s->at;
	}
	return (size_t)(end - at);
}

/* How many more bytes may be read ahead now? */
static int64_t
spare(const struct reader *r)
{
	int64_t n = SPARE + r->used / SPARE_PART - (r->fetched - r->used);

	return n > 0 ? n : 0;
}

/* The length of the range from `at` on: what is wanted, and more for a caller
 * that reads in order; within one piece, and without what a slot holds. */
static size_t
choose_range(const struct reader *r, int64_t at, size_t wanted)
{
	const struct v2m_s3_piece *p = piece_at(r, at);
	int64_t left = p->at + p->length - at, len = (int64_t)wanted;
	int64_t more = 0;

	if (len > RANGE_MAX)
		len = RANGE_MAX;
	if (r->whole)
		more = RANGE_MAX;
	else if (r->reads_on)
		more = 2 * (int64_t)r->range;
	else if (r->length <= SMALL)
		more = left;
	if (more > RANGE_MAX)
		more = RANGE_MAX;
	if (!r->whole && more > len + spare(r))
		more = len + spare(r);
	if (more > len)
		len = more;
	return until_held(r, at, (size_t)(len < left ? len : left));
}

/* Request the range after this one, for a caller that reads in order. */
static void
read_ahead(struct reader *r, const struct slot *s)
{
	int64_t at = s->at + (int64_t)s->len;
	struct v2m_err ignored;
	size_t len;

	if (!r->reads_on || s->apart || at >= r->length ||
	    slot_at(r, at) != NULL)
		return;
	len = choose_range(r, at, 0);
	if (len >= 64 * 1024 || at + (int64_t)len == r->length)
		begin_range(r, at, len, s, &ignored);
}

/* Read some of n bytes at `at`.  Returns how many, or -1. */
static ssize_t
read_some(struct reader *r, unsigned char *to, size_t n, int64_t at,
    struct v2m_err *err)
{
	struct slot *s = slot_at(r, at);
	size_t skip, part;

	if (s == NULL)
		s = begin_range(r, at, choose_range(r, at, n), NULL, err);
	if (s == NULL)
		return -1;
	s->used = ++r->clock;
	s->waits = false;
	read_ahead(r, s);
	skip = (size_t)(at - s->at);
	part = s->len - skip < n ? s->len - skip : n;
	if (wait_for(r, s, skip + part, err) < 0)
		return -1;
	memcpy(to, s->bytes + skip, part);
	r->used += (int64_t)part;
	return (ssize_t)part;
}

/* --- called by the store --- */

void
v2m_s3_read_on(void *reader)
{
	((struct reader *)reader)->whole = true;
}

/* Ranges already requested are not requested again. */
void
v2m_s3_ahead(void *reader, size_t n, int64_t offset)
{
	struct reader *r = reader;
	int64_t at = offset, end = offset + (int64_t)n;
	size_t range = r->range, len;
	struct v2m_err ignored;
	struct slot *s;

	while (at < end) {
		s = slot_at(r, at);
		if (s != NULL) {
			at = s->at + (int64_t)s->len;
			continue;
		}
		len = until_held(r, at, (size_t)(end - at));
		if (is_awaited(r, choose_slot(r, len, NULL)))
			break;
		s = begin_range(r, at, len, NULL, &ignored);
		if (s == NULL)
			break;
		s->apart = s->waits = true;
		at += (int64_t)len;
	}
	r->range = range;
	turn(r, 0);
}

/* offset + n is within the object. */
ssize_t
v2m_s3_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	struct reader *r = reader;
	struct v2m_err failure;
	size_t done = 0;

	r->reads_on = offset == r->next && (offset > 0 || n >= RANGE_BULK ||
	    r->whole);
	while (done < n) {
		ssize_t part = read_some(r, (unsigned char *)buf + done,
		    n - done, offset + (int64_t)done, &failure);

		if (part < 0)
			return v2m_err_pass(err, &failure);
		done += (size_t)part;
	}
	r->next = offset + (int64_t)n;
	return (ssize_t)n;
}

void
v2m_s3_release(void *reader)
{
	struct reader *r = reader;
	int i;

	if (r == NULL)
		return;
	for (i = 0; i < SLOTS; i++) {
		drop_range(&r->slots[i]);
		if (r->slots[i].easy != NULL)
			curl_easy_cleanup(r->slots[i].easy);
		free(r->slots[i].bytes);
	}
	free(r->pieces);
	free(r);
}

void *
v2m_s3_reader(struct v2m_s3 *s3, struct v2m_s3_piece *pieces, size_t n,
    const char *what, struct v2m_err *err)
{
	struct reader *r = calloc(1, sizeof *r);

	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read %s", what);
		free(pieces);
		return NULL;
	}
	r->s3 = s3;
	r->pieces = pieces;
	r->npieces = n;
	if (n > 0)
		r->length = pieces[n - 1].at + pieces[n - 1].length;
	snprintf(r->what, sizeof r->what, "%s", what);
	return r;
}

void *
v2m_s3_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_s3_piece *piece;
	struct v2m_s3_head h;
	char what[V2M_OBJECT_WHAT];
	int found = v2m_s3_find(self, kind, id, &h, err);

	if (found == 0)
		v2m_object_missing(kind, err);
	if (found <= 0)
		return NULL;
	*object = h.object;
	v2m_object_what(what, kind, id);
	piece = calloc(1, sizeof *piece);
	if (piece == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read %s", what);
		return NULL;
	}
	v2m_s3_key(self, piece->key, kind, id);
	piece->length = h.object.length;
	return v2m_s3_reader(self, piece, 1, what, err);
}
