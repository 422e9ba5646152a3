/* run.h - one run of v2m-convert, and what its parts ask of each other. */
#ifndef V2M_CMD_CONVERT_RUN_H
#define V2M_CMD_CONVERT_RUN_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cli.h"
#include "base/io.h"
#include "media/media.h"

/* What many threads change is under the lock. */
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
	const char *stdin_name;	/* file name of what comes from stdin, or
				 * NULL */
	char **inputs;
	int n;
	pthread_mutex_t lock;
	int next;
	char **names;		/* of the files made in dir; NULL so far */
	struct v2m_tally tally;
};

/* Where one MP3 goes.  direct: to fd as it is (stdout, a device, a pipe), by
 * way of a nameless file; else to a file that gets its name when it is done. */
struct target {
	bool direct;
	bool skipped;		/* an MP3 is there, and is to stay */
	int fd;
	struct v2m_newfile file;
	char path[PATH_MAX];
	const char *name;	/* in path, behind the folder */
};

/* What people call an input: its path; --name or "stdin". */
const char *run_input_name(const struct run *run, int i);

/* Open input i: a descriptor, and its length in bytes; -1.  A pipe is kept in
 * a nameless file. */
int run_open_input(const struct run *run, int i, int64_t *length,
    struct v2m_err *err);

/* Find out where the MP3 of input i goes, and open that (or set skipped). */
int target_open(struct run *run, int i, struct target *t, struct v2m_err *err);

/* Give the finished MP3 its name, or copy it there. */
int target_deliver(const struct run *run, struct target *t,
    struct v2m_err *err);

/* What was not delivered is gone. */
void target_close(struct target *t);

/* Where in dir the MP3 of input i goes, in run->names[i]: no other of this run
 * goes there. */
int run_choose_name(struct run *run, int i, struct v2m_err *err);

/* Tell how input i ended, err NULL: well; with the lock held. */
void run_report(struct run *run, int i, const struct target *t,
    const struct v2m_media_result *r, const struct v2m_err *err);

/* Convert all inputs, at_a_time of them at a time. */
void run_convert_all(struct run *run);

/* --list-tracks, for all inputs. */
void run_list_tracks(struct run *run);

#endif
