/* scrambled.h - broadcasts that were recorded as they came, without the key.
 *
 * libavformat takes no notice of that: no packet comes of such a stream.
 * Pure: no libav.
 */
#ifndef ENGINE_SCRAMBLED_H
#define ENGINE_SCRAMBLED_H

#include <stdbool.h>
#include <stdint.h>

/* Reads n bytes at a place of the file: how many there were. */
typedef int64_t scrambled_read(void *arg, int64_t at, void *buf, int64_t n);

/* Of the packets of a transport stream with this PID, as far as the beginning
 * of the file shows: are most scrambled? */
bool scrambled_pid(unsigned pid, scrambled_read *read, void *arg);

#endif
