/* Settings of jobs from the configuration. */

#include <string.h>

#include "media/private.h"

#define MEMORY_LEAST 17000000	/* with less LAME crashes */

static enum v2m_sandbox
sandbox_of(const struct v2m_conf *conf)
{
	const char *word = v2m_conf_text(conf, "sandbox");

	return strcmp(word, "no") == 0 ? V2M_SANDBOX_NO :
	    strcmp(word, "partly") == 0 ? V2M_SANDBOX_PARTLY :
	    V2M_SANDBOX_YES;
}

static int
try_sandbox(struct v2m_media *m, struct v2m_err *err)
{
	struct v2m_media_sandbox sandbox;

	if (v2m_media_ask_sandbox(m, &sandbox, err) < 0)
		return -1;
	v2m_media_set_sandbox_word(m, !sandbox.filter ? "no-filter" :
	    sandbox.landlock == 0 ? "no-landlock" : "full");
	return 0;
}

int
v2m_media_set_conf(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err)
{
	struct v2m_media_limits limits = {
		.sandbox = no_sandbox ? V2M_SANDBOX_NO : sandbox_of(conf),
		.memory_bytes = v2m_conf_number(conf, "media_memory"),
		.cpu_ms = v2m_conf_number(conf, "media_cpu"),
		.time_ms = v2m_conf_number(conf, "media_time"),
	};

	if (limits.memory_bytes > 0 && limits.memory_bytes < MEMORY_LEAST)
		return v2m_err_set(err, V2M_CONFIG, "media_memory must be at "
		    "least 17M");
	v2m_media_set_max_duration(m, v2m_conf_number(conf, "max_duration"));
	v2m_media_set_limits(m, &limits);
	return 0;
}

int
v2m_media_configure(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err)
{
	struct v2m_media_limits limits;
	int64_t ignored;

	if (v2m_media_set_conf(m, conf, no_sandbox, err) < 0)
		return -1;
	v2m_media_limits(m, &limits, &ignored);
	return limits.sandbox == V2M_SANDBOX_NO ? 0 : try_sandbox(m, err);
}
