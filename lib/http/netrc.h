/* netrc.h - the file ~/.netrc, with passwords of several programs. */
#ifndef V2M_HTTP_NETRC_H
#define V2M_HTTP_NETRC_H

#include <stddef.h>

#include "base/err.h"

/* Find the first entry for the machine host, with the login user unless that is
 * "", in the text of such a file.  1: user and password are set; they have size
 * bytes each.  0: there is none.  Comments, macdef, account and quoted words
 * are parsed; an entry `default` is ignored.  Pure, thread-safe. */
int v2m_netrc_find(const char *text, const char *host, char *user,
    char *password, size_t size);

/* The same in ~/.netrc; if there is no file, 0.  V2M_CONFIG: it has the entry,
 * but others can read the file. */
int v2m_netrc_ask(const char *host, char *user, char *password, size_t size,
    struct v2m_err *err);

#endif
