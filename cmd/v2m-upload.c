#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/items.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "client/client.h"
#include "media/settings_cli.h"

static struct v2m_settings_cli settings;
static const char *files_from, *as_name;
static bool no_queue, no_check, skip_existing;

static const char *const synopsis[] = {
	"[-q QUALITY | -b RATE | --copy[=WHICH]] [--preset NAME] [--mono] "
	"[--loudness LUFS] [--track N | --lang LIST] [--lang-strict] "
	"[--from TIME] [--to TIME] [--tag KEY=VALUE] [--id3 VERSION] "
	"[--no-check] [--no-queue] [--skip-existing] [-0] [--json] FILE ...",
	"[options] --files-from FILE",
	"[options] [--name NAME] -",
	NULL
};

static const struct v2m_opt opts[] = {
	V2M_SETTINGS_OPTS(settings),
	{ V2M_OPT_TEXT, 0, "files-from", .arg = "FILE", .value = &files_from,
	    .help = "upload the files listed in FILE; - is stdin",
	    .complete = "file",
	    .common = true },
	{ V2M_OPT_TEXT, 0, "name", .arg = "NAME", .value = &as_name,
	    .help = "file name to use for stdin",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "no-queue", .value = &no_queue,
	    .help = "do not queue; the IDs are for a pipe" },
	{ V2M_OPT_FLAG, 0, "no-check", .value = &no_check,
	    .help = "do not check whether the file has sound" },
	{ V2M_OPT_FLAG, 0, "skip-existing", .value = &skip_existing,
	    .help = "if an equal job exists, only print its ID",
	    .common = true },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_DATA, V2M_NOINPUT,
	V2M_UNAVAILABLE, V2M_BUG, V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-upload",
	.summary = "store videos and queue them for conversion",
	.synopsis = synopsis,
	.brief = (const char *const[]){
		"[options] FILE ...",
		"[options] --files-from FILE",
		"[options] [--name NAME] -",
		NULL },
	.examples = (const char *const[]){
		"v2m-upload talk.mp4",
		"v2m-upload --preset speech --tag album=Talks *.mp4",
		NULL },
	.opts = opts,
	.some_options = true,
	.shared = V2M_CLI_CLIENT | V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "file",
	.statuses = statuses,
};

struct uploader {
	const struct v2m_cli *cli;
	struct v2m_client *client;
	struct v2m_upload_file upload;
	struct v2m_tally tally;
};

static void
show_progress(void *arg, int64_t done)
{
	(void)arg;
	v2m_progress_update(done);
}

static void
print_result(const struct v2m_cli *cli, const char *id, const char *name,
    bool existed)
{
	char clean[V2M_NAME_MAX];

	if (cli->json)
		v2m_cli_print_json(json_pack("{s:s, s:s, s:b}", "id", id,
		    "name", v2m_text_copy(clean, sizeof clean, name),
		    "existed", existed));
	else
		printf("%s\n", id);
	/* The job exists nevertheless, so say its ID. */
	if (fflush(stdout) != 0 && errno != EPIPE)
		v2m_warn("%s: it was accepted as %s, but stdout cannot be "
		    "written: %s", name, id, strerror(errno));
}

/* It failed, but may have become a job: --json says the ID. */
static void
report_maybe(struct uploader *u, const char *shown, const char *id,
    const struct v2m_err *err)
{
	char clean[V2M_NAME_MAX];

	v2m_text_copy(clean, sizeof clean, shown);
	v2m_warn("%s: %s", clean, err->msg);
	v2m_tally_failed(&u->tally, err->code);
	if (!u->cli->json)
		return;
	v2m_cli_print_json(json_pack("{s:s, s:s, s:s, s:i, s:s}", "item",
	    clean, "error", err->msg, "code", v2m_code_word(err->code),
	    "status", (int)err->code, "maybe", id));
	fflush(stdout);
}

/* Look at the first bytes of a pipe, which stay in it; -1: fd is not a pipe. */
static ssize_t
peek_pipe(int fd, char *buf, size_t n)
{
	ssize_t got = -1;
	int copy[2];

	if (pipe2(copy, O_CLOEXEC) < 0)
		return -1;
	if (tee(fd, copy[1], n, 0) > 0)
		got = read(copy[0], buf, n);
	close(copy[0]);
	close(copy[1]);
	return got;
}

