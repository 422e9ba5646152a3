/* netrc.h - the file ~/.netrc, in which other programs keep passwords too. */
#ifndef V2M_HTTP_NETRC_H
#define V2M_HTTP_NETRC_H

#include <stddef.h>

#include "base/err.h"

/* In the text of such a file, the first entry of the machine host (whose login
 * is user, unless that is ""): 1 with user and password, which hold size bytes
 * each, 0 where there is none.  Comments, macdef, account and quoted words are
 * understood; an entry `default` is nobody's.  Pure, thread-safe. */
int v2m_netrc_find(const char *text, const char *host, char *user,
    char *password, size_t size);

/* The same of ~/.netrc.  -1: V2M_CONFIG where it has the entry and others can
 * read the file.  No file means no entry. */
int v2m_netrc_ask(const char *host, char *user, char *password, size_t size,
    struct v2m_err *err);

#endif
