#include "base/metrics.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"

#define INTERVAL_MS 15000
#define KINDS 16
#define KIND_SIZE 24

/* The kinds listed here are written from the beginning, with 0: so Prometheus
 * sees an increase when the first one happens. */
static const struct {
	const char *command, *name, *type, *label, *kinds, *help;
} table[V2M_METRICS] = {
	[V2M_METRIC_CONVERSIONS] = { "v2m-convert-worker",
	    "v2m_worker_conversions_total", "counter", "", "",
	    "Jobs that were converted." },
	[V2M_METRIC_CONVERSION_SECONDS] = { "v2m-convert-worker",
	    "v2m_worker_conversion_seconds_total", "counter", "", "",
	    "Time that these took, together." },
	[V2M_METRIC_SOUND_SECONDS] = { "v2m-convert-worker",
	    "v2m_worker_sound_seconds_total", "counter", "", "",
	    "Sound in their MP3s, together." },
	[V2M_METRIC_MP3_BYTES] = { "v2m-convert-worker",
	    "v2m_worker_mp3_bytes_total", "counter", "", "",
	    "Bytes of their MP3s." },
	[V2M_METRIC_FAILURES] = { "v2m-convert-worker",
	    "v2m_worker_failures_total", "counter", "kind",
	    "data failed bug not-found temporary denied io protocol",
	    "Jobs that failed for good, by the kind of the failure." },
	[V2M_METRIC_LEASES_LOST] = { "v2m-convert-worker",
	    "v2m_worker_leases_lost_total", "counter", "", "",
	    "Jobs that were taken over because their worker died." },
	[V2M_METRIC_NOTICES] = { "v2m-notify",
	    "v2m_notifier_notices_total", "counter", "result",
	    "sent failed unknown", "Notices, by what came of them." },
	[V2M_METRIC_POSTPONED] = { "v2m-convert-worker v2m-notify",
	    "v2m_postponed_total", "counter", "kind", "temporary io",
	    "Times that a job was put off, by the kind of the trouble." },
	[V2M_METRIC_BURIED] = { "v2m-convert-worker v2m-notify",
	    "v2m_messages_buried_total", "counter", "", "",
	    "Messages that are not jobs." },
	[V2M_METRIC_SWEPT] = { "v2m-convert-worker v2m-notify",
	    "v2m_jobs_swept_total", "counter", "", "",
	    "Jobs whose message was lost and is published again." },
	[V2M_METRIC_REMOVED] = { "v2m-prune", "v2m_pruned_total", "counter",
	    "what", "video mp3 record part file", "What was removed." },
	[V2M_METRIC_FINDINGS] = { "v2m-check", "v2m_check_findings", "gauge",
	    "", "", "What the last v2m-check found and did not repair." },
	[V2M_METRIC_COPIED] = { "v2m-backup", "v2m_backup_copied_total",
	    "counter", "", "", "Videos and MP3s that were copied." },
	[V2M_METRIC_COPIED_BYTES] = { "v2m-backup",
	    "v2m_backup_copied_bytes_total", "counter", "", "",
	    "Bytes of these." },
};

struct value {
	char kind[KIND_SIZE];
	double n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct value values[V2M_METRICS][KINDS];
static int nvalues[V2M_METRICS];

static char folder[PATH_MAX], file[V2M_NAME_MAX], labels[600];
static const char *command;
static void (*writer)(FILE *out, const char *labels);
static bool is_open, has_ended, in_trouble;
static int exit_status;
static int64_t begun_ms, next_ms;	/* wall, monotonic */

/* --- counting --- */

static struct value *
find_value(enum v2m_metric m, const char *kind)
{
	struct value *v;
	int i;

	for (i = 0; i < nvalues[m]; i++)
		if (strcmp(values[m][i].kind, kind) == 0)
			return &values[m][i];
	if (nvalues[m] == KINDS)
		return NULL;
	v = &values[m][nvalues[m]++];
	v2m_text_copy(v->kind, sizeof v->kind, kind);
	return v;
}

void
v2m_metric_add(enum v2m_metric m, const char *kind, double n)
{
	struct value *v;

	pthread_mutex_lock(&lock);
	v = find_value(m, kind == NULL ? "" : kind);
	if (v != NULL)
		v->n += n;
	pthread_mutex_unlock(&lock);
}

/* Does the list, separated by blanks, contain word? */
static bool
has_word(const char *list, const char *word)
{
	const char *p = strstr(list, word);
	size_t n = strlen(word);

	return p != NULL && (p == list || p[-1] == ' ') &&
	    (p[n] == '\0' || p[n] == ' ');
}

static void
begin_at_zero(void)
{
	char kinds[128], *kind, *rest;
	int m;

	for (m = 0; m < V2M_METRICS; m++) {
		if (!has_word(table[m].command, command))
			continue;
		if (table[m].kinds[0] == '\0')
			v2m_metric_add(m, NULL, 0);
		v2m_text_copy(kinds, sizeof kinds, table[m].kinds);
		for (kind = strtok_r(kinds, " ", &rest); kind != NULL;
		    kind = strtok_r(NULL, " ", &rest))
			v2m_metric_add(m, kind, 0);
	}
}

/* --- the previous file --- */

/* Continue from a line of ours: NAME{LABELS} N, or NAME{LABELS,LABEL="KIND"}
 * N. */
static void
go_on_from(const char *line)
{
	char start[800], kind[KIND_SIZE];
	const char *rest;
	size_t n;
	int m;

	for (m = 0; m < V2M_METRICS; m++) {
		n = (size_t)snprintf(start, sizeof start, "%s{%s",
		    table[m].name, labels);
		if (strcmp(table[m].type, "counter") != 0 ||
		    strncmp(line, start, n) != 0)
			continue;
		rest = line + n;
		kind[0] = '\0';
		if (rest[0] == ',' && sscanf(rest, ",%*[a-z]=\"%23[^\"]\"",
		    kind) != 1)
			continue;
		rest = strstr(rest, "} ");
		if (rest != NULL)
			v2m_metric_add(m, kind, strtod(rest + 2, NULL));
	}
}

static void
read_file(void)
{
	char path[PATH_MAX + V2M_NAME_MAX], line[1024];
	struct stat st;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, file);
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;		/* open() of a named pipe would not end */
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		go_on_from(line);
	if (f != NULL)
		fclose(f);
}

