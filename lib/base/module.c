#include "base/module.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As soon as it is loaded, libmongoc makes /dev/shm/mongoc-PID, for its own
 * mongoc-stat.  A process that is killed leaves it, and the next one of that
 * number says so on stderr.  Set before there are threads. */
__attribute__((constructor)) static void
keep_out_of_shm(void)
{
	setenv("MONGOC_DISABLE_SHM", "1", 0);
}

/* The folder of libv2m.so, which contains this function. */
static void
own_folder(char *dir, size_t size)
{
	static const char anchor;
	const char *set = getenv("V2M_LIBDIR");
	Dl_info info;
	char *slash;

	if (set != NULL && set[0] == '/') {
		snprintf(dir, size, "%s", set);
		return;
	}
	snprintf(dir, size, ".");
	if (dladdr(&anchor, &info) != 0 && info.dli_fname != NULL) {
		snprintf(dir, size, "%s", info.dli_fname);
		slash = strrchr(dir, '/');
		if (slash != NULL)
			*slash = '\0';
	}
}

/* The Debian package that a module is in (scripts/debian). */
static const char *
package_of(const char *name)
{
	static const char *const packages[][2] = {
		{ "gateway", "v2m-server" }, { "http-client", "v2m-http" },
		{ "mail-smtp", "v2m-smtp" }, { "queue-amqp", "v2m-amqp" },
		{ "store-mongodb", "v2m-mongodb" }, { "store-aws", "v2m-aws" },
		{ "users-mysql", "v2m-mysql" },
	};
	size_t i;

	for (i = 0; i < sizeof packages / sizeof *packages; i++)
		if (strcmp(packages[i][0], name) == 0)
			return packages[i][1];
	return "v2m";
}

const void *
v2m_module(const char *name, const char *symbol, struct v2m_err *err)
{
	char dir[PATH_MAX], path[PATH_MAX + 64];
	const void *found;
	void *module;

	own_folder(dir, sizeof dir);
	snprintf(path, sizeof path, "%s/%s.so", dir, name);
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	found = module == NULL ? NULL : dlsym(module, symbol);
	if (module == NULL && access(path, F_OK) < 0)
		v2m_err_set(err, V2M_CONFIG, "this v2m was built without %s, "
		    "or the package %s is not installed (v2m --version "
		    "--verbose lists what is there): there is no %s", name,
		    package_of(name), path);
	else if (found == NULL)
		v2m_err_set(err, V2M_CONFIG, "cannot load a part of v2m: %s",
		    dlerror());
	return found;
}

static int
is_module(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 3 && strcmp(entry->d_name + n - 3, ".so") == 0 &&
	    strncmp(entry->d_name, "lib", 3) != 0;
}

int
v2m_module_list(void (*fn)(const char *name), struct v2m_err *err)
{
	struct dirent **found;
	char dir[PATH_MAX];
	int n;

	own_folder(dir, sizeof dir);
	n = scandir(dir, &found, is_module, alphasort);
	if (n < 0)
		return v2m_err_sys(err, V2M_CONFIG, "cannot read %s", dir);
	for (int i = 0; i < n; i++) {
		found[i]->d_name[strlen(found[i]->d_name) - 3] = '\0';
		fn(found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return 0;
}
