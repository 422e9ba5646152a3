#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "convert/run.h"
#include "media/settings_cli.h"

static struct v2m_settings_cli settings;
static const char *output, *relative_to, *stdin_name;
static bool force, skip_existing, warnings_ok, no_sandbox, list_tracks;
static int64_t at_a_time = 1, threads;

static const struct v2m_opt opts[] = {
	V2M_SETTINGS_OPTS(settings),
	{ V2M_OPT_TEXT, 'o', "output", .arg = "PATH", .value = &output,
	    .help = "write this file, into this folder, or - to stdout",
	    .complete = "file",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "force", .value = &force,
	    .help = "replace existing MP3s and empty files",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "skip-existing", .value = &skip_existing,
	    .help = "skip files whose MP3 exists",
	    .common = true },
	{ V2M_OPT_TEXT, 0, "relative-to", .arg = "BASE",
	    .value = &relative_to, .complete = "dir",
	    .help = "with -o DIR/: keep the folders below BASE" },
	{ V2M_OPT_TEXT, 0, "name", .arg = "NAME", .value = &stdin_name,
	    .help = "file name to use for stdin" },
	{ V2M_OPT_FLAG, 0, "warnings-ok", .value = &warnings_ok,
	    .help = "exit with 0, not 3, after warnings" },
	{ V2M_OPT_INT, 'j', "jobs", .arg = "N", .value = &at_a_time,
	    .min = 1, .max = 256,
	    .help = "files to convert at a time; default 1",
	    .common = true },
	{ V2M_OPT_INT, 0, "threads", .arg = "N", .value = &threads,
	    .min = 1, .max = V2M_MEDIA_THREADS_MOST,
	    .help = "cores for each file; default all, shared" },
	{ V2M_OPT_FLAG, 0, "no-sandbox", .value = &no_sandbox,
	    .help = "read files without the sandbox" },
	{ V2M_OPT_FLAG, 0, "list-tracks", .value = &list_tracks,
	    .help = "list the tracks, do not convert",
	    .common = true },
	{ .kind = V2M_OPT_END }
};

static const struct v2m_program program = {
	.name = "v2m-convert",
	.summary = "convert videos to MP3s, without account or queue",
	.synopsis = (const char *const[]){
		"[-q QUALITY | -b RATE | --copy[=WHICH]] [--preset NAME] "
		"[--mono] [--loudness LUFS] [--track N | --lang LIST] "
		"[--lang-strict] "
		"[--from TIME] [--to TIME] [--tag KEY=VALUE] [--id3 VERSION] "
		"[--threads N] [--no-sandbox] [--force | --skip-existing] "
		"[--warnings-ok] [--json] IN [OUT]",
		"-o PATH [options] [-j N] [--relative-to BASE] IN ...",
		"[options] [--name NAME] < IN > OUT",
		"--list-tracks [--no-sandbox] [--json] IN ...",
		NULL },
	.brief = (const char *const[]){
		"[options] IN [OUT]",
		"[options] -o FOLDER/ IN ...",
		"[options] < IN > OUT",
		NULL },
	.examples = (const char *const[]){
		"v2m-convert talk.mp4 talk.mp3",
		"v2m-convert -j 2 --preset speech -o mp3/ *.mp4",
		NULL },
	.opts = opts,
	.unknown_letter = ": not as with ffmpeg, but v2m-convert IN FILE.mp3",
	.some_options = true,
	.shared = V2M_CLI_FILTER | V2M_CLI_CONFIG | V2M_CLI_JSON,
	.operands = "file",
	.statuses = (const int[]){ V2M_FAILED, V2M_WARNED, V2M_DATA,
	    V2M_NOINPUT, V2M_BUG, V2M_CANTCREATE, V2M_IO, V2M_TEMP,
	    V2M_DENIED, V2M_CONFIG, 0 },
};

