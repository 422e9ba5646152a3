/* sqlite.c - queues in an SQLite file: sqlite:FILE.
 *
 * One table has the messages of all queues.  due_ms says when a message may be
 * taken: 0: at once; else not before that time.  Taking a message sets due_ms
 * to the end of the lease, so it comes back by itself if its process dies.
 * First comes the oldest message that may be taken; among delayed
 * ones, the one that has been due for longest.  Indexes find both, without
 * reading the messages that still have to wait.  holder and claim identify the
 * taking: if another process has taken the message since, settling it changes
 * nothing.
 *
 * A clock that was once wrong cannot hide a message for long: wait_ms is the
 * length of the wait that ends at due_ms, and a message that has to wait for
 * more than twice that is due at once.  Each second those that are due last
 * are held against this, as an index finds them.
 *
 * An acknowledged message is removed in the transaction that takes the next
 * one, which saves a flush for each job; a worker takes the next one at once,
 * or closes the queue.  If it is killed in between, the message comes back, as
 * after any crash before an acknowledgement.
 *
 * SQLite cannot wake a waiting process, so take() polls.  It looks without a
 * lock, and locks only if it has found something.
 */
#include "queue/queue.h"

#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/id.h"
#include "base/io.h"
#include "base/stop.h"
#include "base/text.h"

#define POLL_MS 150
#define MEND_MS 1000

struct sqlite {
	struct v2m_db *db;
	int64_t lease_ms;
	char holder[33];	/* of this handle */
	int64_t claims;		/* number of messages it has taken */
	int64_t due_ms;		/* when the lease of the last one ends */
	int64_t acked;		/* the claim that is acknowledged but not
				 * removed yet; 0: none */
	int64_t mend_at;	/* when to look again for waits that are wrong,
				 * by the monotonic clock */
	size_t turn;		/* index of the queue to look at first */
};

static const char *const steps[] = {
	"CREATE TABLE message ("
	"seq INTEGER PRIMARY KEY,"
	"queue TEXT NOT NULL,"
	"body TEXT NOT NULL,"
	"due_ms INTEGER NOT NULL DEFAULT 0,"
	"holder TEXT,"
	"claim INTEGER NOT NULL DEFAULT 0,"
	"deliveries INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX message_line ON message (queue, seq, due_ms);"
	"CREATE INDEX message_held ON message (holder, claim) "
	"WHERE holder IS NOT NULL;",
	"CREATE INDEX message_due ON message (queue, due_ms, seq);"
	"DROP INDEX message_line;",
	"ALTER TABLE message ADD COLUMN published_ms INTEGER NOT NULL "
	"DEFAULT 0;",
	/* Of a wait that began before this: at most an hour is right. */
	"ALTER TABLE message ADD COLUMN wait_ms INTEGER NOT NULL "
	"DEFAULT 1800000;",
	NULL,
};

static const char *
file_of(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = v2m_conf_rest(conf, "queue", "sqlite");

	if (path[0] != '\0')
		return path;
	v2m_err_set(err, V2M_CONFIG, "queue: sqlite: names no file (use "
	    "sqlite:FILE)");
	return NULL;
}

static int
sqlite_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = file_of(conf, err);
	struct v2m_db *db = NULL;
	char *copy = NULL;
	int ret = -1;

	if (path == NULL)
		return -1;
	copy = strdup(path);
	if (copy == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot make the queue");
		goto out;
	}
	if (v2m_io_mkdirs(dirname(copy), 0700, err) < 0)
		goto out;
	db = v2m_db_open(path, true, err);
	if (db == NULL || v2m_db_migrate(db, "queue", steps, err) < 0)
		goto out;
	ret = 0;
out:
	v2m_db_close(db);
	free(copy);
	return ret;
}

static void *
sqlite_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = file_of(conf, err);
	struct sqlite *q;
	uint8_t raw[16];

	if (path == NULL)
		return NULL;
	q = calloc(1, sizeof *q);
	if (q == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the queue");
		return NULL;
	}
	v2m_random(raw, sizeof raw);
	v2m_text_hex(q->holder, raw, sizeof raw);
	q->lease_ms = v2m_conf_number(conf, "lease");
	if (q->lease_ms <= 0) {
		v2m_err_set(err, V2M_CONFIG, "lease must be longer than 0");
		goto fail;
	}
	q->db = v2m_db_open_of(conf, "queue", path, err);
	if (q->db == NULL || v2m_db_expect(q->db, "queue", steps, err) < 0)
		goto fail;
	return q;
fail:
	v2m_db_close(q->db);
	free(q);
	return NULL;
}

#define MINE " WHERE holder = ? AND claim = ?"

/* Remove the message that was acknowledged. */
static int
drop_acked(struct sqlite *q, struct v2m_err *err)
{
	if (q->acked != 0 && v2m_db_run(q->db, err, NULL,
	    "DELETE FROM message" MINE, "ti", q->holder, q->acked) < 0)
		return -1;
	q->acked = 0;
	return 0;
}

