#include "engine/picture.h"

#include <string.h>

enum v2m_cover
picture_kind(const uint8_t *bytes, size_t n)
{
	static const uint8_t jpeg[3] = { 0xff, 0xd8, 0xff };
	static const uint8_t png[8] = "\x89PNG\r\n\x1a\n";

	if (n >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
		return V2M_COVER_JPEG;
	if (n >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
		return V2M_COVER_PNG;
	return V2M_COVER_NONE;
}
