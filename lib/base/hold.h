/* hold.h - room on a disk, kept for what is still to be written.
 *
 * The blocks are allocated, so the kernel keeps the account: whoever looks how
 * much is free, in this process or another, sees what is held.  It goes with
 * the file.  Where a file system cannot allocate, the room is only looked at.
 */
#ifndef V2M_BASE_HOLD_H
#define V2M_BASE_HOLD_H

#include <stdint.h>

#include "base/err.h"

/* Have the file's first `bytes` bytes allocated; its length stays what it is,
 * and it may be written to meanwhile.  Never less than before.  V2M_TEMP where
 * they are not free, or less than `reserve` would be left; what is seen to be
 * missing is not taken first, and the caller is to give the file up. */
int v2m_hold_file(int fd, int64_t bytes, int64_t reserve,
    struct v2m_err *err);

/* The same with a file that holds room and no more: it is as long as that, and
 * what is not needed any more is given back. */
int v2m_hold_room(int fd, int64_t bytes, int64_t reserve,
    struct v2m_err *err);
void v2m_hold_shrink(int fd, int64_t bytes);

/* The same for a file of unknown length, before more is written: it has `have`
 * bytes, and some more are held.  *held is 0 at first. */
int v2m_hold_ahead(int fd, int64_t have, int64_t *held, int64_t reserve,
    struct v2m_err *err);

/* What is held behind the file's end is not needed any more. */
void v2m_hold_end(int fd);

/* Of a disk that is there for temporary files alone, so much of `reserve` is
 * to be left: it may be small. */
int64_t v2m_hold_reserve(int fd, int64_t reserve);

#endif