/* --- the text form --- */

void
v2m_metrics_family(FILE *out, const char *name, const char *type,
    const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
v2m_metrics_line(FILE *out, const char *name, const char *of,
    const char *more, double value)
{
	bool none = of[0] == '\0' && more[0] == '\0';

	fprintf(out, "%s%s%s%s%s%s %.15g\n", name, none ? "" : "{", of,
	    of[0] != '\0' && more[0] != '\0' ? "," : "", more,
	    none ? "" : "}", value);
}

static void
write_values(FILE *out)
{
	char more[80];
	int m, i;

	pthread_mutex_lock(&lock);
	for (m = 0; m < V2M_METRICS; m++) {
		if (nvalues[m] > 0)
			v2m_metrics_family(out, table[m].name, table[m].type,
			    table[m].help);
		for (i = 0; i < nvalues[m]; i++) {
			const struct value *v = &values[m][i];

			snprintf(more, sizeof more, "%s=\"%.23s\"",
			    table[m].label, v->kind);
			v2m_metrics_line(out, table[m].name, labels,
			    v->kind[0] == '\0' ? "" : more, v->n);
		}
	}
	pthread_mutex_unlock(&lock);
}

static void
single(FILE *out, const char *name, const char *help, double value)
{
	v2m_metrics_family(out, name, "gauge", help);
	v2m_metrics_line(out, name, labels, "", value);
}

static void
write_process(FILE *out)
{
	single(out, "v2m_process_running", "Does the process run?",
	    !has_ended);
	single(out, "v2m_process_start_time_seconds", "When it began.",
	    (double)begun_ms / 1000);
	single(out, "v2m_process_written_time_seconds",
	    "When these figures were written.", (double)v2m_wall_ms() / 1000);
	if (has_ended)
		single(out, "v2m_process_exit_status",
		    "The status with which it ended.", exit_status);
}

static int
write_file(struct v2m_err *err)
{
	struct v2m_newfile f = { .fd = -1 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret = -1;

	if (out == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot write '%s'", file);
	write_process(out);
	write_values(out);
	if (writer != NULL)
		writer(out, labels);
	if (fclose(out) == 0 && text != NULL &&
	    v2m_newfile_open(&f, folder, 0644, err) == 0 &&
	    v2m_io_write(f.fd, text, size, file, err) == 0)
		ret = v2m_newfile_commit(&f, file, true, err);
	v2m_newfile_discard(&f);
	free(text);
	return ret;
}

/* --- beginning, writing, ending --- */

static void
write_or_warn(void)
{
	struct v2m_err err;
	bool bad = write_file(&err) < 0;

	if (bad && !in_trouble)
		v2m_warn("metrics_file: %s", err.msg);
	in_trouble = bad;
	next_ms = v2m_mono_ms() + INTERVAL_MS;
}

/* The name without ".prom", as the value of a label. */
static void
name_process(void)
{
	char name[V2M_NAME_MAX];
	size_t n, i;

	v2m_text_copy(name, sizeof name, file);
	n = strlen(name);
	if (n > 5 && strcmp(name + n - 5, ".prom") == 0)
		name[n - 5] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		if (name[i] == '"' || name[i] == '\\')
			name[i] = '_';
	snprintf(labels, sizeof labels, "command=\"%s\",process=\"%s\"",
	    command, name);
}

int
v2m_metrics_open(const struct v2m_conf *conf, const char *name,
    struct v2m_err *err)
{
	const char *path = v2m_conf_text(conf, "metrics_file");
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return 0;
	snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 :
	    (int)(slash - path), path);
	v2m_text_copy(file, sizeof file, slash + 1);
	command = name;
	name_process();
	begin_at_zero();
	read_file();
	begun_ms = v2m_wall_ms();
	if (write_file(err) < 0) {
		err->code = V2M_CONFIG;
		return v2m_err_prefix(err, "metrics_file");
	}
	next_ms = v2m_mono_ms() + INTERVAL_MS;
	is_open = true;
	return 0;
}

void
v2m_metrics_add_writer(void (*write)(FILE *out, const char *labels))
{
	writer = write;
}

void
v2m_metrics_turn(void)
{
	if (is_open && v2m_mono_ms() >= next_ms)
		write_or_warn();
}

void
v2m_metrics_end(int status)
{
	if (!is_open)
		return;
	has_ended = true;
	exit_status = status;
	write_or_warn();
}
