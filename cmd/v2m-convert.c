#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/hold.h"
#include "base/io.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "media/frame.h"
#include "media/media.h"
#include "media/need.h"
#include "media/output.h"
#include "media/settings_cli.h"

static struct v2m_settings_cli settings;
static const char *output;
static bool force, no_sandbox, list_tracks;
static int64_t at_a_time = 1, threads;

static const struct v2m_opt opts[] = {
	V2M_SETTINGS_OPTS(settings),
	{ V2M_OPT_TEXT, 'o', "output", .arg = "PATH", .value = &output,
	    .help = "to this file, into this folder, or - for stdout",
	    .complete = "file",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "force", .value = &force,
	    .help = "replace MP3s and empty files that are there",
	    .common = true },
	{ V2M_OPT_INT, 'j', "jobs", .arg = "N", .value = &at_a_time,
	    .min = 1, .max = 256,
	    .help = "files to convert at a time; default 1",
	    .common = true },
	{ V2M_OPT_INT, 0, "threads", .arg = "N", .value = &threads,
	    .min = 1, .max = V2M_MEDIA_THREADS_MOST,
	    .help = "cores for each file; default all, shared" },
	{ V2M_OPT_FLAG, 0, "no-sandbox", .value = &no_sandbox,
	    .help = "look at files without the sandbox around it" },
	{ V2M_OPT_FLAG, 0, "list-tracks", .value = &list_tracks,
	    .help = "convert nothing: say which tracks there are",
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
		"[--threads N] [--no-sandbox] [--force] [--json] IN [OUT]",
		"-o PATH [options] [-j N] IN ...",
		"[options] < IN > OUT",
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
	.some_options = true,
	.shared = V2M_CLI_FILTER | V2M_CLI_CONFIG | V2M_CLI_JSON,
	.operands = "file",
	.statuses = (const int[]){ V2M_FAILED, V2M_WARNED, V2M_DATA,
	    V2M_NOINPUT, V2M_BUG, V2M_CANTCREATE, V2M_IO, V2M_TEMP,
	    V2M_DENIED, V2M_CONFIG, 0 },
};

/* One run of the command; what many threads change is under the lock. */
struct run {
	const struct v2m_cli *cli;
	struct v2m_media *media;
	struct v2m_settings settings;
	int64_t max_upload, free_reserve, max_duration_ms;
	const char *dir;	/* write into it; NULL: */
	const char *file;	/* write this; NULL: stdout */
	char **inputs;
	int n;
	pthread_mutex_t lock;
	int next, finished;
	char (*names)[V2M_NAME_MAX];	/* of the files made in dir */
	struct v2m_tally tally;
};

/* Where one MP3 goes.  direct: to fd as it is (stdout, a device, a pipe), by
 * way of a nameless file; else to a file that gets its name when it is done. */
struct target {
	bool direct;
	int fd;
	struct v2m_newfile file;
	char path[PATH_MAX];
	const char *name;	/* in path, behind the folder */
};

static int
open_input(const struct run *run, const char *name, int64_t *length,
    struct v2m_err *err)
{
	bool is_stdin = strcmp(name, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	int spool;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return v2m_err_sys(err, V2M_NOINPUT, "cannot open");
	if (S_ISDIR(st.st_mode)) {
		v2m_err_set(err, V2M_NOINPUT, "is a folder");
		close(fd);
		return -1;
	}
	if (S_ISREG(st.st_mode) &&
	    (!is_stdin || lseek(fd, 0, SEEK_CUR) == 0)) {
		*length = st.st_size;
		return fd;
	}
	/* Much of a video is read out of order: a pipe has to be kept. */
	spool = v2m_io_spool(fd, run->max_upload, run->free_reserve, length,
	    err);
	if (!is_stdin)
		close(fd);
	return spool;
}

static int
open_direct(struct target *t, int fd, struct v2m_err *err)
{
	t->direct = true;
	t->fd = fd;
	t->file.fd = v2m_io_tmpfile(NULL, err);
	return t->file.fd < 0 ? -1 : 0;
}

static int
open_path(struct target *t, struct v2m_err *err)
{
	char dir[PATH_MAX], *slash = strrchr(t->path, '/');

	if (v2m_output_look(t->path) == V2M_OUTPUT_STREAM) {
		int fd = v2m_output_open_stream(t->path, err);

		return fd < 0 ? -1 : open_direct(t, fd, err);
	}
	if (v2m_output_check(t->path, force, err) < 0)
		return -1;
	t->name = slash == NULL ? t->path : slash + 1;
	snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 :
	    slash == t->path ? 1 : (int)(slash - t->path),
	    slash == NULL ? "." : t->path);
	return v2m_newfile_open(&t->file, dir, 0666, err);
}

/* The name for input i in the folder, taken by no other of this run. */
static int
choose_name(struct run *run, int i, struct target *t, struct v2m_err *err)
{
	const char *in = run->inputs[i];
	char *name = run->names[i];
	int other = 0;

	pthread_mutex_lock(&run->lock);
	v2m_text_file_name(name, strcmp(in, "-") == 0 ? "" : in, ".mp3",
	    "stdin");
	while (other < run->n && (other == i ||
	    strcmp(name, run->names[other]) != 0))
		other++;
	if (other < run->n)
		name[0] = '\0';
	pthread_mutex_unlock(&run->lock);
	if (other < run->n)
		return v2m_err_set(err, V2M_CANTCREATE,
		    "would get the same name as '%s'", run->inputs[other]);
	if (snprintf(t->path, sizeof t->path, "%s%s%s", run->dir,
	    run->dir[strlen(run->dir) - 1] == '/' ? "" : "/", name) >=
	    (int)sizeof t->path)
		return v2m_err_set(err, V2M_CANTCREATE, "path too long");
	return 0;
}

/* "v2m-convert *.mp4", and there were two? */
static int
check_not_video(const struct run *run, struct v2m_err *err)
{
	const char *in = run->inputs[0];

	if (output != NULL || strcmp(in, "-") == 0 ||
	    strcmp(in, run->file) == 0 || access(run->file, R_OK) < 0 ||
	    v2m_output_look(run->file) != V2M_OUTPUT_OTHER)
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE, "%s exists and is not an MP3. "
	    "Two videos? v2m-convert -o FOLDER/ %s %s", run->file, in,
	    run->file);
}

