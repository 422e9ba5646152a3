/* private.h - shared by the files of the parent's side only. */
#ifndef V2M_MEDIA_PRIVATE_H
#define V2M_MEDIA_PRIVATE_H

#include "media/media.h"
#include "media/wire.h"

/* media.c: complete a job and send it to the engine, which is started again if
 * it has died.  The descriptors stay the caller's.  *which: the engine's
 * number.  V2M_TEMP, or as v2m_media_start(). */
int v2m_media_send(struct v2m_media *m, struct v2m_wire_job *job,
    const int *fds, int nfds, unsigned *which, struct v2m_err *err);

/* Time for the engine to start; loading its libraries takes some 20 ms. */
#define V2M_MEDIA_START_MS 20000

/* limits.c: reduce the limits of a conversion to those of another kind of
 * job. */
void v2m_limits_narrow(struct v2m_media_limits *limits,
    enum v2m_wire_kind kind);

/* limits.c: convert the limits to those sent to the child, for an input of so
 * many bytes. */
void v2m_limits_fill(struct v2m_wire_limits *w,
    const struct v2m_media_limits *limits, int64_t length);
void v2m_limits_default(struct v2m_media_limits *limits);

/* limits.c: the time a job may take, in ms, for so much input and sound
 * made. */
int64_t v2m_limits_time_ms(const struct v2m_media_limits *limits,
    int64_t length, int64_t sound_ms);

/* media.c: use an engine of our own from now on.  Returns whether a borrowed
 * one was in use. */
bool v2m_media_give_back(struct v2m_media *m);

/* media.c: word is a constant. */
void v2m_media_set_sandbox_word(struct v2m_media *m, const char *word);

/* media.c: the current limits and longest duration. */
void v2m_media_limits(struct v2m_media *m, struct v2m_media_limits *limits,
    int64_t *max_duration_ms);

/* media.c: a conversion begins, ends; between the two, its share of threads. */
void v2m_media_begin(struct v2m_media *m);
void v2m_media_end(struct v2m_media *m);
int v2m_media_thread_share(struct v2m_media *m);

/* media.c: how many threads a job must create: the most that can be its
 * share. */
int v2m_media_threads(struct v2m_media *m);

/* media.c: the engine with this number has died; the next job starts a new
 * one. */
void v2m_media_lost(struct v2m_media *m, unsigned which);

/* source.c: answers a child's requests for input, without ever waiting for the
 * child. */
#define V2M_SOURCE_SOON 64

struct v2m_source {
	const struct v2m_media_input *in;	/* borrowed */
	int fd;			/* our end of the socket; -1: closed, or not
				 * used */
	int64_t asked;		/* bytes answered in this pass */
	struct {
		int64_t at, end;
	} soon[V2M_SOURCE_SOON];	/* the last announced ranges */
	unsigned nsoon;		/* announcements, in all */
	int64_t announced;	/* bytes announced in this pass */
	int64_t charged;	/* the same, each rounded up to a block */
	int64_t most;		/* limit of `asked`; 0: by the length */
	uint32_t pass;		/* current pass (wire.h) */
	size_t at, len;		/* part of the answer not sent yet */
	uint8_t *answer;	/* int32_t n, then n bytes */
	struct v2m_block *blocks;
	unsigned long clock;	/* counts uses of blocks */
};

/* Takes over fd, also on failure.  V2M_TEMP. */
int v2m_source_init(struct v2m_source *s, const struct v2m_media_input *in,
    int fd, struct v2m_err *err);
void v2m_source_release(struct v2m_source *s);

/* The events to poll for. */
short v2m_source_events(const struct v2m_source *s);

/* Continue after poll(2).  -1: kill the job: the input failed, or a limit of
 * reading was exceeded (V2M_DATA, V2M_FAILED), or the request is invalid
 * (V2M_BUG).  When the child has closed its end, fd becomes -1. */
int v2m_source_work(struct v2m_source *s, struct v2m_err *err);

/* report.c: what a child has reported so far. */
struct v2m_reports {
	struct v2m_media_result *result;	/* borrowed */
	struct v2m_media_tracks *tracks;	/* borrowed, or NULL */
	enum v2m_wire_kind kind;
	int percent;		/* -1: unknown */
	bool source, done, failed;
	bool torn;		/* with `failed`: resets may help */
	struct v2m_err failure;	/* with `failed` */
};

/* Set err: V2M_FAILED, a limit was exceeded.  Returns -1. */
int v2m_media_spent(struct v2m_err *err, const char *what);

/* Set err: V2M_BUG, the child made a forbidden system call.  Returns -1. */
int v2m_media_forbidden(const char *call, struct v2m_err *err);

/* If err says that the sandbox could not be started, make it V2M_CONFIG and add
 * the setting for going without; other errors are unchanged.  Returns -1. */
int v2m_media_tell_way_out(struct v2m_err *err);

/* Check a message of n bytes and store what it reports.  V2M_BUG: it is
 * invalid. */
int v2m_reports_take(struct v2m_reports *r, const void *message, size_t n,
    struct v2m_err *err);

#endif
