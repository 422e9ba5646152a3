#include "base/variables.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/text.h"

#define PREFIX "V2M_"
#define NAME_MOST 64		/* longer names are near to none */

extern char **environ;

const char *const v2m_variables_of_hooks[V2M_VARIABLES_OF_HOOKS] = {
	"V2M_ID", "V2M_TO", "V2M_FROM", "V2M_SUBJECT", "V2M_MESSAGE_ID",
	"V2M_OUTCOME", "V2M_NAME", "V2M_MP3", "V2M_MP3_NAME", "V2M_DURATION",
	"V2M_SIZE", "V2M_REASON", "V2M_WARNINGS", NULL
};

/* Those that users set, besides the keys. */
static const char *const more[] = {
	"STATE", "CONFIG", "TOKEN", "LIBDIR", "LIBEXECDIR", "FAULT", "CORPUS",
	NULL
};

/* Those of tests, of the engine, and of Kubernetes. */
static const char *const patterns[] = {
	"V2M_TEST_*", "V2M_MEDIA_*", "*_SERVICE_HOST", "*_SERVICE_PORT*",
	"*_PORT", "*_PORT_*", NULL
};

/* Copy a key or name, in capitals. */
static const char *
capitals(char out[NAME_MOST], const char *name)
{
	size_t i;

	for (i = 0; i < NAME_MOST - 1 && name[i] != '\0'; i++)
		out[i] = (char)toupper((unsigned char)name[i]);
	out[i] = '\0';
	return out;
}

/* The nth known name, without V2M_; NULL behind the last. */
static const char *
known(size_t n, char out[NAME_MOST])
{
	size_t i;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		if (n-- == 0)
			return capitals(out, v2m_conf_keys[i].name);
	return n < sizeof more / sizeof *more ? more[n] : NULL;
}

static bool
is_key(size_t n)
{
	size_t i;

	for (i = 0; i < n && v2m_conf_keys[i].name != NULL; i++)
		;
	return v2m_conf_keys[i].name != NULL;
}

static bool
is_expected(const char *name)
{
	char space[NAME_MOST];
	const char *k;
	size_t i;

	for (i = 0; (k = known(i, space)) != NULL; i++)
		if (strcmp(k, name + strlen(PREFIX)) == 0)
			return true;
	for (i = 0; v2m_variables_of_hooks[i] != NULL; i++)
		if (strcmp(v2m_variables_of_hooks[i], name) == 0)
			return true;
	for (i = 0; patterns[i] != NULL; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

/* The longest key that the name begins with, followed by '_'. */
static const char *
key_before(const char *name, char out[NAME_MOST])
{
	char space[NAME_MOST];
	size_t i, longest = 0;

	for (i = 0; is_key(i); i++) {
		const char *k = known(i, space);
		size_t n = strlen(k);

		if (n > longest && strncmp(name, k, n) == 0 && name[n] == '_') {
			longest = n;
			v2m_text_copy(out, NAME_MOST, k);
		}
	}
	return longest == 0 ? NULL : out;
}

/* The known name that an unknown one probably means, without V2M_; NULL:
 * none. */
static const char *
meant(const char *name, char out[NAME_MOST])
{
	char mine[NAME_MOST], space[NAME_MOST];
	struct v2m_suggest s;
	const char *k;
	size_t i;

	capitals(mine, name + strlen(PREFIX));
	v2m_suggest_start(&s, mine);
	for (i = 0; (k = known(i, space)) != NULL; i++)
		v2m_suggest_offer(&s, k);
	if (s.distance > V2M_SUGGEST_TYPO)
		return key_before(mine, out);
	return v2m_text_copy(out, NAME_MOST, v2m_suggest_best(&s));
}

/* Copy the name of an entry of the environment, if it is an unknown V2M_
 * one. */
static bool
is_strange(const char *entry, char name[4 * NAME_MOST])
{
	size_t n = strcspn(entry, "=");

	if (strncmp(entry, PREFIX, strlen(PREFIX)) != 0)
		return false;
	snprintf(name, 4 * NAME_MOST, "%.*s", (int)n, entry);
	return !is_expected(name);
}

int
v2m_variables_check(struct v2m_err *err)
{
	char name[4 * NAME_MOST], space[NAME_MOST];
	const char *right;
	char **e;

	for (e = environ; e != NULL && *e != NULL; e++) {
		if (!is_strange(*e, name))
			continue;
		right = meant(name, space);
		if (right != NULL)
			return v2m_err_set(err, V2M_CONFIG, "unknown variable "
			    "'%s': did you mean " PREFIX "%s? (see v2m(7), "
			    "Environment)", name, right);
	}
	return 0;
}

void
v2m_variables_warn(void)
{
	char name[4 * NAME_MOST];
	char **e;

	for (e = environ; e != NULL && *e != NULL; e++)
		if (is_strange(*e, name))
			v2m_warn("unknown variable '%s' is passed over (see "
			    "v2m(7), Environment)", name);
}