static int
open_target(struct run *run, int i, struct target *t, struct v2m_err *err)
{
	if (run->dir == NULL && run->file == NULL)
		return open_direct(t, STDOUT_FILENO, err);
	if (run->dir != NULL) {
		if (choose_name(run, i, t, err) < 0)
			return -1;
	} else if (snprintf(t->path, sizeof t->path, "%s", run->file) >=
	    (int)sizeof t->path) {
		return v2m_err_set(err, V2M_CANTCREATE, "path too long");
	} else if (check_not_video(run, err) < 0) {
		return -1;
	}
	return open_path(t, err);
}

static void
close_target(struct target *t)
{
	if (t->direct && t->fd > STDERR_FILENO)
		close(t->fd);
	v2m_newfile_discard(&t->file);
}

static int
copy_out(const struct target *t, struct v2m_err *err)
{
	const char *what = t->path[0] != '\0' ? t->path : "stdout";
	char buf[64 * 1024];
	int64_t at = 0;
	ssize_t n;

	while ((n = v2m_io_pread(t->file.fd, buf, sizeof buf, at,
	    "the finished MP3", err)) > 0) {
		if (v2m_io_write(t->fd, buf, (size_t)n, what, err) < 0)
			return -1;
		at += n;
	}
	return n < 0 ? -1 : 0;
}

static int
deliver(struct target *t, struct v2m_err *err)
{
	if (t->direct)
		return copy_out(t, err);
	/* Once more: a conversion may take long. */
	if (v2m_output_check(t->path, force, err) < 0)
		return -1;
	return v2m_newfile_commit(&t->file, t->name, force, err);
}

/* One file on its way. */
struct making {
	const struct run *run;
	const char *name;
	int fd;			/* the MP3 */
	int64_t length;		/* of the input */
	const struct v2m_media_result *result;
	bool sized;
};

/* Hold what the MP3 takes at most, as a rule, so that others who look for room
 * see it.  Where there is less it may still do. */
static void
hold_room(struct making *m)
{
	struct v2m_err err;

	if (m->sized || m->result->format[0] == '\0')
		return;
	m->sized = true;
	if (v2m_hold_file(m->fd, v2m_need(&m->run->settings, m->result,
	    m->run->max_duration_ms, m->length), 0, &err) < 0)
		v2m_warn("%s: there may be %s", m->name, err.msg);
}

