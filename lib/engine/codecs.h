/* codecs.h - which parts of libavformat and libavcodec an upload may use.
 *
 * Containers are listed by name, without those that open further files or
 * addresses (playlists, manifests, session descriptions, image sequences,
 * scripts).  Decoders are all those of audio and no others, so that probing
 * runs no video decoder.
 */
#ifndef ENGINE_CODECS_H
#define ENGINE_CODECS_H

/* Build the lists and silence libav's log.  Call it once, before any job. */
void codecs_init(void);

/* Comma-separated names for the options format_whitelist and codec_whitelist.
 * Valid until the process ends. */
const char *codecs_containers(void);
const char *codecs_decoders(void);

/* How many attached pictures libavformat has skipped in this process because
 * their type is unknown; it reports that only in its log. */
int codecs_pictures_unknown(void);

#endif
