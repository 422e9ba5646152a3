/* kept_file.h - files that a library opens by their path, read while this
 * process may read them.
 *
 * Libraries of servers open keys and certificates by themselves, at each
 * connection.  Root, who becomes the owner of the state (base/state.h), could
 * read them, and that user may not: so their bytes are kept in memory, under a
 * path that this process alone can open.  Taken before there are threads; the
 * rest is thread-safe.
 */
#ifndef V2M_BASE_KEPT_FILE_H
#define V2M_BASE_KEPT_FILE_H

#include <stdbool.h>

/* Keep the bytes of path (at most 1 MiB); a secret that others than its group
 * can read, or a file that is another user's, is left where it is, and so is
 * what cannot be read: whoever opens it tells. */
void v2m_kept_file_take(const char *path, bool secret);

/* Where to open path: there itself, or, where it was kept, its copy. */
const char *v2m_kept_file_path(const char *path);

/* Was it kept? */
bool v2m_kept_file_has(const char *path);

#endif
