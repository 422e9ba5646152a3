/* kind.h - what kind of sound a track is, said in words that help.
 *
 * Also of a track that cannot be decoded: people look up what its codec is
 * called, or learn that it is encrypted.  Reads untrusted bytes.
 */
#ifndef ENGINE_KIND_H
#define ENGINE_KIND_H

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

#include "base/err.h"

#define KIND_SIZE 32		/* bytes of the longest name, with NUL */

/* Is there a decoder for it? */
bool kind_decodable(const AVStream *st);

/* libavcodec's name; where there is no decoder the container's own code for it,
 * such as "apac"; else "unknown".  Clean text.  Returns name. */
char *kind_name(char name[KIND_SIZE], const AVStream *st);

/* Is it sound of which libavformat only knows the name?  It makes a data
 * stream of such. */
bool kind_unknown_sound(const AVStream *st);

/* Does its header say that it is encrypted? */
bool kind_encrypted(const AVFormatContext *fmt, const AVStream *st);

/* Is what is in this packet? */
bool kind_packet_encrypted(const AVPacket *pkt);

/* V2M_DATA: it is encrypted. */
int kind_refuse_encrypted(struct v2m_err *err);

#endif
