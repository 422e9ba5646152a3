#include "base/hex.h"

int
v2m_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t
v2m_hex_escape(const char *s, size_t n, char *c)
{
	int high, low;

	*c = s[0];
	if (s[0] != '%')
		return 1;
	if (n < 3)
		return 0;
	high = v2m_hex_digit(s[1]);
	low = v2m_hex_digit(s[2]);
	if (high < 0 || low < 0)
		return 0;
	*c = (char)(high << 4 | low);
	return 3;
}
