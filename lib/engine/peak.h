/* peak.h - find the loudest sample of a frame. */
#ifndef ENGINE_PEAK_H
#define ENGINE_PEAK_H

#include <libavutil/frame.h>

/* The peak of all channels, as a factor of full scale; 0 for unknown
 * formats. */
float peak_of(const AVFrame *f);

#endif