/* "ls *.mp4 | v2m-upload -": does stdin begin with the name of a file? */
static bool
has_names(int fd)
{
	char line[PATH_MAX + 1];
	struct stat st;
	ssize_t n = peek_pipe(fd, line, sizeof line - 1);

	if (n < 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = pread(fd, line, sizeof line - 1, lseek(fd, 0, SEEK_CUR));
	line[n < 0 ? 0 : n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return access(line, F_OK) == 0;
}

static void
report_failed(struct uploader *u, const char *shown, bool names,
    struct v2m_err *err)
{
	size_t n = strlen(err->msg);

	if (names && err->code == V2M_DATA)
		snprintf(err->msg + n, sizeof err->msg - n,
		    ": --files-from - reads file names");
	v2m_cli_failed(u->cli, &u->tally, shown, err);
}

static void
upload_fd(struct uploader *u, int fd, const char *shown, const char *name)
{
	char id[V2M_ID_SIZE];
	struct v2m_err err;
	struct stat st;
	int64_t length = -1;
	bool existed, names;
	int ret;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		v2m_err_set(&err, V2M_NOINPUT, "it is a folder: name the files "
		    "in it");
		v2m_cli_failed(u->cli, &u->tally, shown, &err);
		return;
	}
	/* stdin may be a file of which a part was read before. */
	if (S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0)
		length = st.st_size;
	names = fd == STDIN_FILENO && has_names(fd);
	u->upload.name = name;
	v2m_progress_begin(shown, length < 0 ? 0 : length, true,
	    u->cli->quiet);
	ret = v2m_client_upload(u->client, &u->upload, fd, length, id, &existed,
	    &err);
	v2m_progress_end();
	if (ret < 0 && id[0] != '\0') {
		report_maybe(u, shown, id, &err);
		return;
	}
	if (ret < 0) {
		report_failed(u, shown, names, &err);
		return;
	}
	print_result(u->cli, id, name, existed);
	v2m_tally_done(&u->tally);
}

static void
cannot_open(const char *path, struct v2m_err *err)
{
	if (strncmp(path, "http://", 7) == 0 ||
	    strncmp(path, "https://", 8) == 0)
		v2m_err_set(err, V2M_NOINPUT, "this is a URL, not a file: "
		    "curl -L URL | v2m-upload --name NAME -");
	else
		v2m_err_sys(err, V2M_NOINPUT, "cannot open it");
}

/* Stop after a signal, or if stdout is closed: the ID of the next job could not
 * be printed. */
static bool
may_go_on(void)
{
	return v2m_stop_count() == 0 && !ferror(stdout);
}

/* A named pipe without a writer would be at its end. */
static void
wait_for_writer(int fd)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = v2m_stop_fd(), .events = POLLIN },
	};

	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
}

static void
upload_file(struct uploader *u, const char *path)
{
	struct v2m_err err;
	/* open() of a named pipe would not end when a signal comes. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		cannot_open(path, &err);
		v2m_cli_failed(u->cli, &u->tally, path, &err);
		return;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	wait_for_writer(fd);
	if (may_go_on())
		upload_fd(u, fd, path, as_name == NULL ? path : as_name);
	close(fd);
}

/* Make the file stdin. */
static int
read_from(const char *path, struct v2m_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || dup2(fd, STDIN_FILENO) < 0)
		return v2m_err_sys(err, V2M_NOINPUT, "cannot open it");
	close(fd);
	if (S_ISDIR(st.st_mode))
		return v2m_err_set(err, V2M_NOINPUT, "it is a folder, not a "
		    "list of file names");
	return 0;
}

/* File names from stdin or a file: the lines of --files-from. */
static void
upload_listed(struct uploader *u)
{
	static char dash[] = "-";
	char *operands[] = { dash, NULL };
	struct v2m_items items;
	struct v2m_err err;
	char *path;
	int got;

	if (strcmp(files_from, "-") == 0) {
		files_from = "stdin";
	} else if (read_from(files_from, &err) < 0) {
		v2m_cli_failed(u->cli, &u->tally, files_from, &err);
		return;
	}
	v2m_items_init(&items, operands, u->cli->null);
	items.whole = true;
	while ((got = v2m_items_next(&items, &path, &err)) == 1 && may_go_on())
		upload_file(u, path);
	if (got < 0)
		v2m_cli_failed(u->cli, &u->tally, files_from, &err);
	v2m_items_release(&items);
}

static void
upload_all(struct uploader *u)
{
	char **file = u->cli->operands;

	if (files_from != NULL)
		upload_listed(u);
	for (; *file != NULL && may_go_on(); file++) {
		if (strcmp(*file, "-") == 0)
			upload_fd(u, STDIN_FILENO, "stdin",
			    as_name == NULL ? "stdin" : as_name);
		else
			upload_file(u, *file);
	}
}

int
main(int argc, char **argv)
{
	struct uploader u = { .upload = { .progress = show_progress } };
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;

	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands == 0 && files_from == NULL)
		v2m_cli_usage(&cli, "no file given (- is stdin)");
	if (as_name != NULL && (cli.noperands != 1 || files_from != NULL))
		v2m_cli_usage(&cli, "--name is for one file");
	if (as_name != NULL && as_name[0] == '\0')
		v2m_cli_usage(&cli, "--name: an empty name");
	if (cli.noperands > 0 && files_from != NULL)
		v2m_cli_usage(&cli,
		    "--files-from cannot be used with operands");
	v2m_settings_take(&cli, &settings, &u.upload.settings);
	v2m_cli_conf(&cli, &conf);
	u.cli = &cli;
	u.upload.queue = !no_queue;
	u.upload.skip_existing = skip_existing;
	u.client = v2m_client_open(&conf, !no_queue, &err);
	if (u.client == NULL || v2m_stop_init(&err) < 0)
		v2m_cli_die(&cli, &err);
	if (!no_check &&
	    v2m_client_media(u.client, &u.upload.media, &err) < 0)
		v2m_cli_die(&cli, &err);
	upload_all(&u);
	v2m_media_free(u.upload.media);
	v2m_client_close(u.client);
	v2m_conf_release(&conf);
	v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status(&u.tally));
}
