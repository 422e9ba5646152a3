/* Responses, redirects and ~/.netrc, as our client understands them. */
#include "http/answer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/netrc.h"
#include "http/origin.h"
#include "tap.h"

static void
lines(struct v2m_http_answer *a, const char *const *each)
{
	v2m_http_answer_init(a);
	for (; *each != NULL; each++)
		v2m_http_answer_line(a, *each, strlen(*each));
}

static void
heads(void)
{
	const char *const good[] = { "HTTP/1.1 100 Continue\r\n",
	    "Retry-After: 7\r\n", "\r\n", "HTTP/1.1 206 Partial Content\r\n",
	    "content-TYPE: application/json; charset=utf-8\r\n",
	    "Content-Length: 12\r\n", "Content-Range: bytes 5-16/17\r\n",
	    "ETag: \"abc\"\r\n", "Upload-Offset: 9\r\n",
	    "Location: /files/x\r\n", "\r\n", NULL };
	const char *const bad[] = { "HTTP/1.1 20x OK\r\n",
	    "Content-Length: -5\r\n", "Content-Range: bytes 9-5/17\r\n",
	    "Upload-Offset: 99999999999999999999999\r\n",
	    "Retry-After: 9999999999\r\n", "no colon\r\n", ": x\r\n",
	    "Content-Range: bytes */5\r\n", NULL };
	struct v2m_http_answer a;
	char line[5000];

	lines(&a, good);
	ok(a.status == 206, "the status of the last head");
	ok(a.json, "its body is JSON");
	ok(a.length == 12, "its Content-Length");
	ok(a.ranged && a.range_start == 5 && a.range_total == 17,
	    "its Content-Range");
	ok(a.upload_offset == 9, "its Upload-Offset");
	is(a.etag, "\"abc\"", "its ETag");
	is(a.location, "/files/x", "its Location");
	ok(a.retry_after_ms == -1, "what an earlier head said is over");
	lines(&a, bad);
	ok(a.status == 0, "a status that is not a number is passed over");
	ok(a.length == -1, "and a length below 0");
	ok(!a.ranged, "and a range that ends before it begins");
	ok(a.upload_offset == -1, "and an offset without end");
	ok(a.retry_after_ms == 86400000, "a wait is a day at most");
	memset(line, 'x', sizeof line);
	memcpy(line, "ETag: ", 6);
	v2m_http_answer_line(&a, line, sizeof line);
	is(a.etag, "", "so is what is too long");
}

/* A body of the largest size, and one byte more. */
static void
large(void)
{
	char *bytes = calloc(1, V2M_HTTP_BODY_MAX);
	struct v2m_http_answer a;
	struct v2m_err err = { .code = V2M_OK };

	v2m_http_answer_init(&a);
	ok(v2m_http_answer_add(&a, bytes, V2M_HTTP_BODY_MAX - 1, &err) == 0 &&
	    v2m_http_answer_add(&a, bytes, 1, &err) == 0,
	    "a body may be as large as that");
	ok(v2m_http_answer_add(&a, bytes, 1, &err) < 0 &&
	    err.code == V2M_UNAVAILABLE, "and not a byte larger");
	v2m_http_answer_release(&a);
	free(bytes);
}

static void
refused(int status, bool json, const char *body, enum v2m_code code,
    const char *message)
{
	struct v2m_http_answer a;
	struct v2m_err err = { .code = V2M_OK };

	v2m_http_answer_init(&a);
	a.status = status;
	a.json = json;
	if (body != NULL)
		v2m_http_answer_add(&a, body, strlen(body), &err);
	ok(v2m_http_answer_refused(&a, &err) == -1 && err.code == code,
	    message);
	is(err.msg, message, "in these words");
	v2m_http_answer_release(&a);
}

static void
refusals(void)
{
	refused(422, true, "{\"error\":\"no sound in it\",\"status\":65}",
	    V2M_DATA, "no sound in it");
	refused(500, true, "{\"error\":\"a\\nb\\u001bc\",\"status\":70}",
	    V2M_UNAVAILABLE, "a?b?c");
	refused(404, true, "{\"error\":\"no such ID\"}", V2M_NOINPUT,
	    "no such ID");
	refused(403, true, "{\"error\":\"x\",\"status\":0}", V2M_UNAVAILABLE,
	    "x");
	refused(401, false, "invalid credentials\n", V2M_DENIED,
	    "invalid credentials (HTTP status 401)");
	refused(502, false, "<html>Bad Gateway</html>", V2M_TEMP,
	    "the gateway, or a proxy before it, answers with HTTP status 502");
	refused(404, false, "<html>", V2M_UNAVAILABLE, "the gateway, or a "
	    "proxy before it, answers with HTTP status 404: is url right?");
	refused(404, true, "{\"error\":\"nothing is here\",\"status\":69}",
	    V2M_UNAVAILABLE, "nothing is here: is url right?");
	refused(404, false, "Not Found", V2M_UNAVAILABLE,
	    "Not Found (HTTP status 404)");
	refused(503, true, "[[[[", V2M_TEMP, "[[[[ (HTTP status 503)");
	refused(507, true, NULL, V2M_TEMP,
	    "the gateway, or a proxy before it, answers with HTTP status 507");
}

