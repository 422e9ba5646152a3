#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/items.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "client/client.h"
#include "flow/status.h"
#include "media/output.h"

#define LONELY_MS (5 * 60 * 1000)	/* then a worker should have come */

static const char *output, *wait_for;
static bool force, warnings_ok;

static const char *const synopsis[] = {
	"[-0] [--force] [--json] [-o PATH] [--wait[=TIME]] "
	"[--warnings-ok] ID ... | -",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_TEXT, 'o', "output", .arg = "PATH", .value = &output,
	    .help = "write this file, into this folder, or - to stdout",
	    .complete = "file" },
	{ V2M_OPT_FLAG, 0, "force", .value = &force,
	    .help = "replace existing MP3s and empty files" },
	{ V2M_OPT_TEXT, 0, "wait", .arg = "TIME", .value = &wait_for,
	    .optional = true, .help = "wait until converted, at most TIME" },
	{ V2M_OPT_FLAG, 0, "warnings-ok", .value = &warnings_ok,
	    .help = "exit with 0, not 3, after warnings" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_WARNED, V2M_NOINPUT,
	V2M_UNAVAILABLE, V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-fetch",
	.summary = "write converted MP3s to files",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-fetch 6b00f9a3e4195d5617380f0d",
		"v2m-upload talk.mp4 | v2m-fetch --wait=10min -o mp3/ -",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CLIENT | V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

static void
show_progress(void *arg, int64_t done, int64_t total)
{
	(void)arg;
	(void)total;
	v2m_progress_update(done);
}

/* What the job waits for, in words. */
static void
describe_wait(char *dst, size_t size, const struct v2m_record *r,
    int64_t asked)
{
	/* It may have been queued again long after its upload. */
	int64_t since = r->queued_at > r->created_at ? r->queued_at :
	    r->created_at;
	int64_t now = v2m_wall_ms();
	char time[32];

	if (r->state == V2M_JOB_RUNNING && r->progress >= 0) {
		snprintf(dst, size, "converting %d%%", (int)r->progress);
		return;
	}
	snprintf(dst, size, "%s", v2m_status_word(r));
	if (r->state != V2M_JOB_QUEUED)
		return;
	if (r->due > since)
		since = r->due;
	if (r->due > now)
		snprintf(dst, size, "tried again in %s: %.120s",
		    v2m_text_age(time, r->due - now), r->reason);
	else if (asked > 0 && now - asked >= LONELY_MS)
		snprintf(dst, size, "queued: no worker asked for work in "
		    "%s", v2m_text_age(time, now - asked));
	else if (now - since >= LONELY_MS)
		snprintf(dst, size, "queued: no worker has taken it in %s",
		    v2m_text_age(time, now - since));
}

static void
show_wait(void *arg, const struct v2m_record *r, int64_t asked)
{
	char words[256], line[512];

	(void)arg;
	describe_wait(words, sizeof words, r, asked);
	snprintf(line, sizeof line, "%.200s: %s", r->name, words);
	v2m_progress_say(line);
}

static void
print_path(const struct v2m_cli *cli, const char *id, const char *path,
    bool warned)
{
	/* A path need not be UTF-8, but JSON must be. */
	char clean[PATH_MAX];

	if (cli->json)
		v2m_cli_print_json(json_pack("{s:s, s:s, s:b}", "id", id,
		    "path", v2m_text_copy(clean, sizeof clean, path),
		    "warnings", warned));
	else
		printf("%s\n", path);
	fflush(stdout);
}

static bool
is_folder(const char *path)
{
	size_t n = strlen(path);
	struct stat st;

	return (n > 0 && path[n - 1] == '/') ||
	    (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* Open a device or pipe, to be written to directly: a rename would replace
 * /dev/null by a file.  -1: path is neither. */
static int
open_special(const struct v2m_cli *cli, const char *path)
{
	struct v2m_err err;
	int fd;

	if (v2m_output_look(path) != V2M_OUTPUT_STREAM)
		return -1;
	fd = v2m_output_open_stream(path, &err);
	if (fd < 0)
		v2m_cli_die(cli, &err);
	return fd;
}

/* Where -o leads to: a descriptor, a folder (made if it ends with a slash), or
 * a file, for one ID only. */
static void
take_output(const struct v2m_cli *cli, struct v2m_fetch *f)
{
	struct v2m_err err;

	f->fd = -1;
	if (output == NULL) {
		f->dir = ".";
	} else if (strcmp(output, "-") == 0) {
		f->fd = STDOUT_FILENO;
		if (cli->json)
			v2m_cli_usage(cli, "-o - and --json cannot both go to "
			    "stdout");
		if (isatty(STDOUT_FILENO))
			v2m_cli_usage(cli, "an MP3 is not for a terminal: "
			    "redirect stdout");
	} else if (output[0] == '\0') {
		v2m_cli_usage(cli, "-o needs a path");
	} else if (is_folder(output)) {
		f->dir = output;
		if (v2m_io_mkdirs(output, 0777, &err) < 0)
			v2m_cli_die(cli, &err);
	} else if ((f->fd = open_special(cli, output)) < 0) {
		f->file = output;
	}
	if (f->dir == NULL && (cli->noperands > 1 ||
	    strcmp(cli->operands[0], "-") == 0))
		v2m_cli_usage(cli, "-o %s takes exactly one ID (a folder "
		    "takes any number)", output);
}

/* "--wait 90s": an optional argument comes with a '='. */
static void
refuse_apart(const struct v2m_cli *cli)
{
	int64_t ms;

	for (int i = 0; i < cli->noperands; i++)
		if (strlen(cli->operands[i]) < V2M_ID_SIZE - 1 &&
		    v2m_text_parse_duration(cli->operands[i], &ms))
			v2m_cli_usage(cli, "'%s' is a time, not an ID: "
			    "--wait=%s", cli->operands[i], cli->operands[i]);
}

static void
take_wait(const struct v2m_cli *cli, struct v2m_fetch *f)
{
	if (wait_for == NULL)
		f->wait_ms = 0;
	else if (wait_for[0] == '\0')
		f->wait_ms = -1;
	else if (!v2m_text_parse_duration(wait_for, &f->wait_ms))
		v2m_cli_usage(cli, "--wait: '%s' is not a duration (90s, "
		    "15min)",
		    wait_for);
	if (f->wait_ms < 0)
		refuse_apart(cli);
}

/* Remember the files of this run: two uploads may have the same name. */
static void
remember(struct v2m_fetch *f, const char *id, const char *path)
{
	static struct v2m_fetched *written;
	static size_t room;
	struct v2m_fetched *bigger;
	char *copy = strdup(path);

	if (f->nbefore == room) {
		room = room == 0 ? 64 : 2 * room;
		bigger = reallocarray(written, room, sizeof *written);
		if (bigger == NULL)
			abort();
		f->before = written = bigger;
	}
	if (copy == NULL)
		abort();
	memcpy(written[f->nbefore].id, id, V2M_ID_SIZE);
	written[f->nbefore++].path = copy;
}

static void
fetch_one(const struct v2m_cli *cli, struct v2m_client *client,
    struct v2m_fetch *f, const char *id, struct v2m_tally *tally)
{
	char path[PATH_MAX + V2M_NAME_MAX], job[V2M_ID_SIZE];
	bool warned = false;
	struct v2m_err err;
	int ret;

	v2m_progress_begin(id, 0, true, cli->quiet);
	ret = v2m_client_fetch(client, id, f, path, sizeof path, job, &warned,
	    &err);
	v2m_progress_end();
	if (ret < 0 && f->fd >= 0 && err.sys == EPIPE) {
		v2m_tally_failed(tally, err.code);
		return;
	}
	if (ret < 0) {
		v2m_cli_failed(cli, tally, id, &err);
		return;
	}
	if (path[0] != '\0') {
		remember(f, job, path);
		print_path(cli, id, path, warned);
	}
	if (warned)
		v2m_tally_warned(tally);
	else
		v2m_tally_done(tally);
}

int
main(int argc, char **argv)
{
	struct v2m_fetch f = { .progress = show_progress,
	    .waiting = show_wait };
	struct v2m_client *client;
	struct v2m_tally tally = { 0 };
	struct v2m_conf conf;
	struct v2m_items items;
	struct v2m_cli cli;
	struct v2m_err err;
	char *id;
	int got;

	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands == 0)
		v2m_cli_usage(&cli, "no ID given (- reads IDs from stdin)");
	take_output(&cli, &f);
	take_wait(&cli, &f);
	f.force = force;
	v2m_cli_conf(&cli, &conf);
	client = v2m_client_open(&conf, false, &err);
	if (client == NULL || v2m_stop_init(&err) < 0)
		v2m_cli_die(&cli, &err);
	v2m_items_init(&items, cli.operands, cli.null);
	while ((got = v2m_items_next(&items, &id, &err)) == 1 &&
	    v2m_stop_count() == 0 && !ferror(stdout))
		fetch_one(&cli, client, &f, id, &tally);
	if (got < 0)
		v2m_cli_failed(&cli, &tally, "stdin", &err);
	v2m_items_release(&items);
	v2m_client_close(client);
	v2m_conf_release(&conf);
	v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status_ok(&tally, warnings_ok));
}
