/* no_media.h - recognize files that are not media files.
 *
 * A web page saved as "talk.mp4", a playlist, an archive: users can help
 * themselves once they are told.  Pure logic, on untrusted bytes.
 */
#ifndef ENGINE_NO_MEDIA_H
#define ENGINE_NO_MEDIA_H

#include <stddef.h>
#include <stdint.h>

/* Recognize a file by its first n bytes.  Returns a constant such as "a web
 * page (HTML)", which may say what to do; NULL: not recognized. */
const char *no_media_kind(const uint8_t *head, size_t n);

#endif
