/* codecs.h - which parts of libavformat and libavcodec an upload may reach.
 *
 * Containers by name: a list that leaves out whatever opens further files or
 * addresses (playlists, manifests, session descriptions, image sequences,
 * scripts).  Codecs by kind: all audio decoders, none other, so that probing
 * runs no video decoder either.
 */
#ifndef ENGINE_CODECS_H
#define ENGINE_CODECS_H

/* Build the lists, silence libav's log.  Once, before any job. */
void codecs_init(void);

/* In the form of libavformat's options: names with commas between. */
const char *codecs_containers(void);
const char *codecs_decoders(void);

/* How many attached pictures libavformat has passed over in this process, for
 * it does not know what they are; it only says so to its log. */
int codecs_pictures_unknown(void);

#endif
