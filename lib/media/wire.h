/* wire.h - the messages between v2m (parent) and its media program (engine).
 *
 * Each message has a fixed size.  All sockets keep message boundaries
 * (SOCK_SEQPACKET), except for the input's:
 *
 *	control   engine -> parent   struct v2m_wire_hello, once
 *	control   parent -> engine   struct v2m_wire_job and its descriptors
 *	job       child  -> parent   struct v2m_wire_report, any number
 *	          parent -> child    struct v2m_wire_share, any number
 *	lifeline  engine -> parent   struct v2m_wire_end, once
 *	input     child  -> parent   struct v2m_wire_ask, then an int32_t n
 *	          parent -> child    and, if n is positive, n bytes
 *
 * A job's descriptors are, in this order: lifeline, job socket, input (a
 * regular file or the input socket) and, to convert, the output.  If the parent
 * closes or shuts down its end of the lifeline, the child is killed.
 *
 * Both ends run on one machine, so integers are in its byte order.  After an
 * upgrade an older worker may meet a newer v2m-upload (media/lend.h): whoever
 * changes a struct or its meaning must increase V2M_WIRE_VERSION.
 */
#ifndef V2M_MEDIA_WIRE_H
#define V2M_MEDIA_WIRE_H

#include <stdint.h>
#include <sys/types.h>

#include "media/hint.h"
#include "media/settings.h"

#define V2M_WIRE_VERSION 7u
#define V2M_WIRE_CONTROL_FD 3		/* where the engine finds its socket */
#define V2M_WIRE_FDS_MAX 4
#define V2M_WIRE_ASK_MAX (256 * 1024)	/* bytes asked for at a time */

/* The most bytes that may be read of an object of so many bytes: sample tables
 * can point many samples at the same place, so both ends refuse more.  It
 * counts per pass; a child may begin a new pass over the whole object, up to
 * V2M_WIRE_PASSES in all. */
#define V2M_WIRE_READ_LIMIT(length) (3 * (length) + (64 << 20))
#define V2M_WIRE_PASSES 8

#define V2M_MEDIA_WARNINGS 16	/* reported per job; the rest is counted */
#define V2M_MEDIA_NOTES 4	/* reported per job */
#define V2M_MEDIA_TRACKS 100	/* a file with more tracks is refused */
#define V2M_MEDIA_TEXT 256	/* bytes of a text, with NUL */

/* The sandbox of a child: none; as much of seccomp filter, Landlock and memory
 * limit as the system has; the same, but the filter is required. */
enum v2m_sandbox {
	V2M_SANDBOX_NO,
	V2M_SANDBOX_PARTLY,
	V2M_SANDBOX_YES,
};

enum v2m_cover { V2M_COVER_NONE, V2M_COVER_JPEG, V2M_COVER_PNG };

enum v2m_track_flag {
	V2M_TRACK_USUAL = 1,		/* used unless another is asked for */
	V2M_TRACK_DEFAULT = 2,		/* the container's default */
	V2M_TRACK_COMMENTARY = 4,
	V2M_TRACK_DESCRIPTIVE = 8,	/* audio description */
	V2M_TRACK_HARD_OF_HEARING = 16,
	V2M_TRACK_UNDECODABLE = 32,	/* there is no decoder for it */
	V2M_TRACK_ENCRYPTED = 64,
};

enum v2m_wire_magic {
	V2M_WIRE_HELLO = 0x76326d01,
	V2M_WIRE_JOB,
	V2M_WIRE_REPORT,
	V2M_WIRE_END,
	V2M_WIRE_SHARE,
};

struct v2m_wire_hello {
	uint32_t magic, version;
};

enum v2m_wire_kind {
	V2M_WIRE_CONVERT = 1,
	V2M_WIRE_PROBE,
	V2M_WIRE_SANDBOX,			/* reads no input */
	V2M_WIRE_TRACKS,		/* lists them */
};

/* Limits of a child. */
struct v2m_wire_limits {
	uint32_t sandbox;		/* enum v2m_sandbox */
	uint32_t zero;
	int64_t memory_bytes;		/* besides the engine's own */
	int64_t cpu_ms;			/* CPU time for the input, */
	int64_t cpu_ms_per_hour;	/* and for each hour of sound made */
	int64_t read_bytes;		/* of input; 0: by its length */
};

struct v2m_wire_job {
	uint32_t magic, version;
	uint32_t kind;
	uint32_t by_request;		/* 1: the input is a socket for
					 * requests */
	int64_t length;			/* of the input, bytes */
	char hint[V2M_HINT_SIZE];	/* suffix of the file name, with NUL */
	int64_t max_duration_s;		/* of the output */
	struct v2m_settings settings;	/* `copy` unsaid means no */
	int32_t threads, share;		/* to encode, at least 1: to create; to
					 * use */
	uint32_t resets;		/* 1: segments share no data */
	struct v2m_wire_limits limits;
};

