/* demux_link.h - between the two halves of demux.h: demux_open.c, which opens a
 * container, and demux.c, which reads it.
 */
#ifndef ENGINE_DEMUX_LINK_H
#define ENGINE_DEMUX_LINK_H

#include "engine/demux.h"

/* A link of another codec begins at this place of the file: open it in the
 * place of what is open.  0; -1: only the input's failure. */
int demux_open_link(struct demux *d, int64_t at, struct v2m_err *err);

#endif
