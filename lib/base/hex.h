/* hex.h - hexadecimal digits, and percent-escapes.  Pure and thread-safe. */
#ifndef V2M_BASE_HEX_H
#define V2M_BASE_HEX_H

#include <stddef.h>

/* 0 to 15 of a digit in either case, else -1. */
int v2m_hex_digit(char c);

/* The first character of the n bytes at s, n > 0: the character itself, or what
 * an escape, '%' and two digits (RFC 3986), stands for.  Returns its length in
 * s, 1 or 3; 0: a '%' without two digits. */
size_t v2m_hex_escape(const char *s, size_t n, char *c);

#endif
