/* secret.h - secrets: from files that only their owner can read, or by a
 * prompt, never from a command line.  v2m_secret_free() wipes what is returned
 * here.  Thread-safe, except for the prompt. */
#ifndef V2M_BASE_SECRET_H
#define V2M_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Refuse an open file that belongs to neither root nor us, or that others can
 * read, or that its group can write.  The group may read a file of root, and,
 * with group_may, our own.  The message has the command that repairs it.
 * V2M_CONFIG. */
int v2m_secret_check(int fd, const char *path, bool group_may,
    struct v2m_err *err);

/* The same for a file without secrets, which all may read. */
int v2m_secret_check_public(int fd, const char *path, struct v2m_err *err);

/* Read a whole small text file (at most 64 KiB) after v2m_secret_check().
 * Returns its bytes and a NUL; *n, unless n is NULL, is their number.  Caller
 * wipes and frees.  "-" reads stdin, without a check.  NULL: V2M_CONFIG,
 * V2M_NOINPUT. */
char *v2m_secret_file(const char *path, size_t *n, struct v2m_err *err);

/* Read such a file now, while we are root, for later calls with the same path
 * by the user that this process becomes.  If it cannot be read, those calls
 * will report it. */
void v2m_secret_keep(const char *path);

/* The first line of such a file, without its end: a password.  At least one
 * byte, at most 1024, no NUL.  Caller wipes and frees. */
char *v2m_secret_line(const char *path, struct v2m_err *err);

/* The same for the file of an option --password-file.  Root must not use a file
 * of another user either: the message says how to pass it by stdin. */
char *v2m_secret_option(const char *path, struct v2m_err *err);

/* Ask on the terminal (/dev/tty) without echo.  V2M_USAGE: there is no
 * terminal; the message names the option to use.  Caller wipes and frees. */
char *v2m_secret_prompt(const char *prompt, const char *option,
    struct v2m_err *err);

/* Ask twice.  V2M_USAGE: the two answers differ. */
char *v2m_secret_prompt_twice(const char *prompt, const char *option,
    struct v2m_err *err);

/* A password: from the file of an option, by v2m_secret_option(); if file is
 * NULL, by a prompt, with `twice` two times: "WHAT for WHOSE: ", where what is
 * "old password" or the like. */
char *v2m_secret_ask(const char *file, const char *option, const char *what,
    const char *whose, bool twice, struct v2m_err *err);

/* Overwrite and free.  NULL is fine. */
void v2m_secret_free(char *s);

#endif