static void
sqlite_close(void *self)
{
	struct sqlite *q = self;

	drop_acked(q, NULL);
	/* If this fails, the message comes back later, by its lease. */
	if (q->claims > 0)
		v2m_db_run(q->db, NULL, NULL, "UPDATE message SET "
		    "holder = NULL, due_ms = 0 WHERE holder = ?", "t",
		    q->holder);
	v2m_db_close(q->db);
	free(q);
}

static int
sqlite_publish(void *self, const char *queue, const char *body,
    int64_t published_ms, struct v2m_err *err)
{
	struct sqlite *q = self;

	return v2m_db_run(q->db, err, NULL, "INSERT INTO message (queue, body, "
	    "published_ms) VALUES (?, ?, ?)", "tti", queue, body,
	    published_ms) < 0 ? -1 : 0;
}

/* --- settling --- */

static int
sqlite_extend(void *self, const struct v2m_queue_message *m,
    struct v2m_err *err)
{
	struct sqlite *q = self;
	int64_t due;

	due = v2m_wall_ms() + q->lease_ms;
	if (v2m_db_run(q->db, err, NULL, "UPDATE message SET due_ms = ?"
	    MINE, "iti", due, q->holder, m->tag) < 0)
		return -1;
	if (m->tag == q->claims)
		q->due_ms = due;
	return 0;
}

static int
sqlite_ack(void *self, const struct v2m_queue_message *m, struct v2m_err *err)
{
	struct sqlite *q = self;

	if (drop_acked(q, err) < 0)
		return -1;
	q->acked = m->tag;
	/* If its lease ends soon, remove it now: it would be delivered
	 * again. */
	return m->tag != q->claims || v2m_wall_ms() > q->due_ms -
	    q->lease_ms / 2 ? drop_acked(q, err) : 0;
}

static int
sqlite_release(void *self, const struct v2m_queue_message *m, int64_t delay_ms,
    struct v2m_err *err)
{
	int64_t due = delay_ms == 0 ? 0 : v2m_wall_ms() + delay_ms;
	struct sqlite *q = self;

	return v2m_db_run(q->db, err, NULL, "UPDATE message SET "
	    "holder = NULL, due_ms = ?, wait_ms = ?" MINE, "iiti", due,
	    delay_ms, q->holder, m->tag) < 0 ? -1 : 0;
}

static int
sqlite_bury(void *self, const struct v2m_queue_message *m, struct v2m_err *err)
{
	struct sqlite *q = self;

	return v2m_db_run(q->db, err, NULL, "UPDATE message SET "
	    "queue = queue || '.failed', holder = NULL, due_ms = 0" MINE, "ti",
	    q->holder, m->tag) < 0 ? -1 : 0;
}

/* --- taking --- */

/* SQL for the older of two messages: the first that may be taken at once, and
 * the first delayed one that is due.  The arguments are the numbers of the
 * statement's parameters. */
#define DUE(queue, now) "SELECT seq FROM (" \
	"SELECT * FROM (SELECT seq FROM message WHERE queue = ?" queue \
	" AND due_ms = 0 ORDER BY seq LIMIT 1) UNION ALL " \
	"SELECT * FROM (SELECT seq FROM message WHERE queue = ?" queue \
	" AND due_ms > 0 AND due_ms <= ?" now \
	" ORDER BY due_ms, seq LIMIT 1)) ORDER BY seq LIMIT 1"

static int
read_body(struct v2m_rows *rows, struct v2m_queue_message *m,
    struct v2m_err *err)
{
	const char *body = v2m_rows_text(rows, 0);

	m->length = v2m_rows_size(rows, 0);
	m->body = malloc(m->length + 1);
	if (m->body == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot take a message");
	memcpy(m->body, body, m->length);
	m->body[m->length] = '\0';
	m->deliveries = v2m_rows_int(rows, 1);
	if (m->deliveries == 1)
		m->published_ms = v2m_rows_int(rows, 2);
	return 0;
}

/* 1; 0: another process was faster; -1.  The change is only made when the
 * statement has run to its end. */
static int
claim(struct sqlite *q, const char *queue, struct v2m_queue_message *m,
    struct v2m_err *err)
{
	int64_t now = v2m_wall_ms();
	struct v2m_rows *rows = v2m_db_query(q->db, err, "UPDATE message SET "
	    "holder = ?, claim = ?, due_ms = ?, wait_ms = ?, "
	    "deliveries = deliveries + 1 WHERE seq = (" DUE("5", "6") ") "
	    "RETURNING body, deliveries, published_ms", "tiiiti", q->holder,
	    q->claims + 1, now + q->lease_ms, q->lease_ms, queue, now);
	int found, ret = -1;

	if (rows == NULL)
		return -1;
	found = v2m_rows_next(rows, err);
	if (found < 0 || (found == 1 && (read_body(rows, m, err) < 0 ||
	    v2m_rows_next(rows, err) < 0)))
		goto out;
	if (found == 1) {
		m->tag = ++q->claims;
		q->due_ms = now + q->lease_ms;
		v2m_text_copy(m->queue, sizeof m->queue, queue);
	}
	ret = found;
out:
	v2m_rows_free(rows);
	if (ret < 0)
		v2m_queue_message_release(m);
	return ret;
}

/* Take a message, and remove the acknowledged one, in one transaction. */
static int
claim_next(struct sqlite *q, const char *queue, struct v2m_queue_message *m,
    struct v2m_err *err)
{
	int64_t acked = q->acked;
	int found = -1;

