/* hold.h - allocates disk space for what will be written to a file.
 *
 * As the blocks are allocated, every process sees that they are not free any
 * more.  They are given back with the file.  If a file system cannot allocate,
 * it is only checked that enough is free.
 */
#ifndef V2M_BASE_HOLD_H
#define V2M_BASE_HOLD_H

#include <stdint.h>

#include "base/err.h"

/* Allocate the first `bytes` bytes of the file.  Its length does not change,
 * and it may be written to meanwhile.  Blocks that it has already stay.
 * V2M_TEMP: they are not free, or less than `reserve` would be left; then the
 * caller should give the file up. */
int v2m_hold_file(int fd, int64_t bytes, int64_t reserve,
    struct v2m_err *err);

/* The same for a file that only keeps space: its length becomes `bytes`.
 * v2m_hold_shrink() gives back what is not needed any more. */
int v2m_hold_room(int fd, int64_t bytes, int64_t reserve,
    struct v2m_err *err);
void v2m_hold_shrink(int fd, int64_t bytes);

/* The same for a file of unknown length, before more is written: it has `have`
 * bytes, and some more are allocated.  *held is 0 at first. */
int v2m_hold_ahead(int fd, int64_t have, int64_t *held, int64_t reserve,
    struct v2m_err *err);

/* Give back what is allocated behind the end of the file. */
void v2m_hold_end(int fd);

/* How much of `reserve` to leave on the disk of fd, if that is only for
 * temporary files: it may be a small disk. */
int64_t v2m_hold_reserve(int fd, int64_t reserve);

#endif