static int
tick(void *arg, int percent, struct v2m_err *err)
{
	struct making *m = arg;
	const struct run *run = m->run;

	if (v2m_stop_check(err) < 0)
		return -1;
	hold_room(m);
	if (run->n == 1 || at_a_time == 1)
		v2m_progress_update(percent < 0 ? 0 : percent);
	return 0;
}

static json_t *
tags_json(const struct v2m_media_result *r)
{
	json_t *tags = json_object();

	for (unsigned i = 0; i < r->ntags; i++)
		json_object_set_new(tags, r->tags[i].key,
		    json_string(r->tags[i].value));
	return tags;
}

static json_t *
warnings_json(const struct v2m_media_result *r)
{
	json_t *warnings = json_array();

	for (unsigned i = 0; i < r->nwarnings && i < V2M_MEDIA_WARNINGS; i++)
		json_array_append_new(warnings, json_string(r->warnings[i]));
	for (unsigned i = 0; i < r->nnotes; i++)
		json_array_append_new(warnings, json_string(r->notes[i]));
	return warnings;
}

/* In LUFS and dB; null for silence. */
static json_t *
level_json(double db)
{
	return isfinite(db) ? json_real(db) : json_null();
}

static json_t *
loudness_json(const struct v2m_media_loudness *l)
{
	if (!l->measured)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "lufs", level_json(l->lufs),
	    "peak_dbtp", level_json(l->peak_dbtp),
	    "gain_db", level_json(l->gain_db));
}

static json_t *
downmix_json(const struct v2m_media_downmix *d)
{
	if (!d->mixed)
		return json_null();
	return json_pack("{s:o, s:o}", "peak_dbfs", level_json(d->peak_dbfs),
	    "gain_db", level_json(d->gain_db));
}

static json_t *
cover_json(const struct v2m_media_result *r)
{
	if (r->cover == V2M_COVER_NONE)
		return json_null();
	return json_pack("{s:s, s:I}", "type", r->cover == V2M_COVER_PNG ?
	    "image/png" : "image/jpeg", "bytes", (json_int_t)r->cover_bytes);
}

static void
print_json(const char *in, const char *out, const struct v2m_media_result *r)
{
	char clean_in[PATH_MAX], clean_out[PATH_MAX];
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:i, s:i, "
	    "s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:i, s:o, "
	    "s:o, s:i, "
	    "s:I, s:I}",
	    "input", v2m_text_copy(clean_in, sizeof clean_in, in),
	    "output", v2m_text_copy(clean_out, sizeof clean_out, out),
	    "format", r->format, "codec", r->codec,
	    "source_rate", r->source_rate_hz,
	    "source_channels", r->source_channels,
	    "claimed_ms", r->claimed_ms < 0 ? json_null() :
	    json_integer(r->claimed_ms),
	    "rate", r->rate_hz, "channels", r->channels,
	    "samples", (json_int_t)r->samples,
	    "source_samples", (json_int_t)r->source_samples,
	    "filled_samples", (json_int_t)r->filled_samples,
	    "damaged_packets", (json_int_t)r->damaged_packets,
	    "frames", (json_int_t)r->frames, "bytes", (json_int_t)r->bytes,
	    "duration_ms", (json_int_t)r->duration_ms,
	    "copied", r->copied, "loudness", loudness_json(&r->loudness),
	    "downmix", downmix_json(&r->downmix),
	    "tags", tags_json(r), "chapters", r->chapters,
	    "cover", cover_json(r), "warnings", warnings_json(r),
	    "warning_count", (int)r->nwarnings,
	    "cpu_ms", (json_int_t)r->cpu_ms,
	    "peak_kib", (json_int_t)r->peak_kib);

	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

