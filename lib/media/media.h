/* media.h - a video in, an MP3 out: the parent's half.
 *
 * File content is looked at in one place only: the engine, which is the
 * program libexec/v2m/v2m-media (lib/engine/), started once with an emptied
 * environment and one control socket, which forks a child for each job.  This
 * module starts it, hands it jobs as descriptors, answers the child's requests
 * for input, and believes nothing that comes back: every field of a report is
 * checked, every text cleaned, and the MP3 is read back with a frame walker of
 * our own before it counts (walk.h).
 *
 * Thread safety: any number of threads may run jobs on one struct v2m_media at
 * a time, and change what holds from the next job on.  SIGPIPE should be
 * ignored or is handled with MSG_NOSIGNAL.
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

/* Start the engine.  One per process is enough.
 * V2M_CONFIG: it is not there, cannot be loaded, or is of another version.
 * V2M_TEMP: it was killed while it started, or took too long. */
struct v2m_media *v2m_media_start(struct v2m_err *err);

/* The same, for v2m_media_probe() alone: where a worker of the same user lends
 * its engine in this folder (media/lend.h; the name is borrowed), that one.
 * Should it go away, jobs get one of their own. */
struct v2m_media *v2m_media_borrow(const char *folder, struct v2m_err *err);

/* The longest MP3 to make, from the next job on; 24 h unless set.  Sound beyond
 * it is left out, with a warning. */
void v2m_media_set_max_duration(struct v2m_media *m, int64_t ms);

/* What a job may take, from the next job on.  Until it is said: a sandbox, and
 * the defaults of the configuration. */
struct v2m_media_limits {
	enum v2m_sandbox sandbox;
	int64_t memory_bytes;	/* address space beyond the program's own */
	/* CPU time of all its threads, and time that passes while we wait for
	 * it and not it for us: once, and again for each GB of the input and
	 * each hour of sound that has come out of it. */
	int64_t cpu_ms, time_ms;
	/* What a look at an upload may take, set by ourselves: */
	bool once;		/* cpu_ms and time_ms are for all of it */
	int64_t read_bytes;	/* of the input; 0: as its length allows */
};

void v2m_media_set_limits(struct v2m_media *m,
    const struct v2m_media_limits *limits);

/* Set limits and longest duration as configured; the sandbox unless
 * no_sandbox is true.  V2M_CONFIG: they cannot be meant. */
int v2m_media_set_conf(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err);

/* The same, and see in a child of its own whether the sandbox can be put up:
 * V2M_CONFIG, with the setting that does without.  A job sees to it itself, so
 * this is for those who want to know before there is one. */
int v2m_media_configure(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err);

/* Was it that, here or in v2m_media_probe()?  Then nothing is converted; what
 * only checks may do without. */
bool v2m_media_lacks_sandbox(const struct v2m_err *err);

/* In a word, as v2m_media_configure() found it: "full", "no-landlock",
 * "no-filter", "none". */
const char *v2m_media_sandbox_word(struct v2m_media *m);

/* What of the sandbox a child has, found out by a child. */
struct v2m_media_sandbox {
	bool filter, memory;	/* of system calls; a limit of it */
	int landlock;		/* its version; 0: the kernel has none for us */
	char why_not[64];	/* there is no filter */
};

int v2m_media_ask_sandbox(struct v2m_media *m,
    struct v2m_media_sandbox *sandbox, struct v2m_err *err);

/* How many threads encode a job, from the next one on.  0, the default: all
 * cores this process may use, divided among the jobs that run, and anew when
 * one begins or ends.  The MP3 is the same whatever it is. */
#define V2M_MEDIA_THREADS_MOST 256
void v2m_media_set_threads(struct v2m_media *m, int threads);

/* Stop it: running jobs are killed and end with V2M_TEMP.  NULL is fine. */
void v2m_media_free(struct v2m_media *m);

/* Where the bytes come from: a regular file's descriptor (borrowed; read with
 * pread, its offset is not moved), or, where fd is -1, a function that reads
 * like pread(2) into buf and returns the bytes read (0 at the end only) or -1
 * with err filled; it is called in the thread that runs the job.  name: of
 * the file, or NULL; its ending counts where nothing else tells what it is. */
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

/* Called about twice a second, and at every change of percent, while a job
 * runs, in the thread that runs it.  percent is -1 while unknown.  Returning
 * -1 with err filled kills the job, which then ends with that error: so a
 * lease that is lost, a cancelled job and a signal all stop the work here. */
typedef int v2m_media_tick(void *arg, int percent, struct v2m_err *err);

/* A tick that only looks for signals (base/stop.h): V2M_TEMP, "interrupted". */
v2m_media_tick v2m_media_until_stopped;

