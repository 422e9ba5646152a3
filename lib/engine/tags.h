/* tags.h - what a file says of itself, made fit for an ID3v2 tag.
 *
 * Nothing in here can fail a job: a tag that is too long is cut, one that is
 * no text is cleaned, one that makes no sense is left out.
 */
#ifndef ENGINE_TAGS_H
#define ENGINE_TAGS_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>

#include "media/settings.h"

/* A dictionary of the tags we carry over, and of those that s sets; the caller
 * frees it with av_dict_free().  NULL: there are none.  They are reported on
 * the way. */
AVDictionary *tags_collect(const AVFormatContext *fmt, const AVStream *sound,
    const struct v2m_settings *s);

/* The text of a tag of fmt's as UTF-8 without controls and without blanks at
 * its end.  What is none is taken for Windows-1252, unless the format promises
 * UTF-8.  lines: line breaks become line feeds, else blanks. */
void tags_clean(char *dst, size_t size, const char *src,
    const AVFormatContext *fmt, bool lines);

#endif