static void
mention(const struct run *run, const char *in,
    const struct v2m_media_result *r)
{
	int asked = run->settings.bitrate_kbps;

	for (unsigned i = 0; i < r->nwarnings && i < V2M_MEDIA_WARNINGS; i++)
		v2m_warn("%s: %s", in, r->warnings[i]);
	for (unsigned i = 0; i < r->nnotes; i++)
		v2m_info("%s: %s", in, r->notes[i]);
	if (r->nwarnings > V2M_MEDIA_WARNINGS)
		v2m_warn("%s: %u more warnings", in,
		    r->nwarnings - V2M_MEDIA_WARNINGS);
	if (asked > 0 && v2m_frame_bitrate(r->rate_hz, asked) != asked)
		v2m_info("%s: %dk, for an MP3 at %d Hz cannot have %dk", in,
		    v2m_frame_bitrate(r->rate_hz, asked), r->rate_hz, asked);
}

/* Tell how input i ended; with the lock held. */
static void
report_file(struct run *run, const char *in, const struct target *t,
    const struct v2m_media_result *r, const struct v2m_err *err)
{
	v2m_progress_end();
	if (err != NULL) {
		if (v2m_stop_count() == 0)
			v2m_cli_failed(run->cli, &run->tally, in, err);
		return;
	}
	mention(run, in, r);
	if (r->nwarnings > 0)
		v2m_tally_warned(&run->tally);
	else
		v2m_tally_done(&run->tally);
	if (run->cli->json)
		print_json(in, t->path, r);
	else if (t->path[0] != '\0')
		puts(t->path);
	fflush(stdout);
}

/* --force replaces an older MP3, not the video that it is made of. */
static int
check_not_input(const struct target *t, int in, struct v2m_err *err)
{
	struct stat from, to;

	if (t->direct || stat(t->path, &to) < 0 || fstat(in, &from) < 0 ||
	    from.st_dev != to.st_dev || from.st_ino != to.st_ino)
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE,
	    "'%s' is the input itself", t->path);
}

static int
convert(struct run *run, int i, struct target *t, struct v2m_media_result *r,
    struct v2m_err *err)
{
	struct v2m_media_input in = { .fd = -1, .name = run->inputs[i] };
	struct making making = { .run = run, .name = in.name, .result = r };
	int ret = -1;

	/* The target first: it costs nothing to find out that it is taken. */
	if (open_target(run, i, t, err) < 0)
		goto out;
	in.fd = open_input(run, run->inputs[i], &in.length, err);
	if (in.fd < 0 || check_not_input(t, in.fd, err) < 0)
		goto out;
	making.fd = t->file.fd;
	making.length = in.length;
	if (v2m_media_convert(run->media, &in, &run->settings, t->file.fd,
	    tick, &making, r, err) < 0)
		goto out;
	v2m_hold_end(t->file.fd);
	ret = deliver(t, err);
out:
	if (in.fd > STDERR_FILENO)
		close(in.fd);
	close_target(t);
	return ret;
}

static const struct {
	enum v2m_track_flag flag;
	const char *word, *key;		/* for people, and in JSON */
} track_flags[] = {
	{ V2M_TRACK_USUAL, "taken", "taken" },
	{ V2M_TRACK_DEFAULT, "default", "default" },
	{ V2M_TRACK_COMMENTARY, "commentary", "commentary" },
	{ V2M_TRACK_DESCRIPTIVE, "descriptive", "descriptive" },
	{ V2M_TRACK_HARD_OF_HEARING, "hearing-impaired", "hearing_impaired" },
	{ V2M_TRACK_UNDECODABLE, "undecodable", "undecodable" },
	{ V2M_TRACK_ENCRYPTED, "encrypted", "encrypted" },
};

#define NFLAGS (sizeof track_flags / sizeof track_flags[0])

static void
print_track_json(const char *in, int number, const struct v2m_media_track *t)
{
	json_t *o = json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:s}",
	    "input", in, "track", number, "codec", t->codec,
	    "rate", t->rate_hz, "channels", t->channels,
	    "language", t->language, "title", t->title);

	for (size_t i = 0; i < NFLAGS; i++)
		json_object_set_new(o, track_flags[i].key,
		    json_boolean(t->flags & track_flags[i].flag));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static void
print_track(const char *in, int number, const struct v2m_media_track *t)
{
	const char *comma = "";

	if (in != NULL)
		printf("%s\t", in);
	printf("%d\t%s\t%s\t%d Hz\t%d ch\t", number, t->language, t->codec,
	    t->rate_hz, t->channels);
	for (size_t i = 0; i < NFLAGS; i++)
		if (t->flags & track_flags[i].flag) {
			printf("%s%s", comma, track_flags[i].word);
			comma = ",";
		}
	printf("%s\t%s\n", *comma == '\0' ? "-" : "", t->title);
}