struct v2m_media_tag {
	char key[32];		/* libavformat's generic names: title, artist */
	char value[V2M_MEDIA_TEXT];	/* its beginning; may have line feeds */
};

/* Where a loudness was asked for: what it was before, and what was done. */
struct v2m_media_loudness {
	bool measured;
	double lufs, peak_dbtp;	/* -HUGE_VAL: silence */
	double gain_db;		/* 0: left as it was */
};

/* Where more than two channels were mixed down. */
struct v2m_media_downmix {
	bool mixed;
	double peak_dbfs;	/* at unity; -HUGE_VAL: silence */
	double gain_db;		/* lest it pass full scale; mostly 0 */
};

/* What is known of a job that ended well.  Texts are clean (base/text.h). */
struct v2m_media_result {
	/* of the source */
	char format[64];	/* the container, as libavformat names it */
	char codec[32];		/* of the track that was taken */
	int source_rate_hz, source_channels;
	int64_t claimed_ms;	/* what the container claims; -1: nothing */
	/* of the MP3 (a probe leaves these 0) */
	int rate_hz, channels;
	int64_t samples;	/* per channel, as decoding the MP3 gives */
	int64_t source_samples;	/* of them from the source, at rate_hz */
	int64_t filled_samples;	/* of them silence put where there was a gap */
	int64_t damaged_packets;
	int64_t frames;		/* MP3 frames, the Xing frame not counted */
	int64_t bytes;		/* of the MP3 file, tags included */
	int64_t duration_ms;
	int chapters;
	enum v2m_cover cover;
	int64_t cover_bytes;
	bool copied;		/* frames of the source, not encoded */
	struct v2m_media_loudness loudness;
	struct v2m_media_downmix downmix;
	/* of both */
	unsigned ntags;
	struct v2m_media_tag tags[V2M_SETTINGS_TAGS];
	unsigned nwarnings;	/* how many there were */
	char warnings[V2M_MEDIA_WARNINGS][V2M_MEDIA_TEXT];
	unsigned nnotes;	/* of what is no fault of the MP3 */
	char notes[V2M_MEDIA_NOTES][V2M_MEDIA_TEXT];
	/* what the child cost, and what it was kept in where that was asked */
	int64_t cpu_ms, peak_kib;
	struct v2m_media_sandbox sandbox;
};

/* Convert: write a complete MP3 file to out_fd, an empty regular file that is
 * open for reading and writing (borrowed).  On success the MP3 has been read
 * back and agrees with the result.
 *
 * V2M_DATA: not media, no sound in it, or zero samples of it ("no sound in
 * it"): for good.  V2M_FAILED: the decoder crashed or ran into a limit: may be
 * tried again, and counts as an attempt.  V2M_TEMP: no space, no memory,
 * killed from outside, or the input's own temporary error.  V2M_BUG: what came
 * back is not a sound MP3, or the sandbox ended it.  Else
 * whatever tick or the input's pread said. */
int v2m_media_convert(struct v2m_media *m, const struct v2m_media_input *in,
    const struct v2m_settings *settings, int out_fd, v2m_media_tick *tick,
    void *tick_arg, struct v2m_media_result *result, struct v2m_err *err);

/* Was it an end by the sandbox, at a system call that no decoder needs?  That
 * is a fault of v2m's or an attack, and trying again makes no sense until v2m
 * is another. */
bool v2m_media_is_forbidden(const struct v2m_err *err);

/* Did a limit of CPU time, time or bytes read run out? */
bool v2m_media_is_spent(const struct v2m_err *err);

/* Only look whether there is sound in it: opens the container, decodes
 * nothing to the end, writes nothing.  Errors as above.  Its limits are far
 * below a conversion's: 2 s of CPU, 10 s in all, 64 MiB read.  settings are
 * those of the job to come: its track has to be there.  V2M_CONFIG: there is no
 * sandbox to look in, as with v2m_media_configure(). */
int v2m_media_probe(struct v2m_media *m, const struct v2m_media_input *in,
    const struct v2m_settings *settings, v2m_media_tick *tick, void *tick_arg,
    struct v2m_media_result *result, struct v2m_err *err);

struct v2m_media_tracks {
	int n;
	struct v2m_media_track {	/* number i + 1 */
		char codec[32], language[V2M_LANG_SIZE], title[V2M_MEDIA_TEXT];
		int rate_hz, channels;	/* 0: not known */
		unsigned flags;
	} tracks[V2M_MEDIA_TRACKS];
};

/* Which tracks with sound there are.  Errors as above. */
int v2m_media_list_tracks(struct v2m_media *m,
    const struct v2m_media_input *in, v2m_media_tick *tick, void *tick_arg,
    struct v2m_media_tracks *tracks, struct v2m_err *err);

#endif
