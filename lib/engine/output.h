/* output.h - reports that copying and encoding have in common. */
#ifndef ENGINE_OUTPUT_H
#define ENGINE_OUTPUT_H

#include "engine/demux.h"
#include "media/wire.h"

/* Report what the source is.  rate_hz and channels are those of the first
 * frame, as the container may not know them. */
void output_tell_source(const struct demux *demux, int rate_hz, int channels);

/* Warn that the sound is longer than the job allows. */
void output_tell_longest(const struct v2m_wire_job *job);

#endif