static void
list(struct run *run, const char *name)
{
	struct v2m_media_input in = { .fd = -1, .name = name };
	struct v2m_media_tracks tracks;
	struct v2m_err err;
	const char *shown = strcmp(name, "-") == 0 ? "stdin" : name;
	char clean[PATH_MAX];
	int ret;

	in.fd = open_input(run, name, &in.length, &err);
	ret = in.fd < 0 ? -1 : v2m_media_list_tracks(run->media, &in,
	    v2m_media_until_stopped, NULL, &tracks, &err);
	if (in.fd > STDERR_FILENO)
		close(in.fd);
	if (ret < 0) {
		if (v2m_stop_count() == 0)
			v2m_cli_failed(run->cli, &run->tally, shown, &err);
		return;
	}
	v2m_text_copy(clean, sizeof clean, shown);
	for (int i = 0; i < tracks.n; i++) {
		if (run->cli->json)
			print_track_json(clean, i + 1, &tracks.tracks[i]);
		else
			print_track(run->n > 1 ? clean : NULL, i + 1,
			    &tracks.tracks[i]);
	}
	fflush(stdout);
	v2m_tally_done(&run->tally);
}

static void *
work(void *arg)
{
	struct run *run = arg;

	pthread_mutex_lock(&run->lock);
	while (run->next < run->n && v2m_stop_count() == 0) {
		int i = run->next++, ret;
		const char *in = run->inputs[i];
		struct target t = { .fd = -1, .file.fd = -1 };
		struct v2m_media_result result;
		struct v2m_err err;

		in = strcmp(in, "-") == 0 ? "stdin" : in;
		if (run->n == 1 || at_a_time == 1)
			v2m_progress_begin(in, 100, false, run->cli->quiet);
		pthread_mutex_unlock(&run->lock);
		ret = convert(run, i, &t, &result, &err);
		pthread_mutex_lock(&run->lock);
		run->finished++;
		report_file(run, in, &t, &result, ret < 0 ? &err : NULL);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

static void
work_all(struct run *run)
{
	pthread_t workers[256];
	int n = 0, most = (int)(at_a_time < run->n ? at_a_time : run->n);

	while (n < most - 1 &&
	    pthread_create(&workers[n], NULL, work, run) == 0)
		n++;
	work(run);
	while (n > 0)
		pthread_join(workers[--n], NULL);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return path[strlen(path) - 1] == '/' ||
	    (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
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
		v2m_cli_usage(cli, "--list-tracks makes no file: -o is of "
		    "no use");
	if (list_tracks)
		return;
	if (output == NULL && run->n == 2) {
		to = run->inputs[--run->n];
	} else if (output == NULL && run->n > 2) {
		v2m_cli_usage(cli, "many files need -o DIR to go to");
	}
	if (to != NULL && *to == '\0')
		v2m_cli_usage(cli, "an empty name for the output");
	if (to == NULL || strcmp(to, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			v2m_cli_usage(cli, "an MP3 is not for a terminal: "
			    "name a file, or redirect stdout");
		if (cli->json)
			v2m_cli_usage(cli, "--json and the MP3 both want "
			    "stdout: name a file");
	} else if (is_folder(to)) {
		run->dir = to;
		if (v2m_io_mkdirs(to, 0777, &err) < 0)
			v2m_cli_die(cli, &err);
	} else {
		run->file = to;
	}
	if (run->n > 1 && run->dir == NULL)
		v2m_cli_usage(cli, "many files need a folder to go to, and "
		    "'%s' is none", to);
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
	run.max_upload = v2m_conf_number(&conf, "max_upload");
	run.free_reserve = v2m_conf_number(&conf, "free_reserve");
	run.max_duration_ms = v2m_conf_number(&conf, "max_duration");
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
	if (!list_tracks)
		work_all(&run);
	for (int i = 0; list_tracks && i < run.n && v2m_stop_count() == 0; i++)
		list(&run, run.inputs[i]);
	v2m_media_free(run.media);
	free(run.names);
	v2m_conf_release(&conf);
	if (v2m_stop_count() > 0)
		v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status(&run.tally));
}