	if (acked == 0)
		return claim(q, queue, m, err);
	if (v2m_db_begin(q->db, err) < 0)
		return -1;
	if (drop_acked(q, err) == 0)
		found = claim(q, queue, m, err);
	if (found < 0 || v2m_db_commit(q->db, err) < 0) {
		if (found == 1)
			v2m_queue_message_release(m);
		q->acked = acked;
		found = -1;
	}
	v2m_db_rollback(q->db);
	return found;
}

static int
take_from(struct sqlite *q, const char *queue, struct v2m_queue_message *m,
    struct v2m_err *err)
{
	int64_t seq;
	int found;

	for (;;) {
		found = v2m_db_int(q->db, err, &seq, DUE("1", "2"), "ti",
		    queue, v2m_wall_ms());
		if (found == 1)
			found = claim_next(q, queue, m, err);
		if (found != 1 || m->length <= V2M_MESSAGE_MAX)
			return found;
		/* Not a job: another program's mistake. */
		found = sqlite_bury(q, m, err);
		v2m_queue_message_release(m);
		if (found < 0)
			return -1;
	}
}

#define TOO_LONG "due_ms - ? > 2 * wait_ms"

/* What has to wait for longer than can be right is due now. */
static int
mend_waits(struct sqlite *q, const char *queue, struct v2m_err *err)
{
	int64_t now = v2m_wall_ms(), seq;
	int found;

	for (;;) {
		found = v2m_db_int(q->db, err, &seq, "SELECT seq FROM "
		    "(SELECT * FROM message WHERE queue = ? ORDER BY "
		    "due_ms DESC LIMIT 1) WHERE " TOO_LONG, "ti", queue, now);
		if (found != 1)
			return found;
		if (v2m_db_run(q->db, err, NULL, "UPDATE message SET "
		    "due_ms = ? WHERE seq = ? AND " TOO_LONG, "iii", now, seq,
		    now) < 0)
			return -1;
	}
}

static int
mend_all(struct sqlite *q, const char *const *queues, struct v2m_err *err)
{
	if (v2m_mono_ms() < q->mend_at)
		return 0;
	for (; *queues != NULL; queues++)
		if (mend_waits(q, *queues, err) < 0)
			return -1;
	q->mend_at = v2m_mono_ms() + MEND_MS;
	return 0;
}

/* Look at each queue once; first at the one after that of the last message. */
static int
take_turn(struct sqlite *q, const char *const *queues,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	size_t i, n = 0;
	int found = 0;

	if (mend_all(q, queues, err) < 0)
		return -1;
	while (queues[n] != NULL)
		n++;
	for (i = 0; i < n && found == 0; i++) {
		size_t at = (q->turn + i) % n;

		found = take_from(q, queues[at], m, err);
		if (found == 1)
			q->turn = at + 1;
	}
	return found == 0 && drop_acked(q, err) < 0 ? -1 : found;
}

static int
sqlite_take(void *self, const char *const *queues, int wait_ms,
    struct v2m_queue_message *m, struct v2m_err *err)
{
	int64_t left, until = v2m_mono_ms() + wait_ms;
	struct sqlite *q = self;
	int found;

	for (;;) {
		found = take_turn(q, queues, m, err);
		left = until - v2m_mono_ms();
		if (found != 0 || left <= 0 || v2m_stop_count() > 0)
			return found;
		v2m_stop_sleep(left < POLL_MS ? (int)left : POLL_MS);
	}
}

/* The message is lost if its lease has run out and another process took it. */
static int
sqlite_depth(void *self, const char *queue, int64_t *n, struct v2m_err *err)
{
	struct sqlite *q = self;

	return v2m_db_int(q->db, err, n, "SELECT count(*) FROM message WHERE "
	    "queue = ? AND (holder IS NULL OR due_ms <= ?)", "ti", queue,
	    v2m_wall_ms()) < 0 ? -1 : 0;
}

static int
sqlite_ready(void *self, const char *queue, int64_t *n, struct v2m_err *err)
{
	struct sqlite *q = self;

	return v2m_db_int(q->db, err, n, "SELECT count(*) FROM message WHERE "
	    "queue = ? AND due_ms <= ?", "ti", queue, v2m_wall_ms()) < 0 ?
	    -1 : 0;
}

static int64_t
sqlite_held_ms(const void *self)
{
	const struct sqlite *q = self;

	return q->lease_ms;
}

const struct v2m_queue_ops v2m_queue_sqlite = {
	.scheme = "sqlite",
	.init = sqlite_init,
	.open = sqlite_open,
	.close = sqlite_close,
	.publish = sqlite_publish,
	.take = sqlite_take,
	.extend = sqlite_extend,
	.ack = sqlite_ack,
	.release = sqlite_release,
	.bury = sqlite_bury,
	.depth = sqlite_depth,
	.ready = sqlite_ready,
	.held_ms = sqlite_held_ms,
};