static void
leads(const char *location, const char *path)
{
	struct v2m_origin o = { .base = "https://gw.example.org:8443" };
	char to[64];

	if (!v2m_origin_location(&o, location, to, sizeof to))
		snprintf(to, sizeof to, "elsewhere");
	is(to, path, location);
}

static void
redirects(void)
{
	char most[64] = "/", more[65] = "/";

	memset(most + 1, 'a', sizeof most - 2);
	most[sizeof most - 1] = '\0';
	memset(more + 1, 'a', sizeof more - 2);
	more[sizeof more - 1] = '\0';
	leads("/other?x=1", "/other?x=1");
	leads("https://gw.example.org:8443/a", "/a");
	leads("HTTPS://GW.example.org:8443/a", "/a");
	leads("https://gw.example.org/a", "elsewhere");
	leads("http://gw.example.org:8443/a", "elsewhere");
	leads("https://gw.example.org:84430/a", "elsewhere");
	leads("https://gw.example.org:8443@evil/a", "elsewhere");
	leads("https://gw.example.org:8443.evil/a", "elsewhere");
	leads("//evil/a", "elsewhere");
	leads("/\\evil/a", "elsewhere");
	leads("relative", "elsewhere");
	leads("", "elsewhere");
	leads("/a b", "elsewhere");
	leads(most, most);
	leads(more, "elsewhere");
	leads("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaa", "elsewhere");
}

static void
names(const char *url, enum v2m_code wanted)
{
	struct v2m_conf_override overrides[] = { { "url", url },
		{ NULL, NULL } };
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_origin o;
	struct v2m_conf conf;

	if (v2m_conf_load(&conf, "/dev/null", overrides, &err) < 0)
		abort();
	v2m_origin_of_conf(&o, &conf, &err);
	ok(err.code == wanted, url);
	v2m_conf_release(&conf);
}

static void
gateways(void)
{
	names("https://gw.example.org", V2M_OK);
	names("http://localhost:8080", V2M_OK);
	names("http://gw.example.org", V2M_CONFIG);
	names("ftp://localhost", V2M_CONFIG);
}

static void
finds(const char *text, const char *user, const char *wanted)
{
	char name[64], password[64], got[160] = "none";

	snprintf(name, sizeof name, "%s", user);
	if (v2m_netrc_find(text, "gw", name, password, sizeof name) == 1)
		snprintf(got, sizeof got, "%s %s", name, password);
	is(got, wanted, text);
}

static void
netrc(void)
{
	finds("machine gw login a@b password x", "", "a@b x");
	finds("machine gw\n\tlogin a@b\n\tpassword x\n", "", "a@b x");
	finds("machine other login a@b password x\n"
	    "machine gw password y login c@d", "", "c@d y");
	finds("machine gw login a@b password x machine gw login c@d "
	    "password y", "C@D", "c@d y");
	finds("# machine gw login no@no password no\n"
	    "machine gw login a@b password #x # not this", "", "a@b #x");
	finds("machine gw login a@b account z password \"x \\\"y\\\\\"", "",
	    "a@b x \"y\\");
	finds("macdef m\nmachine gw login no@no password no\n\n"
	    "machine gw login a@b password x", "", "a@b x");
	finds("default login a@b password x", "", "none");
	finds("machine gw login a@b", "", "none");
	finds("machine gw password x", "", "none");
	finds("machine", "", "none");
	finds("", "", "none");
	finds("machine gw login a@b password 0123456789012345678901234567890"
	    "123456789012345678901234567890123456789", "", "none");
}

#define NETRC_MOST (256 << 10)	/* bytes */

/* A ~/.netrc of n bytes, with the machine at its end. */
static void
netrc_of(int n, int wanted, const char *what)
{
	static const char machine[] = "\nmachine gw login a@b password x";
	char name[32] = "", password[32];
	FILE *f = fopen(".netrc", "w");
	struct v2m_err err;

	if (f == NULL || fprintf(f, "%*s%s", n - (int)sizeof machine + 1, "",
	    machine) < 0 || fclose(f) != 0 || chmod(".netrc", 0600) < 0)
		exit(99);
	ok(v2m_netrc_ask("gw", name, password, sizeof name, &err) == wanted,
	    what);
	unlink(".netrc");
}

static void
netrc_files(void)
{
	char home[] = "/tmp/v2m-answer.XXXXXX";

	if (mkdtemp(home) == NULL || chdir(home) < 0 ||
	    setenv("HOME", home, 1) < 0)
		exit(99);
	netrc_of(100, 1, "a ~/.netrc is read");
	netrc_of(NETRC_MOST, 1, "to its end, as large as it may be");
	netrc_of(NETRC_MOST + 1, 0, "one that is larger is not, not even half");
	rmdir(home);
}

int
main(void)
{
	heads();
	large();
	refusals();
	redirects();
	gateways();
	netrc();
	netrc_files();
	return tap_done();
}
