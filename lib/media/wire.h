/* wire.h - what crosses the border between v2m and its media program.
 *
 * Five kinds of message, each of a fixed size, each on a socket that keeps
 * message borders (SOCK_SEQPACKET), but for the input's bytes:
 *
 *	control   engine -> parent   struct v2m_wire_hello, once
 *	control   parent -> engine   struct v2m_wire_job and its descriptors
 *	job       child  -> parent   struct v2m_wire_report, any number
 *	          parent -> child    struct v2m_wire_share, now and then
 *	lifeline  engine -> parent   struct v2m_wire_end, once
 *	input     child  -> parent   struct v2m_wire_ask, then an int32_t n
 *	          parent -> child    and, where it is positive, n bytes
 *
 * A job's descriptors, in this order: lifeline, job socket, input (a regular
 * file or the input socket) and, to convert, the output.  The parent's closing
 * or shutting down its end of the lifeline kills the child.
 *
 * Both ends run on one machine, so integers are in its own byte order.  After
 * an upgrade an older worker may meet a newer v2m-upload (media/lend.h): who
 * changes a struct or what it means raises V2M_WIRE_VERSION.
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

/* Both ends refuse to move more than this for an object of so many bytes:
 * sample tables can point many samples at the same place.  It counts anew where
 * the child begins the whole once more, as often as that may be. */
#define V2M_WIRE_READ_LIMIT(length) (3 * (length) + (64 << 20))
#define V2M_WIRE_PASSES 8

#define V2M_MEDIA_WARNINGS 16	/* told of one job; the rest is counted */
#define V2M_MEDIA_NOTES 4	/* the same */
#define V2M_MEDIA_TRACKS 100	/* more of all kinds no file may have */
#define V2M_MEDIA_TEXT 256	/* bytes of one text, with NUL */

/* What a file is looked at within: nothing; what the system has of a filter of
 * system calls, Landlock and a limit of memory; no less than the filter. */
enum v2m_sandbox {
	V2M_SANDBOX_NO,
	V2M_SANDBOX_PARTLY,
	V2M_SANDBOX_YES,
};

enum v2m_cover { V2M_COVER_NONE, V2M_COVER_JPEG, V2M_COVER_PNG };

enum v2m_track_flag {
	V2M_TRACK_USUAL = 1,		/* taken where no other is asked for */
	V2M_TRACK_DEFAULT = 2,		/* the container says so */
	V2M_TRACK_COMMENTARY = 4,
	V2M_TRACK_DESCRIPTIVE = 8,	/* describes the pictures */
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
	V2M_WIRE_SANDBOX,			/* looks at no input */
	V2M_WIRE_TRACKS,		/* tells which there are */
};

/* What the child holds itself to. */
struct v2m_wire_limits {
	uint32_t sandbox;		/* enum v2m_sandbox */
	uint32_t zero;
	int64_t memory_bytes;		/* beyond what the engine has anyway */
	int64_t cpu_ms;			/* CPU time for so long an input, */
	int64_t cpu_ms_per_hour;	/* and for each hour of sound in it */
	int64_t read_bytes;		/* of the input; 0: by its length */
};

struct v2m_wire_job {
	uint32_t magic, version;
	uint32_t kind;
	uint32_t by_request;		/* 1: the input is a socket to ask */
	int64_t length;			/* of the input, bytes */
	char hint[V2M_HINT_SIZE];	/* what its name says, with NUL */
	int64_t max_duration_s;		/* of the output */
	struct v2m_settings settings;	/* unsaid is no */
	int32_t threads, share;		/* to encode with, 1 at least: those
					 * to make, and those that work */
	uint32_t resets;		/* 1: segments that share no data */
	struct v2m_wire_limits limits;
};

/* How many threads shall work from now on. */
struct v2m_wire_share {
	uint32_t magic, version;
	int32_t threads;
	uint32_t zero;
};

/* What of the sandbox could not be started, where a job failed by that. */
enum v2m_wire_lacks {
	V2M_WIRE_LACKS_NOTHING,
	V2M_WIRE_LACKS_FILTER,		/* of system calls */
	V2M_WIRE_LACKS_A_PART,		/* another */
};

#define V2M_WIRE_SILENCE INT32_MIN	/* for what has no loudness */

enum v2m_wire_what {
	V2M_WIRE_PROGRESS = 1,
	V2M_WIRE_SOURCE,		/* once, before any that follow */
	V2M_WIRE_TAG,
	V2M_WIRE_WARNING,
	V2M_WIRE_UP,			/* what of the sandbox is up */
	V2M_WIRE_TRACK,			/* one of the tracks */
	V2M_WIRE_DONE,			/* the last one, or */
	V2M_WIRE_FAILED,		/* this, or */
	V2M_WIRE_FORBIDDEN,		/* this: a system call ended it */
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
			uint32_t note;		/* 1: to know, not to repair */
			char text[V2M_MEDIA_TEXT];
		} warning;
		struct {
			int32_t landlock;	/* its version; 0: none */
			uint32_t memory;	/* 1: it is limited */
			uint32_t filter;	/* 1: there is one; else: */
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
			uint32_t warnings;	/* told or not */
			uint32_t measured;	/* 1: its loudness, in */
			int32_t lufs, peak_dbtp, gain_db; /* hundredths */
			uint32_t copied;	/* 1: not encoded */
			uint32_t mixed;		/* 1: down, with, likewise, */
			int32_t mix_peak_dbfs, mix_gain_db;
		} done;
		struct {
			int32_t code;		/* enum v2m_code */
			uint32_t torn;		/* 1: try with resets */
			uint32_t spent;		/* 1: a limit ran out */
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
	int32_t status;			/* as wait(2) gives it */
	int32_t fork_errno;		/* not 0: there was no child */
	int64_t cpu_us, peak_kib;
};

/* A job and its descriptors (borrowed) to whoever hears the control socket.
 * As sendmsg(2), but begun again where a signal ended it. */
ssize_t v2m_wire_send(int control, struct v2m_wire_job *job, const int *fds,
    int nfds);

/* The same from the other end, as recvmsg(2): *nfds descriptors, the caller's
 * to close, also where what came is no job. */
ssize_t v2m_wire_receive(int control, struct v2m_wire_job *job,
    int fds[V2M_WIRE_FDS_MAX], int *nfds);

#define V2M_WIRE_SOON 0x80000000u

struct v2m_wire_ask {
	uint64_t offset;
	uint32_t length;		/* 1 to V2M_WIRE_ASK_MAX */
	uint32_t pass;			/* 0 to V2M_WIRE_PASSES - 1; with
					 * V2M_WIRE_SOON it will be asked for,
					 * and is not answered */
};

#endif
