/* scrambled.h - recognize recorded broadcasts that are still scrambled.
 *
 * libavformat does not report that: such a stream just has no packets.  Pure:
 * does not use libav.
 */
#ifndef ENGINE_SCRAMBLED_H
#define ENGINE_SCRAMBLED_H

#include <stdbool.h>
#include <stdint.h>

/* Reads n bytes at file offset `at` into buf; returns how many there were. */
typedef int64_t scrambled_read(void *arg, int64_t at, void *buf, int64_t n);

/* Are most packets of a transport stream with this PID scrambled
 * (transport_scrambling_control, ISO/IEC 13818-1, 2.4.3.3)?  Only the first 4
 * MiB of the file are read.  Not thread-safe. */
bool scrambled_pid(unsigned pid, scrambled_read *read, void *arg);

#endif
