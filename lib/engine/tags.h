/* tags.h - the source's tags, converted for ID3v2.
 *
 * Nothing here can fail a job: a tag that is too long is cut, control
 * characters are removed, and what makes no sense is left out.
 */
#ifndef ENGINE_TAGS_H
#define ENGINE_TAGS_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>

#include "media/settings.h"

/* The tags that v2m copies (v2m_tag_name()) and those that s sets, as a
 * dictionary; the caller frees it with av_dict_free().  NULL: there are none.
 * Each one is reported (report_tag()). */
AVDictionary *tags_collect(const AVFormatContext *fmt, const AVStream *sound,
    const struct v2m_settings *s);

/* Convert the text of a tag of fmt to UTF-8 without control characters and
 * trailing blanks.  Invalid UTF-8 is read as Windows-1252, unless the format
 * requires UTF-8.  lines: line breaks become line feeds; else blanks. */
void tags_clean(char *dst, size_t size, const char *src,
    const AVFormatContext *fmt, bool lines);

#endif
