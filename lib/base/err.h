/* err.h - errors: a code and a message.
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
	V2M_FAILED = 1,		/* a negative answer; different failures */
	V2M_WARNED = 3,		/* done, with warnings */
	V2M_USAGE = 64,
	V2M_DATA = 65,		/* not media, no sound in it, damaged */
	V2M_NOINPUT = 66,	/* no such file, no such ID */
	V2M_UNAVAILABLE = 69,	/* a service refuses for good */
	V2M_BUG = 70,
	V2M_CANTCREATE = 73,
	V2M_IO = 74,
	V2M_TEMP = 75,		/* a service is away, a disk full: try again */
	V2M_PROTOCOL = 76,	/* a malformed message */
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

/* The same for a failed system call: appends ": " and the text of errno.  Some
 * values of errno replace the code: no space and no memory become V2M_TEMP, no
 * permission V2M_DENIED. */
int v2m_err_sys(struct v2m_err *err, enum v2m_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a stored object that is damaged: V2M_IO.  v2m_err_is_damage()
 * tells it from a disk that fails for the moment. */
int v2m_err_damage(struct v2m_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

bool v2m_err_is_damage(const struct v2m_err *err);

/* The same for V2M_TEMP although all services work: a limit is reached, or
 * another process was faster. */
int v2m_err_busy(struct v2m_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Was it set by v2m_err_busy(), or is the disk full?  Then no service is
 * away. */
bool v2m_err_is_busy(const struct v2m_err *err);

/* Is it V2M_DENIED because the system denied us a file?  In a service that is
 * its own fault, and not an answer for the user. */
bool v2m_err_is_access(const struct v2m_err *err);

/* Set err to *why.  Returns -1. */
int v2m_err_pass(struct v2m_err *err, const struct v2m_err *why);

/* After a failure to open a file that the configuration names: if it does not
 * exist, or the system denies it, make the code V2M_CONFIG.  Returns -1. */
int v2m_err_configured(struct v2m_err *err);

/* Put "prefix: " before the message.  Returns -1. */
int v2m_err_prefix(struct v2m_err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Could the same attempt, with the same input, succeed later? */
bool v2m_err_retry(enum v2m_code code);

/* A short word for a code, for logs and JSON: "temporary", "denied", ... */
const char *v2m_code_word(enum v2m_code code);

/* Counts the results of many items, for the exit status of a command.  Start
 * with a zeroed struct. */
struct v2m_tally {
	unsigned long done, failed, warned;
	enum v2m_code code;	/* of the failures, if all have the same */
};

void v2m_tally_done(struct v2m_tally *t);
void v2m_tally_warned(struct v2m_tally *t);	/* done, with warnings */
void v2m_tally_failed(struct v2m_tally *t, enum v2m_code code);

/* 0: all done; 3: all done, some with warnings; else the status of the failures
 * if all have the same, or 1. */
int v2m_tally_status(const struct v2m_tally *t);

/* The same; with warnings_ok 0 in place of 3. */
int v2m_tally_status_ok(const struct v2m_tally *t, bool warnings_ok);

#endif
