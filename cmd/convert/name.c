/* The names of the MP3s in a folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run.h"

/* The folder of path.  false: it is too long. */
static bool
folder_of(char dir[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return snprintf(dir, PATH_MAX, ".") > 0;
	return snprintf(dir, PATH_MAX, "%.*s", slash == path ? 1 :
	    (int)(slash - path), path) < PATH_MAX;
}

/* The path of folder relative to base, "" for base itself; NULL: it is not
 * below it. */
static const char *
below(const char *folder, const char *base)
{
	size_t n = strcmp(base, "/") == 0 ? 0 : strlen(base);

	if (strncmp(folder, base, n) != 0 ||
	    (folder[n] != '/' && folder[n] != '\0'))
		return NULL;
	folder += n;
	return folder + strspn(folder, "/");
}

/* The folders between base and the input, with a slash behind them. */
static int
relative_folder(const struct run *run, const char *in, char out[PATH_MAX],
    struct v2m_err *err)
{
	char dir[PATH_MAX], real[PATH_MAX];
	const char *rest;

	out[0] = '\0';
	if (run->base == NULL || strcmp(in, "-") == 0)
		return 0;
	if (!folder_of(dir, in) || realpath(dir, real) == NULL)
		return v2m_err_sys(err, V2M_NOINPUT, "cannot open");
	rest = below(real, run->base);
	if (rest == NULL)
		return v2m_err_set(err, V2M_NOINPUT, "it is not below '%s' "
		    "(--relative-to)", run->base);
	snprintf(out, PATH_MAX, "%s%s", rest, *rest == '\0' ? "" : "/");
	return 0;
}

/* The input whose MP3 has this name; n: none. */
static int
taken_by(const struct run *run, int i, const char *name)
{
	int other = 0;

	while (other < run->n && (other == i || run->names[other] == NULL ||
	    strcmp(name, run->names[other]) != 0))
		other++;
	return other;
}

int
run_choose_name(struct run *run, int i, struct v2m_err *err)
{
	const char *in = run->inputs[i];
	char folder[PATH_MAX], file[V2M_NAME_MAX], *name = NULL;
	int other = run->n;

	if (relative_folder(run, in, folder, err) < 0)
		return -1;
	if (strcmp(in, "-") != 0)
		v2m_text_file_name(file, in, ".mp3", "video");
	else
		v2m_text_file_name(file, run->stdin_name != NULL ?
		    run->stdin_name : "", ".mp3", "stdin");
	if (asprintf(&name, "%s%s", folder, file) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	pthread_mutex_lock(&run->lock);
	other = taken_by(run, i, name);
	if (other == run->n)
		run->names[i] = name;
	pthread_mutex_unlock(&run->lock);
	if (other == run->n)
		return 0;
	free(name);
	return v2m_err_set(err, V2M_CANTCREATE,
	    "would get the same name as '%s'", run->inputs[other]);
}
