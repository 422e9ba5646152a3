/* strays.h - what stands between the frames of MP3 files that were joined, and
 * is no sound: the tags of each, and the frame that tells of the others.
 *
 * Pure: no libav.
 */
#ifndef ENGINE_STRAYS_H
#define ENGINE_STRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the tag (ID3v1, ID3v2, APE, Lyrics3) that begins here, which
 * may be more than the n bytes that are there; 0: none does. */
size_t strays_tag(const uint8_t *bytes, size_t n);

/* Is it a frame that holds "Xing" or "Info" instead of sound? */
bool strays_xing(const uint8_t *bytes, size_t n);

#endif
