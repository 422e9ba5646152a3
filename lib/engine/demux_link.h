/* demux_link.h - what demux.c, which reads a container, needs of demux_open.c,
 * which opens it.
 */
#ifndef ENGINE_DEMUX_LINK_H
#define ENGINE_DEMUX_LINK_H

#include "engine/demux.h"

/* Open the link of a chained Ogg that begins at this file offset, in place of
 * what is open.  0, also if it cannot be read (d->lost).  -1: the input's
 * error. */
int demux_open_link(struct demux *d, int64_t at, struct v2m_err *err);

#endif
