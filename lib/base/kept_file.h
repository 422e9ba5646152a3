/* kept_file.h - keeps copies of files for libraries that open them by path.
 *
 * Client libraries of servers open keys and certificates by themselves, at each
 * connection.  Root can read these files, but the owner of the state, whom root
 * becomes (base/state.h), perhaps not.  So their bytes are kept in memory,
 * under a path that only this process can open.  Keep them before there are
 * threads; the rest is thread-safe.
 */
#ifndef V2M_BASE_KEPT_FILE_H
#define V2M_BASE_KEPT_FILE_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"

/* Keep the bytes of path (at most 1 MiB).  Not kept are: a secret that others
 * than its group can read, a file of another user, and a file that cannot be
 * read.  This is no error: the library that opens it will report it. */
void v2m_kept_file_take(const char *path, bool secret);

/* The path to open in place of path: that of the copy, or path itself if it was
 * not kept. */
const char *v2m_kept_file_path(const char *path);

/* Was it kept? */
bool v2m_kept_file_has(const char *path);

/* Can SERVICE_ca_file, SERVICE_cert_file and SERVICE_key_file be opened, as far
 * as they are set?  V2M_CONFIG names the first that cannot: a library would
 * report it as a server that is away. */
int v2m_kept_files_check(const struct v2m_conf *conf, const char *service,
    struct v2m_err *err);

#endif
