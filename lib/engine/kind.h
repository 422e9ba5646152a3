/* kind.h - name a track's codec for the user, and tell whether it is encrypted.
 *
 * Also for tracks that cannot be decoded: users search for the name of the
 * codec.  Reads untrusted bytes.
 */
#ifndef ENGINE_KIND_H
#define ENGINE_KIND_H

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

#include "base/err.h"

#define KIND_SIZE 32		/* bytes of the longest name, with NUL */

/* Can this build of FFmpeg decode the stream? */
bool kind_decodable(const AVStream *st);

/* Set name to libavcodec's name of the codec; if there is no decoder, to the
 * container's code, such as "apac"; else to "unknown".  Without control
 * characters.  Returns name. */
char *kind_name(char name[KIND_SIZE], const AVStream *st);

/* Is it sound (AC-4, MPEG-H) that libavformat exports as a data stream? */
bool kind_unknown_sound(const AVStream *st);

/* Does the track's header say that it is encrypted? */
bool kind_encrypted(const AVFormatContext *fmt, const AVStream *st);

/* Is the packet encrypted? */
bool kind_packet_encrypted(const AVPacket *pkt);

/* Set err: V2M_DATA, it is encrypted.  Returns -1. */
int kind_refuse_encrypted(struct v2m_err *err);

#endif
