/* Prints all settings, with their passwords masked. */
#include "base/conf_private.h"

#include <stdlib.h>
#include <string.h>

/* user:password@ of a URL with "//" becomes user:*****@. */
static char *
mask(const char *value)
{
	const char *host = strstr(value, "://");
	const char *at, *colon;
	char *out;

	if (host == NULL)
		return strdup(value);
	host += 3;
	at = strrchr(host, '@');
	colon = strchr(host, ':');
	if (at == NULL || colon == NULL || colon > at)
		return strdup(value);
	return asprintf(&out, "%.*s:*****%s", (int)(colon - value), value,
	    at) < 0 ? NULL : out;
}

char *
v2m_conf_masked(const struct v2m_conf *conf, const char *key)
{
	return mask(v2m_conf_text(conf, key));
}

void
v2m_conf_print(const struct v2m_conf *conf, FILE *out)
{
	char *masked;
	size_t i;

	fprintf(out, "# state folder: %s\n", conf->state);
	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		if (strcmp(conf->origin[i], "default") != 0)
			fprintf(out, "# from %s\n", conf->origin[i]);
		masked = mask(conf->values[i]);
		fprintf(out, "%s = %s\n", v2m_conf_keys[i].name,
		    masked == NULL ? "" : masked);
		free(masked);
	}
}
