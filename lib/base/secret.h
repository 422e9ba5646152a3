/* secret.h - secrets: from files that only their owner reads, or a prompt.
 * Never from a command line.  v2m_secret_free() wipes what is returned here.
 * Thread-safe but for the prompt. */
#ifndef V2M_BASE_SECRET_H
#define V2M_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Refuse an open file that belongs to neither root nor us, or that others
 * can read, or that its group can write.  The group may read what is root's,
 * and, with group_may, what is ours.  The message carries the command that
 * repairs it, for whoever reads it (base/owner.h).  V2M_CONFIG. */
int v2m_secret_check(int fd, const char *path, bool group_may,
    struct v2m_err *err);

/* The same of a file that holds no secret, and that all may read. */
int v2m_secret_check_public(int fd, const char *path, struct v2m_err *err);

/* Read a whole small text file (at most 64 KiB) after that check.  Returns
 * its bytes with a NUL behind; *n, unless NULL, is their number.  Caller wipes
 * and frees.  "-" reads stdin, unchecked.  NULL: V2M_CONFIG, V2M_NOINPUT. */
char *v2m_secret_file(const char *path, size_t *n, struct v2m_err *err);

/* Read such a file of root's now, for later calls with the same path by
 * whoever this process becomes.  What cannot be read is left to them. */
void v2m_secret_keep(const char *path);

/* The first line of such a file, without its end: a password.  At least one
 * byte, at most 1024, no NUL.  Caller wipes and frees. */
char *v2m_secret_line(const char *path, struct v2m_err *err);

/* The same for the file of an option --password-file.  One that is another
 * user's is refused to root as well, with the way that needs no owner. */
char *v2m_secret_option(const char *path, struct v2m_err *err);

/* Ask on the terminal (/dev/tty) without echo.  Where there is no terminal:
 * V2M_USAGE, naming the option to give.  Caller wipes and frees. */
char *v2m_secret_prompt(const char *prompt, const char *option,
    struct v2m_err *err);

/* The same, and once more: V2M_USAGE where the two differ. */
char *v2m_secret_prompt_twice(const char *prompt, const char *option,
    struct v2m_err *err);

/* The password of whose, as what ("old password"): from the file of an option,
 * as v2m_secret_option() has it, or, where that is NULL, by the prompt, with
 * twice two times. */
char *v2m_secret_ask(const char *file, const char *option, const char *what,
    const char *whose, bool twice, struct v2m_err *err);

/* Overwrite and free.  NULL is fine. */
void v2m_secret_free(char *s);

#endif
