/* media.h - convert videos to MP3s: the parent's side.
 *
 * File content is parsed only by the engine, the program libexec/v2m/v2m-media
 * (lib/engine/).  It is started once, with an empty environment and one control
 * socket, and forks a child for each job.  The functions here start it, send it
 * jobs as descriptors, and answer the child's requests for input.  Nothing that
 * comes back is trusted: every field of a report is checked, control characters
 * are removed from texts, and the MP3 is read back by a parser of our own
 * (walk.h).
 *
 * Thread-safe: several threads can run jobs on one struct v2m_media at a time,
 * and change settings, which then hold for jobs that begin later.  No SIGPIPE
 * is raised.
 */
#ifndef V2M_MEDIA_MEDIA_H
#define V2M_MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"
#include "media/settings.h"
#include "media/wire.h"

struct v2m_media;

/* Start the engine; one per process is enough.  V2M_CONFIG: it is missing,
 * cannot be loaded, or has another version.  V2M_TEMP: it was killed, or did
 * not start in time. */
struct v2m_media *v2m_media_start(struct v2m_err *err);

/* The same, only for v2m_media_probe(): use the engine that a worker of the
 * same user lends in this folder (media/lend.h; the name is borrowed), if there
 * is one.  If the worker ends, jobs get an engine of their own. */
struct v2m_media *v2m_media_borrow(const char *folder, struct v2m_err *err);

/* The longest MP3 to make, for later jobs; 24 h by default.  Sound after it is
 * left out, with a warning. */
void v2m_media_set_max_duration(struct v2m_media *m, int64_t ms);

/* Limits of later jobs.  Default: with the sandbox, and the defaults of the
 * configuration.  0: no limit. */
struct v2m_media_limits {
	enum v2m_sandbox sandbox;
	int64_t memory_bytes;	/* address space besides the program's own */
	/* CPU time of all threads, and elapsed time in which we wait for the
	 * child (not: it for us).  Both are given once, and again for each GB
	 * of input and each hour of sound that has been made. */
	int64_t cpu_ms, time_ms;
	/* Set by v2m_media_probe(): */
	bool once;		/* cpu_ms and time_ms are given only once */
	int64_t read_bytes;	/* input that may be read; 0: by its length */
};

void v2m_media_set_limits(struct v2m_media *m,
    const struct v2m_media_limits *limits);

/* Set limits and longest duration from the configuration; no_sandbox: without
 * the sandbox.  V2M_CONFIG: a limit is too low. */
int v2m_media_set_conf(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err);

/* The same, and start a child to find out whether the sandbox works: V2M_CONFIG
 * if not, with the setting for going without.  Each job checks that itself, so
 * this is for finding it out earlier.  Also the errors of
 * v2m_media_ask_sandbox(). */
int v2m_media_configure(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err);

/* Does the error of v2m_media_configure() or v2m_media_probe() mean that the
 * sandbox does not work?  Then nothing can be converted, but programs that only
 * check uploads may go on without a check. */
bool v2m_media_lacks_sandbox(const struct v2m_err *err);

/* The state of the sandbox as v2m_media_configure() found it: "full",
 * "no-landlock", "no-filter", "none".  A constant. */
const char *v2m_media_sandbox_word(struct v2m_media *m);

/* The parts of the sandbox that work. */
struct v2m_media_sandbox {
	bool filter, memory;	/* seccomp filter; limit of memory */
	int landlock;		/* ABI version of Landlock; 0: not available */
	char why_not[64];	/* why there is no filter */
};

int v2m_media_ask_sandbox(struct v2m_media *m,
    struct v2m_media_sandbox *sandbox, struct v2m_err *err);

/* How many threads encode a later job.  0, the default: all cores that this
 * process may use, divided among the running jobs, and again whenever one
 * begins or ends.  The MP3 does not depend on it. */
#define V2M_MEDIA_THREADS_MOST 256
void v2m_media_set_threads(struct v2m_media *m, int threads);

/* Stop the engine and free: running jobs are killed and end with V2M_TEMP.
 * NULL is allowed. */
void v2m_media_free(struct v2m_media *m);

/* The input: fd of a regular file (borrowed; read with pread, its offset does
 * not move).  Or fd -1 and a function like pread(2), called in the thread that
 * runs the job; it returns how many bytes it read (0 only at the end), or -1
 * with err.  name: of the file, or NULL; its suffix counts if the content does
 * not tell the format. */
struct v2m_media_input {
	int fd;
	const char *name;
	int64_t length;		/* bytes */
	ssize_t (*pread)(void *arg, void *buf, size_t n, int64_t offset,
	    struct v2m_err *err);
	/* n bytes at offset will be read soon; or NULL. */
	void (*ahead)(void *arg, size_t n, int64_t offset);
	void *arg;
};

/* Called in the thread that runs the job, about twice a second and when percent
 * changes (-1: unknown).  If it returns -1 with err, the job is killed and ends
 * with that error, for example when a lease was lost, a job was cancelled, or a
 * signal came. */
