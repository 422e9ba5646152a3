/* v2m: `v2m upload ...` runs `v2m-upload ...`, from the folder that v2m itself
 * lies in, else from PATH. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/version.h"

/* The commands there are, with what their manuals call them. */
static const struct {
	const char *name, *summary;
} commands[] = {
	{ "init", "set up what the configuration names" },
	{ "user", "manage accounts" },
	{ "login", "get a token for e-mail and password" },
	{ "upload", "store videos and queue them for conversion" },
	{ "convert", "convert videos to MP3s, without account or queue" },
	{ "convert-worker", "convert queued videos to MP3" },
	{ "notify", "tell owners how their conversions ended" },
	{ "fetch", "write converted MP3s to files" },
	{ "status", "show the state of jobs" },
	{ "remove", "delete uploads and their MP3s" },
};

static void
print_help(FILE *out)
{
	size_t i;

	fputs("v2m - videos in, MP3s out\n\n"
	    "usage: v2m COMMAND [ARGUMENT ...]\n"
	    "       v2m help [COMMAND]\n\n", out);
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  %-16s %s\n", commands[i].name,
		    commands[i].summary);
	fputs("\nThe tour: man 7 v2m\n", out);
}

static void
run_beside(char *name, char **argv)
{
	char path[PATH_MAX + 64];
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash != NULL) {
			*slash = '\0';
			snprintf(path, sizeof path, "%s/%s", self, name);
			execv(path, argv);
		}
	}
	execvp(name, argv);
}

static int
help(char *command)
{
	static char man[] = "man", section[] = "7", v2m[] = "v2m";
	char page[64];
	char *about[] = { man, page, NULL };
	char *tour[] = { man, section, v2m, NULL };

	if (command == NULL) {
		print_help(stdout);
		return V2M_OK;
	}
	snprintf(page, sizeof page, "v2m-%s", command);
	if (strcmp(command, "v2m") == 0)
		execvp(man, tour);
	else
		execvp(man, about);
	v2m_warn("cannot run man: %s", strerror(errno));
	return V2M_UNAVAILABLE;
}

int
main(int argc, char **argv)
{
	char name[64];

	v2m_log_init("v2m", 0);
	if (argc < 2) {
		print_help(stderr);
		return V2M_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return V2M_OK;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("v2m %s\n", V2M_VERSION);
		return V2M_OK;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argv[2]);
	if (argv[1][0] == '-' || strchr(argv[1], '/') != NULL ||
	    snprintf(name, sizeof name, "v2m-%s", argv[1]) >=
	    (int)sizeof name) {
		v2m_warn("'%s' is no command (see v2m --help)", argv[1]);
		return V2M_USAGE;
	}
	argv[1] = name;
	run_beside(name, argv + 1);
	if (errno == ENOENT) {
		v2m_warn("'%s' is no command (see v2m --help)", name + 4);
		return V2M_USAGE;
	}
	v2m_warn("cannot run '%s': %s", name, strerror(errno));
	return V2M_UNAVAILABLE;
}
