#include "base/variables.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"

#define PREFIX "V2M_"
#define NAME_MOST 64		/* longer ones are near to no name of ours */
#define NEAR 2			/* letters */

extern char **environ;

const char *const v2m_variables_of_hooks[V2M_VARIABLES_OF_HOOKS] = {
	"V2M_ID", "V2M_TO", "V2M_FROM", "V2M_SUBJECT", "V2M_MESSAGE_ID",
	"V2M_OUTCOME", "V2M_NAME", "V2M_MP3", "V2M_MP3_NAME", "V2M_DURATION",
	"V2M_SIZE", "V2M_REASON", "V2M_WARNINGS", NULL
};

/* Beside the keys; those that people set. */
static const char *const more[] = {
	"STATE", "CONFIG", "TOKEN", "LIBDIR", "LIBEXECDIR", "FAULT", "CORPUS",
	NULL
};

/* Of tests, of the engine, and of Kubernetes. */
static const char *const patterns[] = {
	"V2M_TEST_*", "V2M_MEDIA_*", "*_SERVICE_HOST", "*_SERVICE_PORT*",
	"*_PORT", "*_PORT_*", NULL
};

/* Key or name, in capitals. */
static const char *
capitals(char out[NAME_MOST], const char *name)
{
	size_t i;

	for (i = 0; i < NAME_MOST - 1 && name[i] != '\0'; i++)
		out[i] = (char)toupper((unsigned char)name[i]);
	out[i] = '\0';
	return out;
}

/* The nth known name without V2M_; NULL behind the last. */
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

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters to put in, take out or change; both shorter than NAME_MOST. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MOST], n = strlen(b), i, j;

	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (j = 0; j < n; j++) {
			size_t above = row[j + 1];

			row[j + 1] = least(above + 1, row[j] + 1,
			    corner + (a[i] != b[j]));
			corner = above;
		}
	}
	return row[n];
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

/* The known name that an unknown one means, without V2M_; NULL: none. */
static const char *
meant(const char *name, char out[NAME_MOST])
{
	char mine[NAME_MOST], space[NAME_MOST];
	size_t i, d, best = NEAR + 1, longest = 0;
	const char *k;

	out[0] = '\0';
	capitals(mine, name + strlen(PREFIX));
	for (i = 0; (k = known(i, space)) != NULL; i++) {
		size_t n = strlen(k);

		d = distance(mine, k);
		if (d < best) {
			best = d;
			v2m_text_copy(out, NAME_MOST, k);
		} else if (best > NEAR && is_key(i) && n > longest &&
		    strncmp(mine, k, n) == 0 && mine[n] == '_') {
			longest = n;
			v2m_text_copy(out, NAME_MOST, k);
		}
	}
	return out[0] == '\0' ? NULL : out;
}

/* The name of an entry of the environment, where it is one of V2M_ that is
 * not expected. */
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
