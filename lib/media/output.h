/* output.h - what exists where an MP3 is to be written, and may it be replaced?
 *
 * For all programs that write MP3s to names given by users.  Only a file that
 * begins as an MP3, or is empty, is ever replaced, whatever its name: in
 * "v2m-convert --force *.mp4" the second video is not.  Thread-safe.
 */
#ifndef V2M_MEDIA_OUTPUT_H
#define V2M_MEDIA_OUTPUT_H

#include <stdbool.h>

#include "base/err.h"

enum v2m_output {
	V2M_OUTPUT_FREE,	/* there is no such file */
	V2M_OUTPUT_MP3,		/* a file that is empty or begins as an MP3 */
	V2M_OUTPUT_STREAM,	/* a device or a named pipe: written directly */
	V2M_OUTPUT_OTHER	/* another file, a folder, a dangling link, or
				 * not readable */
};

/* Symbolic links are followed. */
enum v2m_output v2m_output_look(const char *path);

/* May a file be written with this name now?  0: yes, it is free or, with force,
 * an MP3.  V2M_CANTCREATE: no, with what to do. */
int v2m_output_check(const char *path, bool force, struct v2m_err *err);

/* Open a V2M_OUTPUT_STREAM for writing; waits for the reader of a named pipe.
 * Returns a descriptor, the caller's to close; -1: V2M_CANTCREATE,
 * V2M_DENIED. */
int v2m_output_open_stream(const char *path, struct v2m_err *err);

#endif
