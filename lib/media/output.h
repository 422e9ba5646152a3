/* output.h - what stands where an MP3 is to be written, and may it go?
 *
 * For all who write MP3s to names that users give.  Only what is surely an
 * older MP3 is ever replaced, whatever the file is called: in "v2m-convert
 * --force *.mp4" the second video is not.  Thread-safe.
 */
#ifndef V2M_MEDIA_OUTPUT_H
#define V2M_MEDIA_OUTPUT_H

#include <stdbool.h>

#include "base/err.h"

enum v2m_output {
	V2M_OUTPUT_FREE,	/* nothing has this name */
	V2M_OUTPUT_MP3,		/* a file: empty, or it begins as an MP3 */
	V2M_OUTPUT_STREAM,	/* device or named pipe: written to as is */
	V2M_OUTPUT_OTHER	/* any other file, a folder, a link to nothing,
				 * what cannot be read */
};

/* Symbolic links are followed. */
enum v2m_output v2m_output_look(const char *path);

/* May a file get this name, now?  0: it is free or, with force, an MP3's.
 * V2M_CANTCREATE: no, with the remedy where there is one. */
int v2m_output_check(const char *path, bool force, struct v2m_err *err);

/* Open a V2M_OUTPUT_STREAM for writing: its descriptor, the caller's to close.
 * Waits for the reader of a named pipe.  -1: V2M_CANTCREATE, V2M_DENIED. */
int v2m_output_open_stream(const char *path, struct v2m_err *err);

#endif
