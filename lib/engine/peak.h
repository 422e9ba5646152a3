/* peak.h - the loudest sample of a frame. */
#ifndef ENGINE_PEAK_H
#define ENGINE_PEAK_H

#include <libavutil/frame.h>

/* As part of full scale, over all channels. */
float peak_of(const AVFrame *f);

#endif
