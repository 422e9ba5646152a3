/* early.h - what libraries put off until they need it, done before.
 *
 * The C library opens the time zone for the first date, the conversions
 * of a locale at the first wide character, and so on: files that nothing may
 * open any more once a file is looked at (filter.h).
 */
#ifndef ENGINE_EARLY_H
#define ENGINE_EARLY_H

/* In the engine, once, before any child. */
void early_init(void);

#endif
