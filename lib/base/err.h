/* err.h - how a failure travels from where it happens to whom it concerns.
 *
 * Every function of lib/ that can fail returns -1 (or NULL) and fills a
 * struct v2m_err that its caller owns; on success the struct is untouched.
 * The code answers two questions: which exit status a command ends with (the
 * numbers are those of sysexits(3)) and, through v2m_err_retry(), whether the
 * same thing tried later could succeed.  The message is a complete phrase in
 * lower case, without a full stop, safe to print as it is: control characters
 * are replaced when it is set.
 *
 * Thread safety: a struct v2m_err belongs to one thread; nothing is global.
 */
#ifndef V2M_BASE_ERR_H
#define V2M_BASE_ERR_H

#include <stdbool.h>

enum v2m_code {
	V2M_OK = 0,
	V2M_FAILED = 1,		/* a negative answer; failures that differ */
	V2M_WARNED = 3,		/* done, with warnings */
	V2M_USAGE = 64,
	V2M_DATA = 65,		/* not media, no sound in it, damaged */
	V2M_NOINPUT = 66,	/* no such file, no such ID */
	V2M_UNAVAILABLE = 69,	/* a service refuses for good */
	V2M_BUG = 70,
	V2M_CANTCREATE = 73,
	V2M_IO = 74,
	V2M_TEMP = 75,		/* a service is away, a disk full: try again */
	V2M_PROTOCOL = 76,	/* a message that is none */
	V2M_DENIED = 77,
	V2M_CONFIG = 78,
};

struct v2m_err {
	enum v2m_code code;
	int sys;		/* errno of the cause, 0 where there is none */
	char msg[512];
};

/* Set code and message.  Returns -1, so that a function can end with it.
 * err may be NULL: then only the -1 is of use. */
int v2m_err_set(struct v2m_err *err, enum v2m_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: appends ": " and the text of errno, and
 * chooses the code from errno where it says more than the one given (no space
 * and no memory are V2M_TEMP, no permission is V2M_DENIED). */
int v2m_err_sys(struct v2m_err *err, enum v2m_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for what is stored and is not whole: V2M_IO, and not for the moment,
 * which v2m_err_is_damage() tells from a disk that fails. */
int v2m_err_damage(struct v2m_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

bool v2m_err_is_damage(const struct v2m_err *err);

/* Set err: V2M_TEMP although every service answers, for a limit is reached or
 * somebody else was faster. */
int v2m_err_busy(struct v2m_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Was it that, or a disk that is full?  Then no service is away. */
bool v2m_err_is_busy(const struct v2m_err *err);

/* Is it the system that denied us a file?  For a service that is no answer to
 * who asked it, but a fault on its own side. */
bool v2m_err_is_access(const struct v2m_err *err);

/* Set err to another one, which failed on the way to this failure.  Returns
 * -1. */
int v2m_err_pass(struct v2m_err *err, const struct v2m_err *why);

/* Put "prefix: " before the message that is there.  Returns -1. */
int v2m_err_prefix(struct v2m_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Could the same attempt succeed later, with nobody changing the input? */
bool v2m_err_retry(enum v2m_code code);

/* A short word for a code, for logs and JSON: "temporary", "denied", ... */
const char *v2m_code_word(enum v2m_code code);

/* The sum of many items' outcomes: how a command's exit status comes about.
 * Start from a zeroed struct. */
struct v2m_tally {
	unsigned long done, failed, warned;
	enum v2m_code code;	/* of the failures, where all are of one kind */
};

void v2m_tally_done(struct v2m_tally *t);
void v2m_tally_warned(struct v2m_tally *t);	/* done, with warnings */
void v2m_tally_failed(struct v2m_tally *t, enum v2m_code code);

/* 0 all done; 3 all done, some with warnings; the failures' status where they
 * are of one kind, else 1. */
int v2m_tally_status(const struct v2m_tally *t);

/* The same; with warnings_ok 0 in the place of 3. */
int v2m_tally_status_ok(const struct v2m_tally *t, bool warnings_ok);

#endif
