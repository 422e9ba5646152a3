/* private.h - what the parts of the parent's half share, and nobody else. */
#ifndef V2M_MEDIA_PRIVATE_H
#define V2M_MEDIA_PRIVATE_H

#include "media/media.h"
#include "media/wire.h"

/* media.c: complete a job and send it with its descriptors to the engine,
 * which is started anew where it has died.  The descriptors stay the
 * caller's.  *which says which one it was. */
int v2m_media_send(struct v2m_media *m, struct v2m_wire_job *job,
    const int *fds, int nfds, unsigned *which, struct v2m_err *err);

/* Loading its libraries takes the engine some 20 ms. */
#define V2M_MEDIA_START_MS 20000

/* limits.c: make those of a conversion those of another kind of job. */
void v2m_limits_narrow(struct v2m_media_limits *limits,
    enum v2m_wire_kind kind);

/* limits.c: those for an input of so many bytes, as the child gets them. */
void v2m_limits_fill(struct v2m_wire_limits *w,
    const struct v2m_media_limits *limits, int64_t length);
void v2m_limits_default(struct v2m_media_limits *limits);

/* limits.c: the time that a job may take, of which so much sound has come out
 * (or 0), in milliseconds. */
int64_t v2m_limits_time_ms(const struct v2m_media_limits *limits,
    int64_t length, int64_t sound_ms);

/* media.c: from now on with an engine of our own.  Was it not that one? */
bool v2m_media_give_back(struct v2m_media *m);

/* media.c: word is a constant. */
void v2m_media_set_sandbox_word(struct v2m_media *m, const char *word);

/* media.c: those in force, and the longest duration. */
void v2m_media_limits(struct v2m_media *m, struct v2m_media_limits *limits,
    int64_t *max_duration_ms);

/* media.c: a job to convert begins and ends; between the two, how many
 * threads are its share. */
void v2m_media_begin(struct v2m_media *m);
void v2m_media_end(struct v2m_media *m);
int v2m_media_thread_share(struct v2m_media *m);

/* media.c: how many threads a job that begins now makes: all that may ever be
 * its share. */
int v2m_media_threads(struct v2m_media *m);

/* media.c: that engine has died; the next job needs a new one. */
void v2m_media_lost(struct v2m_media *m, unsigned which);

/* source.c: answers a child's requests for input, never blocking on it. */
#define V2M_SOURCE_SOON 64

struct v2m_source {
	const struct v2m_media_input *in;	/* borrowed */
	int fd;			/* our end; -1: nothing to answer */
	int64_t asked;		/* bytes, so far */
	struct {
		int64_t at, end;
	} soon[V2M_SOURCE_SOON];	/* that were announced last */
	unsigned nsoon;		/* ever */
	int64_t announced;	/* bytes of this pass that will be asked for */
	int64_t charged;	/* the same, a block at least each time */
	int64_t most;		/* of them; 0: as the length allows */
	uint32_t pass;		/* its bytes are those asked */
	size_t at, len;		/* what of the answer is still to be sent */
	uint8_t *answer;	/* int32_t n, and so many bytes */
	struct v2m_block *blocks;
	unsigned long clock;	/* of the blocks' last uses */
};

/* Takes fd over, also on failure. */
int v2m_source_init(struct v2m_source *s, const struct v2m_media_input *in,
    int fd, struct v2m_err *err);
void v2m_source_release(struct v2m_source *s);

/* The events to poll for. */
short v2m_source_events(const struct v2m_source *s);

/* Go on after poll(2) said so.  -1: the input failed, or the child asks for
 * what no honest one does; the job is to be killed.  When the child is gone,
 * fd becomes -1. */
int v2m_source_work(struct v2m_source *s, struct v2m_err *err);

/* report.c: what a child has said so far. */
struct v2m_reports {
	struct v2m_media_result *result;	/* borrowed */
	struct v2m_media_tracks *tracks;	/* the same, or NULL */
	enum v2m_wire_kind kind;
	int percent;		/* -1: unknown */
	bool source, done, failed;
	bool torn;		/* with failed: resets may help */
	struct v2m_err failure;	/* with failed */
};

/* V2M_FAILED: a limit ran out. */
int v2m_media_spent(struct v2m_err *err, const char *what);

/* The end at a system call that nothing is let make. */
int v2m_media_forbidden(const char *call, struct v2m_err *err);

/* A job could not be started within the sandbox: make that of err V2M_CONFIG,
 * with the setting that does without; any other stays as it is.  -1. */
int v2m_media_tell_way_out(struct v2m_err *err);

/* Check one message of n bytes and take it in.  V2M_BUG. */
int v2m_reports_take(struct v2m_reports *r, const void *message, size_t n,
    struct v2m_err *err);

#endif
