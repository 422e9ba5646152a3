/* run.h - a run of v2m-convert, shared by its files. */
#ifndef V2M_CMD_CONVERT_RUN_H
#define V2M_CMD_CONVERT_RUN_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cli.h"
#include "base/io.h"
#include "media/media.h"

/* The lock protects what several threads change. */
struct run {
	const struct v2m_cli *cli;
	struct v2m_media *media;
	struct v2m_settings settings;
	int64_t max_upload, free_reserve, max_duration_ms;
	int at_a_time;
	bool force, skip_existing;
	bool by_operand;	/* the last operand names file or folder */
	const char *dir;	/* write into it; NULL: */
	const char *file;	/* write this; NULL: stdout */
	const char *base;	/* folder, without symbolic links, whose tree
				 * is mirrored in dir; NULL: all in dir
				 * itself */
	const char *stdin_name;	/* file name to use for stdin, or
				 * NULL */
	char **inputs;
	int n;
	pthread_mutex_t lock;
	int next;
	char **names;		/* of the files made in dir; NULL so far */
	struct v2m_tally tally;
};

/* The target of one MP3.  direct: it is made in a file without a name, and then
 * copied to fd (stdout, a device, a pipe); else it is a file that gets its name
 * when it is complete. */
struct target {
	bool direct;
	bool skipped;		/* an MP3 is there, and is to stay */
	int fd;
	struct v2m_newfile file;
	char path[PATH_MAX];
	const char *name;	/* in path, behind the folder */
};

/* The name of an input in messages: its path; --name or "stdin". */
const char *run_input_name(const struct run *run, int i);

/* Open input i: a descriptor, and its length in bytes; -1.  A pipe is kept in
 * a nameless file. */
int run_open_input(const struct run *run, int i, int64_t *length,
    struct v2m_err *err);

/* Choose the target of input i, and open it, or set skipped. */
int target_open(struct run *run, int i, struct target *t, struct v2m_err *err);

/* Give the finished MP3 its name, or copy it there. */
int target_deliver(const struct run *run, struct target *t,
    struct v2m_err *err);

/* Release it; an MP3 that was not delivered is removed. */
void target_close(struct target *t);

/* Choose run->names[i], the name of the MP3 of input i in dir; no two of a run
 * are the same. */
int run_choose_name(struct run *run, int i, struct v2m_err *err);

/* Report the result of input i; err NULL: success.  With the lock held. */
void run_report(struct run *run, int i, const struct target *t,
    const struct v2m_media_result *r, const struct v2m_err *err);

/* Convert all inputs, at_a_time of them at a time. */
void run_convert_all(struct run *run);

/* --list-tracks, for all inputs. */
void run_list_tracks(struct run *run);

#endif