static bool
is_folder(const char *path)
{
	struct stat st;

	return path[strlen(path) - 1] == '/' ||
	    (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* "talk.mp4 talk.wav": the user expects something else than an MP3. */
static void
refuse_other_format(const struct v2m_cli *cli, const char *to)
{
	static const char *const others[] = { "aac", "aif", "aiff", "avi",
		"flac", "m4a", "m4b", "mkv", "mov", "mp4", "ogg", "opus",
		"wav", "webm", "wma" };
	const char *dot = strrchr(to, '.');
	size_t i;

	if (dot == NULL || access(to, F_OK) == 0)
		return;
	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcasecmp(dot + 1, others[i]) == 0)
			v2m_cli_usage(cli, "v2m makes MP3s only: use a "
			    "name that ends in .mp3, not '%s'", to);
}

/* All operands are inputs. */
static void
take_inputs(const struct v2m_cli *cli, struct run *run)
{
	static char dash[] = "-", *only_stdin[] = { dash, NULL };

	run->inputs = cli->operands;
	run->n = cli->noperands;
	if (run->n > 0)
		return;
	if (isatty(STDIN_FILENO))
		v2m_cli_usage(cli, "nothing to convert");
	run->inputs = only_stdin;
	run->n = 1;
}

/* Sort the operands into inputs and the place for the MP3s. */
static void
take_operands(const struct v2m_cli *cli, struct run *run)
{
	const char *to = output;
	struct v2m_err err;

	take_inputs(cli, run);
	if (list_tracks && output != NULL)
		v2m_cli_usage(cli, "--list-tracks writes no file: -o cannot "
		    "be used with it");
	if (list_tracks)
		return;
	if (output == NULL && run->n == 2) {
		to = run->inputs[--run->n];
		run->by_operand = true;
	} else if (output == NULL && run->n > 2) {
		to = run->inputs[run->n - 1];
		v2m_cli_usage(cli, "many files need a folder for the MP3s: -o "
		    "%s", is_folder(to) ? to : "FOLDER/");
	}
	if (to != NULL && *to == '\0')
		v2m_cli_usage(cli, "an empty name for the output");
	if (to == NULL || strcmp(to, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			v2m_cli_usage(cli, "an MP3 is not for a terminal: "
			    "name a file, or redirect stdout");
		if (cli->json)
			v2m_cli_usage(cli, "--json and the MP3 cannot both go "
			    "to stdout: name a file");
	} else if (is_folder(to)) {
		run->dir = to;
		if (v2m_io_mkdirs(to, 0777, &err) < 0)
			v2m_cli_die(cli, &err);
	} else {
		refuse_other_format(cli, to);
		run->file = to;
	}
	if (run->n > 1 && run->dir == NULL)
		v2m_cli_usage(cli, "many files need a folder, and '%s' is not "
		    "one: -o FOLDER/ makes it", to);
	if (relative_to != NULL && run->dir == NULL)
		v2m_cli_usage(cli, "--relative-to needs a folder: -o DIR/");
}

static const char *
take_base(const struct v2m_cli *cli)
{
	static char base[PATH_MAX];
	struct v2m_err err;

	if (relative_to == NULL)
		return NULL;
	if (realpath(relative_to, base) == NULL) {
		v2m_err_sys(&err, V2M_NOINPUT, "--relative-to: '%s'",
		    relative_to);
		v2m_cli_die(cli, &err);
	}
	return base;
}

static void
take_options(const struct v2m_cli *cli, struct run *run)
{
	if (force && skip_existing)
		v2m_cli_usage(cli, "--force and --skip-existing cannot be "
		    "used together");
	if (stdin_name != NULL && (run->n != 1 ||
	    strcmp(run->inputs[0], "-") != 0))
		v2m_cli_usage(cli, "--name is only for stdin");
	if (stdin_name != NULL && stdin_name[0] == '\0')
		v2m_cli_usage(cli, "--name: an empty name");
	run->at_a_time = (int)at_a_time;
	run->force = force;
	run->skip_existing = skip_existing;
	run->base = take_base(cli);
	run->stdin_name = stdin_name;
}

static void
take_conf(const struct v2m_conf *conf, struct run *run)
{
	run->max_upload = v2m_conf_limit(conf, "max_upload");
	run->free_reserve = v2m_conf_number(conf, "free_reserve");
	run->max_duration_ms = v2m_conf_number(conf, "max_duration");
}

static void
release(struct run *run)
{
	v2m_media_free(run->media);
	for (int i = 0; i < run->n; i++)
		free(run->names[i]);
	free(run->names);
}

int
main(int argc, char **argv)
{
	struct run run = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct v2m_cli cli;
	struct v2m_conf conf;
	struct v2m_err err;

	v2m_cli_start(&cli, &program, argc, argv);
	v2m_cli_conf(&cli, &conf);
	run.cli = &cli;
	v2m_settings_take(&cli, &settings, &run.settings);
	take_operands(&cli, &run);
	take_options(&cli, &run);
	take_conf(&conf, &run);
	run.names = calloc((size_t)run.n, sizeof *run.names);
	if (run.names == NULL)
		return V2M_TEMP;
	if (v2m_stop_init(&err) < 0 ||
	    (run.media = v2m_media_start(&err)) == NULL ||
	    v2m_media_configure(run.media, &conf, no_sandbox, &err) < 0)
		v2m_cli_die(&cli, &err);
	v2m_debug("sandbox: %s", v2m_media_sandbox_word(run.media));
	signal(SIGPIPE, SIG_DFL);	/* a filter ends with its reader */
	v2m_media_set_threads(run.media, (int)threads);
	if (list_tracks)
		run_list_tracks(&run);
	else
		run_convert_all(&run);
	release(&run);
	v2m_conf_release(&conf);
	if (v2m_stop_count() > 0)
		v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status_ok(&run.tally,
	    warnings_ok));
}
