#include "media/helper/tags.h"

#include <libavutil/dict.h>
#include <string.h>

#include "base/text.h"
#include "media/helper/report.h"

#define VALUE_MOST 4096		/* bytes */

/* libavformat's generic names.  Not its "encoder" and "creation_time": they
 * are about the video file, not about what is in it. */
static const char *const carried[] = {
	"title", "artist", "album", "album_artist", "composer", "performer",
	"genre", "date", "track", "disc", "comment", "copyright", "publisher",
	"language",
};

/* Clean but for line breaks, which a comment may have. */
static void
clean(char *dst, size_t size, const char *src)
{
	char line[VALUE_MOST];
	size_t at = 0;

	while (at + 1 < size) {
		size_t n = strcspn(src, "\r\n");
		size_t len = n < sizeof line - 1 ? n : sizeof line - 1;

		memcpy(line, src, len);
		line[len] = '\0';
		v2m_text_copy(dst + at, size - at, line);
		at += strlen(dst + at);
		src += n;
		if (*src == '\0' || at + 2 >= size)
			break;
		src += strncmp(src, "\r\n", 2) == 0 ? 2 : 1;
		dst[at++] = '\n';
	}
	dst[at] = '\0';
}

static const char *
find(const AVFormatContext *fmt, const AVStream *sound, const char *key)
{
	const AVDictionaryEntry *e = av_dict_get(fmt->metadata, key, NULL, 0);

	if (e == NULL)
		e = av_dict_get(sound->metadata, key, NULL, 0);
	return e == NULL || e->value[0] == '\0' ? NULL : e->value;
}

AVDictionary *
tags_collect(const AVFormatContext *fmt, const AVStream *sound)
{
	AVDictionary *tags = NULL;
	char value[VALUE_MOST];

	for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++) {
		const char *found = find(fmt, sound, carried[i]);

		if (found == NULL || (strcmp(carried[i], "language") == 0 &&
		    strcmp(found, "und") == 0))
			continue;
		clean(value, sizeof value, found);
		if (av_dict_set(&tags, carried[i], value, 0) >= 0)
			report_tag(carried[i], value);
	}
	return tags;
}
