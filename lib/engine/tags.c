#include "engine/tags.h"

#include <libavutil/dict.h>
#include <string.h>

#include "base/text.h"
#include "engine/report.h"

#define VALUE_MOST 4096		/* bytes */

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

/* What is asked for in place of the source's own; NULL: nothing is. */
static const char *
asked_for(const struct v2m_settings *s, const char *key)
{
	for (int i = 0; i < s->ntags; i++)
		if (strcmp(s->tags[i].key, key) == 0)
			return s->tags[i].value;
	return NULL;
}

/* Not libavformat's "encoder" and "creation_time": they are about the video
 * file, not about what is in it. */
AVDictionary *
tags_collect(const AVFormatContext *fmt, const AVStream *sound,
    const struct v2m_settings *s)
{
	AVDictionary *tags = NULL;
	char value[VALUE_MOST];
	const char *key;

	for (size_t i = 0; (key = v2m_tag_name(i)) != NULL; i++) {
		const char *asked = asked_for(s, key);
		const char *found = asked != NULL ? asked :
		    find(fmt, sound, key);

		if (found == NULL || *found == '\0' ||
		    (strcmp(key, "language") == 0 &&
		    strcmp(found, "und") == 0))
			continue;
		clean(value, sizeof value, found);
		if (av_dict_set(&tags, key, value, 0) >= 0)
			report_tag(key, value);
	}
	return tags;
}
