/* libFuzzer target: what our client reads: a response's header and body, a
 * redirect, a job's status; and ~/.netrc.  tests/flow/fuzz-http.t. */
#include <jansson.h>
#include <stdio.h>

#include "client/status_read.h"
#include "flow/status.h"
#include "http.h"
#include "http/answer.h"
#include "http/netrc.h"
#include "http/origin.h"

static void
location(const char *text)
{
	struct v2m_origin o = { .base = "https://h:1" };
	char path[64];

	if (v2m_origin_location(&o, text, path, sizeof path))
		must(path[0] == '/' && path[1] != '/' && !has_control(path) &&
		    strlen(path) < sizeof path);
}

static void
netrc(const char *text)
{
	char user[32] = "", password[32];

	if (v2m_netrc_find(text, "h", user, password, sizeof user) == 1)
		must(user[0] != '\0' && password[0] != '\0' &&
		    strlen(user) < sizeof user &&
		    strlen(password) < sizeof password);
}

static void
status(const json_t *o)
{
	char line[8192] = "";
	struct v2m_record r;
	struct v2m_err err;
	json_t *again;
	FILE *out;

	if (v2m_status_read(o, &r, &err) < 0)
		return;
	must(strlen(r.id) == 24 && !has_control(r.name) &&
	    !has_control(r.reason) && r.progress <= 100 && r.length >= 0);
	out = fmemopen(line, sizeof line, "w");
	must(out != NULL);
	v2m_status_line(out, &r, 0);
	fclose(out);
	again = v2m_status_json(&r);
	must(again != NULL);
	json_decref(again);
}

/* Header lines up to an empty one; then the body. */
static void
answer(const char *text)
{
	struct v2m_http_answer a;
	struct v2m_err err;
	json_t *o;

	v2m_http_answer_init(&a);
	while (*text != '\0' && *text != '\n') {
		size_t n = strcspn(text, "\n");

		v2m_http_answer_line(&a, text, n);
		text += n + (text[n] == '\n');
	}
	must(v2m_http_answer_add(&a, text, strlen(text), &err) == 0);
	must(a.length >= -1 && a.upload_offset >= -1 &&
	    a.retry_after_ms >= -1 && a.retry_after_ms <= 86400000);
	must(!a.ranged || (a.range_start >= 0 &&
	    a.range_start < a.range_total));
	must(v2m_http_answer_refused(&a, &err) == -1 && err.code != V2M_OK &&
	    err.msg[0] != '\0' && !has_control(err.msg));
	o = v2m_http_answer_object(&a, &err);
	if (o != NULL)
		status(o);
	json_decref(o);
	v2m_http_answer_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);

	location(text);
	netrc(text);
	answer(text);
	free(text);
	return 0;
}
