/* libFuzzer target: JSON in records and messages: settings, and what a queue
 * carries; the first byte selects one.  What was read, written and read again
 * must be the same.  tests/flow/fuzz-reports.t. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flow/job_message.h"
#include "media/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
settings(const char *text)
{
	char first[V2M_SETTINGS_TEXT], again[V2M_SETTINGS_TEXT];
	struct v2m_settings s;
	struct v2m_err err;

	if (v2m_settings_parse(&s, text, &err) < 0)
		return;
	v2m_settings_format(&s, first);
	must(v2m_settings_parse(&s, first, &err) == 0);
	v2m_settings_format(&s, again);
	must(strcmp(first, again) == 0 && strchr(first, '\n') == NULL);
}

static void
message(const char *body, size_t n)
{
	struct v2m_job_message m, again;
	struct v2m_record r;
	struct v2m_err err;
	char *text;

	if (v2m_job_message_parse(&m, body, n, &err) < 0)
		return;
	must(v2m_id_valid(m.video) && (m.mp3[0] == '\0' ||
	    v2m_id_valid(m.mp3)));
	memset(&r, 0, sizeof r);
	memcpy(r.id, m.video, sizeof r.id);
	memcpy(r.mp3, m.mp3, sizeof r.mp3);
	v2m_text_copy(r.owner, sizeof r.owner, m.username);
	r.state = m.mp3[0] == '\0' ? V2M_JOB_QUEUED : V2M_JOB_DONE;
	text = v2m_job_message_format(&r, body, n, &err);
	must(text != NULL);
	must(v2m_job_message_parse(&again, text, strlen(text), &err) == 0);
	must(strcmp(m.video, again.video) == 0 &&
	    strcmp(m.mp3, again.mp3) == 0);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	must(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] & 1)
		settings(text);
	else
		message(text, size - 1);
	free(text);
	return 0;
}
