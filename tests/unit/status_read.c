/* A record that is read back from its status is the same. */
#include "client/status_read.h"

#include <stdlib.h>
#include <string.h>

#include "flow/status.h"
#include "tap.h"

static const struct v2m_record done = {
	.id = "0123456789abcdef01234567", .owner = "ann@example.org",
	.name = "a \"b\" \xc5\xbe.mp4", .length = 123456789012,
	.sha256 = "0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef",
	.options = "{\"bitrate\":192,\"mono\":true}", .state = V2M_JOB_DONE,
	.created_at = 1763713800000, .attempts = 2, .progress = -1,
	.warnings = "[\"cut off\",\"9 packets\"]",
	.mp3 = "76543210fedcba9876543210", .mp3_length = 987654,
	.mp3_sha256 = "fedcba9876543210fedcba9876543210"
	    "fedcba9876543210fedcba9876543210",
	.duration_ms = 3723004, .done_at = 1763713860000,
	.told = V2M_TOLD_MAYBE, .fetched_at = 1763713920000,
};

static const struct v2m_record running = {
	.id = "0123456789abcdef01234567", .owner = "ann@example.org",
	.options = "{}", .state = V2M_JOB_RUNNING, .progress = 0,
	.created_at = 1763713800000, .reason = "a service was away",
};

static const struct v2m_record queued = {
	.id = "0123456789abcdef01234567", .owner = "ann@example.org",
	.options = "{}", .state = V2M_JOB_QUEUED, .progress = -1,
	.created_at = 1763713700000, .queued_at = 1763713800000,
	.due = 1763713801000,
};

static char *
said(const struct v2m_record *r)
{
	json_t *o = v2m_status_json(r);
	char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(12));

	json_decref(o);
	return text;
}

static void
same(const char *what, const struct v2m_record *r)
{
	char *first = said(r), *second, lines[2][2048] = { "", "" };
	const struct v2m_record *each[2] = { r };
	json_t *o = json_loads(first, 0, NULL);
	struct v2m_record back;
	struct v2m_err err = { .code = V2M_OK };
	FILE *out;

	each[1] = &back;
	printf("# %s\n", what);
	ok(v2m_status_read(o, &back, &err) == 0, "it is read");
	second = said(&back);
	is(second, first, "it says the same as JSON");
	for (int i = 0; i < 2; i++) {
		out = fmemopen(lines[i], sizeof lines[i], "w");
		v2m_status_line(out, each[i], 1763717400000);
		fclose(out);
	}
	is(lines[1], lines[0], "and as a line");
	json_decref(o);
	free(first);
	free(second);
}

static void
refused(const char *what, const char *text)
{
	struct v2m_err err = { .code = V2M_OK };
	json_t *o = json_loads(text, JSON_DECODE_ANY, NULL);
	struct v2m_record r;

	printf("# %s\n", what);
	ok(v2m_status_read(o, &r, &err) < 0 && err.code == V2M_UNAVAILABLE,
	    "it is refused");
	json_decref(o);
}

static void
hostile(void)
{
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_record r;
	json_t *o = json_loads("{\"id\":\"0123456789abcdef01234567\","
	    "\"state\":\"done\",\"name\":\"a\\u001b[31m\\u0085\","
	    "\"length\":-5,\"mp3_length\":9223372036854775807,"
	    "\"duration_s\":1e300,\"percent\":900,\"attempts\":\"x\","
	    "\"created\":\"yesterday\",\"finished\":7,\"options\":[1],"
	    "\"warnings\":[\"a\\nb\",3,{}],\"reason\":{}}", 0, NULL);

	ok(v2m_status_read(o, &r, &err) == 0, "odd values are read");
	is(r.name, "a?[31m?", "names are cleaned");
	is(r.warnings, "[\"a?b\"]", "so are warnings");
	ok(r.length == 0, "a length below 0 is none");
	ok(r.mp3_length == 0, "nor is one beyond all files");
	ok(r.duration_ms == 0, "nor a duration beyond all time");
	ok(r.progress == 100, "more than 100 percent are 100");
	ok(r.created_at == 0 && r.done_at == 0,
	    "times that are not dates are none");
	json_decref(o);
}

int
main(void)
{
	same("done", &done);
	same("running", &running);
	same("queued", &queued);
	refused("a text", "\"done\"");
	refused("an empty object", "{}");
	refused("an unknown state",
	    "{\"id\":\"0123456789abcdef01234567\",\"state\":\"odd\"}");
	refused("an ID that is none", "{\"id\":\"../x\",\"state\":\"done\"}");
	refused("an MP3's ID that is none", "{\"id\":"
	    "\"0123456789abcdef01234567\",\"state\":\"done\",\"mp3\":\"x\"}");
	hostile();
	return tap_done();
}
