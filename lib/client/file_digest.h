/* file_digest.h - the SHA-256 of a file that is to be uploaded. */
#ifndef V2M_CLIENT_FILE_DIGEST_H
#define V2M_CLIENT_FILE_DIGEST_H

#include "base/err.h"
#include "base/hash.h"

/* Read the file fd (borrowed) from its start; its offset does not change.
 * V2M_IO; V2M_TEMP: a signal, or no memory. */
int v2m_file_digest(int fd, char sha256[V2M_SHA256_HEX],
    struct v2m_err *err);

#endif
