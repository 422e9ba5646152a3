/* early.h - let libraries do now what they put off until first use.
 *
 * The C library opens the time zone file at the first date, the locale's
 * conversions at the first wide character, and so on.  Once a file is being
 * read, nothing may be opened any more (filter.h).
 */
#ifndef ENGINE_EARLY_H
#define ENGINE_EARLY_H

/* Call it once in the engine, before the first child. */
void early_init(void);

#endif
