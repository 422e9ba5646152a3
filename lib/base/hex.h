/* hex.h - hexadecimal digits, and the escapes that are made of them.  Pure and
 * thread-safe. */
#ifndef V2M_BASE_HEX_H
#define V2M_BASE_HEX_H

#include <stddef.h>

/* 0 to 15 of a digit in either case, else -1. */
int v2m_hex_digit(char c);

/* The character that the n bytes at s begin with, n > 0: itself, or what an
 * escape, '%' and two digits (RFC 3986), stands for.  Returns how many bytes of
 * s that are, 1 or 3; 0: a '%' that begins no escape. */
size_t v2m_hex_escape(const char *s, size_t n, char *c);

#endif