/* How many threads to use from now on. */
struct v2m_wire_share {
	uint32_t magic, version;
	int32_t threads;
	uint32_t zero;
};

/* The part of the sandbox that could not be started, if a job failed because of
 * that. */
enum v2m_wire_lacks {
	V2M_WIRE_LACKS_NOTHING,
	V2M_WIRE_LACKS_FILTER,		/* the seccomp filter */
	V2M_WIRE_LACKS_A_PART,		/* another part */
};

#define V2M_WIRE_SILENCE INT32_MIN	/* no loudness */

enum v2m_wire_what {
	V2M_WIRE_PROGRESS = 1,
	V2M_WIRE_SOURCE,		/* once, before those below */
	V2M_WIRE_TAG,
	V2M_WIRE_WARNING,
	V2M_WIRE_UP,			/* parts of the sandbox that work */
	V2M_WIRE_TRACK,			/* a track */
	V2M_WIRE_DONE,			/* the last report; or */
	V2M_WIRE_FAILED,		/* this; or */
	V2M_WIRE_FORBIDDEN,		/* this: ended by a forbidden system
					 * call */
};

struct v2m_wire_report {
	uint32_t magic, version;
	uint32_t what, zero;
	union {
		struct {
			int32_t percent;	/* 0 to 100 */
		} progress;
		struct {
			char format[64], codec[32];
			int32_t rate_hz, channels;
			int64_t claimed_ms;	/* -1: no claim */
		} source;
		struct {
			char key[32], value[V2M_MEDIA_TEXT];
		} tag;
		struct {
			uint32_t note;		/* 1: a note, no fault of the
						 * MP3 */
			char text[V2M_MEDIA_TEXT];
		} warning;
		struct {
			int32_t landlock;	/* its ABI version; 0: none */
			uint32_t memory;	/* 1: it is limited */
			uint32_t filter;	/* 1: there is one; 0: */
			char why_not[64];
		} up;
		struct {
			int32_t number, rate_hz, channels;
			uint32_t flags;		/* V2M_TRACK_... */
			char codec[32], language[V2M_LANG_SIZE];
			char title[V2M_MEDIA_TEXT];
		} track;
		struct {
			int32_t rate_hz, channels;
			int64_t samples, filled_samples;
			int64_t damaged_packets, frames, bytes;
			int32_t chapters, cover;	/* enum v2m_cover */
			int64_t cover_bytes;
			uint32_t warnings;	/* all, reported or not */
			uint32_t measured;	/* 1: loudness was measured, */
			int32_t lufs, peak_dbtp, gain_db; /* in 1/100 dB */
			uint32_t copied;	/* 1: copied, not encoded */
			uint32_t mixed;		/* 1: a downmix, in 1/100 dB: */
			int32_t mix_peak_dbfs, mix_gain_db;
		} done;
		struct {
			int32_t code;		/* enum v2m_code */
			uint32_t torn;		/* 1: try with resets */
			uint32_t spent;		/* 1: a limit was exceeded */
			uint32_t lacks;		/* enum v2m_wire_lacks */
			char text[V2M_MEDIA_TEXT];
		} failed;
		struct {
			char call[32];		/* its name */
		} forbidden;
	} u;
};

struct v2m_wire_end {
	uint32_t magic, version;
	int32_t status;			/* as from wait(2) */
	int32_t fork_errno;		/* not 0: there was no child */
	int64_t cpu_us, peak_kib;
};

/* Send a job and its descriptors (borrowed) to the control socket.  Returns as
 * sendmsg(2), but is repeated after a signal. */
ssize_t v2m_wire_send(int control, struct v2m_wire_job *job, const int *fds,
    int nfds);

/* Receive a job.  Returns as recvmsg(2).  *nfds descriptors, the caller's to
 * close, also if the message is not a job. */
ssize_t v2m_wire_receive(int control, struct v2m_wire_job *job,
    int fds[V2M_WIRE_FDS_MAX], int *nfds);

#define V2M_WIRE_SOON 0x80000000u

struct v2m_wire_ask {
	uint64_t offset;
	uint32_t length;		/* 1 to V2M_WIRE_ASK_MAX */
	uint32_t pass;			/* 0 to V2M_WIRE_PASSES - 1; with
					 * V2M_WIRE_SOON: an announcement, which
					 * is not answered */
};

#endif