typedef int v2m_media_tick(void *arg, int percent, struct v2m_err *err);

/* A tick function that fails with V2M_TEMP, "interrupted", after a signal
 * (base/stop.h). */
v2m_media_tick v2m_media_until_stopped;

struct v2m_media_tag {
	char key[32];		/* libavformat's generic name: title, artist */
	char value[V2M_MEDIA_TEXT];	/* cut to size; may have line feeds */
};

/* If a loudness was asked for: the loudness before, and the gain. */
struct v2m_media_loudness {
	bool measured;
	double lufs, peak_dbtp;	/* -HUGE_VAL: silence */
	double gain_db;		/* 0: unchanged */
};

/* If there were more than two channels: the downmix. */
struct v2m_media_downmix {
	bool mixed;
	double peak_dbfs;	/* without gain; -HUGE_VAL: silence */
	double gain_db;		/* to stay below full scale; mostly 0 */
};

/* The result of a job that succeeded.  Texts have no control characters
 * (base/text.h). */
struct v2m_media_result {
	/* of the source */
	char format[64];	/* the container, as libavformat names it */
	char codec[32];		/* of the track used */
	int source_rate_hz, source_channels;
	int64_t claimed_ms;	/* duration that the container states; -1:
				 * none */
	/* of the MP3 (a probe leaves these 0) */
	int rate_hz, channels;
	int64_t samples;	/* per channel, when the MP3 is decoded */
	int64_t source_samples;	/* those from the source, at rate_hz */
	int64_t filled_samples;	/* those of silence inserted in gaps */
	int64_t damaged_packets;
	int64_t frames;		/* MP3 frames without the Xing frame */
	int64_t bytes;		/* of the MP3 file with its tags */
	int64_t duration_ms;
	int chapters;
	enum v2m_cover cover;
	int64_t cover_bytes;
	bool copied;		/* frames of the source were copied */
	struct v2m_media_loudness loudness;
	struct v2m_media_downmix downmix;
	/* of both */
	unsigned ntags;
	struct v2m_media_tag tags[V2M_SETTINGS_TAGS];
	unsigned nwarnings;	/* all there were; the first are in
				 * `warnings` */
	char warnings[V2M_MEDIA_WARNINGS][V2M_MEDIA_TEXT];
	unsigned nnotes;	/* facts that are no fault of the MP3 */
	char notes[V2M_MEDIA_NOTES][V2M_MEDIA_TEXT];
	/* resources used by the child; its sandbox, if asked for */
	int64_t cpu_ms, peak_kib;
	struct v2m_media_sandbox sandbox;
};

/* Convert: write a complete MP3 to out_fd, an empty regular file that is open
 * for reading and writing (borrowed).  On success the MP3 was read back and
 * agrees with *result.
 *
 * V2M_DATA: not media, or without a sample of sound; trying again is useless.
 * V2M_FAILED: the decoder crashed or exceeded a limit; may be tried again, and
 * counts as an attempt.  V2M_TEMP: no space, no memory, killed from outside, or
 * a temporary error of the input.  V2M_IO: the input or the output failed.
 * V2M_BUG: the MP3 is invalid, or the sandbox killed the child.  Or the error
 * of tick or of the input's pread. */
int v2m_media_convert(struct v2m_media *m, const struct v2m_media_input *in,
    const struct v2m_settings *settings, int out_fd, v2m_media_tick *tick,
    void *tick_arg, struct v2m_media_result *result, struct v2m_err *err);

/* Does the error mean that the sandbox killed the child for a forbidden system
 * call?  That is a bug of v2m or an attack, and trying again is useless until
 * v2m is updated. */
bool v2m_media_is_forbidden(const struct v2m_err *err);

/* Does the error mean that a limit of CPU time, elapsed time or bytes read was
 * exceeded? */
bool v2m_media_is_spent(const struct v2m_err *err);

/* Check whether the file has sound: opens the container, decodes only until
 * sound comes, writes nothing.  settings: those of the later job; its track
 * must exist.  Errors as v2m_media_convert(), and V2M_CONFIG as
 * v2m_media_configure().  The limits are far lower: 2 s of CPU time, 10 s in
 * all, 64 MiB read. */
int v2m_media_probe(struct v2m_media *m, const struct v2m_media_input *in,
    const struct v2m_settings *settings, v2m_media_tick *tick, void *tick_arg,
    struct v2m_media_result *result, struct v2m_err *err);

struct v2m_media_tracks {
	int n;
	struct v2m_media_track {	/* track number i + 1 */
		char codec[32], language[V2M_LANG_SIZE], title[V2M_MEDIA_TEXT];
		int rate_hz, channels;	/* 0: not known */
		unsigned flags;
	} tracks[V2M_MEDIA_TRACKS];
};

/* List the tracks with sound.  Errors as v2m_media_convert(). */
int v2m_media_list_tracks(struct v2m_media *m,
    const struct v2m_media_input *in, v2m_media_tick *tick, void *tick_arg,
    struct v2m_media_tracks *tracks, struct v2m_err *err);

#endif
