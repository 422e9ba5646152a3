/* All settings in force, without their secrets. */
#include "base/conf_private.h"

#include <string.h>

/* user:password@ of a URL with "//" becomes user:*****@. */
static void
print_masked(const char *value, FILE *out)
{
	const char *host = strstr(value, "://");
	const char *at, *colon;

	if (host == NULL) {
		fputs(value, out);
		return;
	}
	host += 3;
	at = strrchr(host, '@');
	colon = strchr(host, ':');
	if (at == NULL || colon == NULL || colon > at)
		fputs(value, out);
	else
		fprintf(out, "%.*s:*****%s", (int)(colon - value), value, at);
}

void
v2m_conf_print(const struct v2m_conf *conf, FILE *out)
{
	size_t i;

	fprintf(out, "# state folder: %s\n", conf->state);
	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		if (strcmp(conf->origin[i], "default") != 0)
			fprintf(out, "# from %s\n", conf->origin[i]);
		fprintf(out, "%s = ", v2m_conf_keys[i].name);
		print_masked(conf->values[i], out);
		fputc('\n', out);
	}
}
