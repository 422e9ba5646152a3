/* The facts of a notification, as strings that can be put into a text. */
#include <stdlib.h>
#include <string.h>

#include "mail/private.h"

/* Existing scripts take the ID from "mp3 file_id: ID is now ready!".  A file
 * with such a name must not give them another ID. */
static void
disarm(char *s)
{
	static const char mark[] = "file_id:";

	while ((s = strcasestr(s, mark)) != NULL) {
		s += sizeof mark - 2;
		*s = '?';
	}
}

static char *
clean_copy(const char *s)
{
	char *copy = strdup(s == NULL ? "" : s);

	if (copy != NULL)
		disarm(v2m_text_clean(copy));
	return copy;
}

static bool
is_empty(const char *s)
{
	return s == NULL || s[0] == '\0';
}

const char *
v2m_notification_outcome(const struct v2m_notification *notification)
{
	return is_empty(notification->mp3) ? "failed" : "done";
}

static size_t
count_list(const char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

static char **
clean_list(const char *const *list)
{
	size_t i, n = count_list(list);
	char **copy = calloc(n + 1, sizeof *copy);

	for (i = 0; copy != NULL && i < n; i++) {
		copy[i] = clean_copy(list[i]);
		if (copy[i] == NULL) {
			while (i > 0)
				free(copy[--i]);
			free(copy);
			return NULL;
		}
	}
	return copy;
}

char *
v2m_notification_warnings(const struct v2m_notification *notification)
{
	size_t i, n = count_list(notification->warnings), room = 1;
	char *joined, *end;

	for (i = 0; i < n; i++)
		room += strlen(notification->warnings[i]) + 2;
	joined = malloc(room);
	if (joined == NULL)
		return NULL;
	for (end = joined, i = 0; i < n; i++) {
		if (i > 0)
			end = stpcpy(end, "; ");
		end = stpcpy(end, notification->warnings[i]);
	}
	*end = '\0';
	return v2m_text_clean(joined);
}

int
v2m_facts_make(struct v2m_facts *facts,
    const struct v2m_notification *notification, struct v2m_err *err)
{
	char duration[32] = "unknown", size[32] = "unknown";
	char **v = facts->values;
	size_t i;

	if (notification->duration_ms > 0)
		v2m_text_duration(duration, notification->duration_ms);
	if (notification->mp3_length > 0)
		v2m_text_size(size, notification->mp3_length);
	v[V2M_FACT_ID] = clean_copy(notification->id);
	v[V2M_FACT_MP3] = clean_copy(notification->mp3);
	v[V2M_FACT_MP3_NAME] = clean_copy(notification->mp3_name);
	/* A video that a foreign gateway accepted has no name. */
	v[V2M_FACT_NAME] = clean_copy(is_empty(notification->name) ?
	    notification->id : notification->name);
	v[V2M_FACT_DURATION] = clean_copy(duration);
	v[V2M_FACT_SIZE] = clean_copy(size);
	v[V2M_FACT_REASON] = clean_copy(notification->reason);
	v[V2M_FACT_WARNINGS] = v2m_notification_warnings(notification);
	v[V2M_FACT_TO] = clean_copy(notification->to);
	facts->warnings = clean_list(notification->warnings);
	for (i = 0; i < V2M_FACT_COUNT; i++)
		if (v[i] == NULL)
			goto fail;
	if (facts->warnings == NULL)
		goto fail;
	disarm(v[V2M_FACT_WARNINGS]);
	return 0;
fail:
	v2m_facts_release(facts);
	return v2m_err_set(err, V2M_TEMP, "out of memory");
}

void
v2m_facts_release(struct v2m_facts *facts)
{
	size_t i;

	for (i = 0; i < V2M_FACT_COUNT; i++)
		free(facts->values[i]);
	for (i = 0; facts->warnings != NULL && facts->warnings[i] != NULL; i++)
		free(facts->warnings[i]);
	free(facts->warnings);
	memset(facts, 0, sizeof *facts);
}
