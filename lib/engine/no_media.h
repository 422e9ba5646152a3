/* no_media.h - what a file is that is not a media file.
 *
 * A web page that was saved as "talk.mp4", a playlist, an archive: people mend
 * that themselves once they are told.  Pure logic, on untrusted bytes.
 */
#ifndef ENGINE_NO_MEDIA_H
#define ENGINE_NO_MEDIA_H

#include <stddef.h>
#include <stdint.h>

/* head: the first n bytes.  "a web page (HTML)", with what to do behind it
 * where that is known; NULL: they do not say. */
const char *no_media_kind(const uint8_t *head, size_t n);

#endif
