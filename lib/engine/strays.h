/* strays.h - recognize what is between the frames of joined MP3 files but not
 * sound: their tags, and Xing frames, which describe the file that they began.
 *
 * Pure: does not use libav.
 */
#ifndef ENGINE_STRAYS_H
#define ENGINE_STRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length in bytes of the tag (ID3v1, ID3v2, APE, Lyrics3) that begins here;
 * it may be more than the n bytes given.  0: no tag. */
size_t strays_tag(const uint8_t *bytes, size_t n);

/* Is it a frame with "Xing" or "Info" in place of sound? */
bool strays_xing(const uint8_t *bytes, size_t n);

#endif
