/* output.h - what there is to tell, however the MP3's frames are made. */
#ifndef ENGINE_OUTPUT_H
#define ENGINE_OUTPUT_H

#include "engine/demux.h"
#include "media/wire.h"

/* What the source is.  Of the first frame rather than of the header, which may
 * not know. */
void output_tell_source(const struct demux *demux, int rate_hz, int channels);

/* That it was too long for the job. */
void output_tell_longest(const struct v2m_wire_job *job);

#endif
