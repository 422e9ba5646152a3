/* Multipart bodies: whole, in pieces of every size, malformed, too large. */
#include "http/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define TYPE "multipart/form-data; boundary=xYz"

struct heard {
	char text[8192];
	size_t n;
	int refuse_at;
};

static void
say(struct heard *h, const char *text, size_t n)
{
	if (h->n + n >= sizeof h->text)
		abort();
	memcpy(h->text + h->n, text, n);
	h->n += n;
	h->text[h->n] = '\0';
}

static int
on_begin(void *arg, const struct v2m_multipart_part *part,
    struct v2m_err *err)
{
	struct heard *h = arg;

	if (h->refuse_at > 0 && --h->refuse_at == 0)
		return v2m_err_set(err, V2M_DATA, "refused");
	say(h, "<", 1);
	say(h, part->name, strlen(part->name));
	if (part->is_file) {
		say(h, "|", 1);
		say(h, part->filename, strlen(part->filename));
	}
	say(h, ">", 1);
	return 0;
}

static int
on_data(void *arg, const void *buf, size_t n, struct v2m_err *err)
{
	(void)err;
	say(arg, buf, n);
	return 0;
}

static int
on_end(void *arg, struct v2m_err *err)
{
	(void)err;
	say(arg, "</>", 3);
	return 0;
}

/* Push a body in pieces.  Returns the events, or "!" and the error. */
static const char *
parse(const char *type, const char *body, size_t n, size_t piece)
{
	static struct heard h;
	struct v2m_multipart_to to = { on_begin, on_data, on_end, &h };
	static struct v2m_multipart m;
	struct v2m_err err = { .code = V2M_OK };
	size_t at, k;
	int ret;

	h.n = 0;
	h.text[0] = '\0';
	ret = v2m_multipart_begin(&m, type, &to, &err);
	for (at = 0; at < n && ret == 0; at += k) {
		/* In memory of exactly that size, for the sanitizers. */
		char *copy;

		k = n - at < piece ? n - at : piece;
		copy = malloc(k);
		if (copy == NULL)
			abort();
		memcpy(copy, body + at, k);
		ret = v2m_multipart_push(&m, copy, k, &err);
		free(copy);
	}
	if (ret == 0)
		ret = v2m_multipart_finish(&m, &err);
	if (ret < 0) {
		if (err.code != V2M_PROTOCOL || err.msg[0] == '\0')
			return "!another error";
		return "!";
	}
	return h.text;
}

static void
check(const char *body, const char *wanted, const char *what)
{
	size_t n = strlen(body), piece, good = 0;

	for (piece = 1; piece <= n; piece++)
		good += strcmp(parse(TYPE, body, n, piece), wanted) == 0;
	ok(good == n, what);
	if (good != n)
		is(parse(TYPE, body, n, n), wanted, what);
}

#define FILE_HEAD(name) \
	"Content-Disposition: form-data; name=\"file\"; filename=" name "\r\n"
#define FILE_OF(name) "--xYz\r\n" FILE_HEAD(name) "\r\nx\r\n--xYz--\r\n"

static void
whole_ones(void)
{
	check("--xYz\r\n" FILE_HEAD("\"a.mp4\"")
	    "Content-Type: video/mp4\r\n\r\nhello\r\n--xYz--\r\n",
	    "<file|a.mp4>hello</>", "one file");
	check("--xYz\r\n" FILE_HEAD("\"\"") "\r\n\r\n--xYz--",
	    "<file|></>", "nothing in it, no name, no last line's end");
	check("text\r\nbefore\r\n--xYz \t\r\n" FILE_HEAD("a")
	    "\r\na\r\n--xYz  \r\nContent-Disposition:form-data;name=q\r\n\r\n"
	    "1\r\n--xYz--\r\nbehind\r\n--xYz\r\n",
	    "<file|a>a</><q>1</>", "two parts, blanks, text around them");
	check("\r\n--xYz\r\n" FILE_HEAD("a") "\r\n\r\n--xYz--",
	    "<file|a></>", "an empty line in front");
	check("--xYz\r\n" FILE_HEAD("a")
	    "\r\n\r\n-\r\r\n\r\n--xY\r\n--\r\r\n--xYZ--xYz\r\n--xYz--",
	    "<file|a>\r\n-\r\r\n\r\n--xY\r\n--\r\r\n--xYZ--xYz</>",
	    "what almost is a boundary is content");
	check("--xY\r\n--xYz\r\n" FILE_HEAD("a") "\r\nx\r\n--xYz--",
	    "<file|a>x</>", "a preamble that almost is one");
}

static void
names(void)
{
	check(FILE_OF("\"a\\\"b\\\\c.mp4\""), "<file|a\"b\\c.mp4>x</>",
	    "escaped quotes");
	check(FILE_OF("\"C:\\dir\\f.mp4\""), "<file|C:\\dir\\f.mp4>x</>",
	    "backslashes that escape nothing");
	check(FILE_OF("\"a%22%41.mp4\""), "<file|a\"%41.mp4>x</>",
	    "a quote as %22, and nothing else");
	check(FILE_OF("\"a; name=b.mp4\""), "<file|a; name=b.mp4>x</>",
	    "a semicolon in quotes");
	check(FILE_OF("\"\xc3\xa4\x1e.mp4\""), "!", "a control character");
	check(FILE_OF("\"\xc3\xa4\xff.mp4\""), "<file|\xc3\xa4?.mp4>x</>",
	    "what is no UTF-8 is replaced");
	check(FILE_OF("\"x\"; filename*=UTF-8''%c3%a4%2Fb"),
	    "<file|\xc3\xa4/b>x</>", "filename* wins");
	check(FILE_OF("x; filename*=UTF-8''a%00b"), "!", "a NUL in it");
	check(FILE_OF("x; filename*=UTF-8''a%4"), "!", "half an escape");
	check(FILE_OF("\"open"), "!", "a quote that is left open");
	check("--xYz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xYz--",
	    "!", "a part without a name");
	check("--xYz\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n"
	    "--xYz--", "!", "no form-data");
	check("--xYz\r\nX: y\r\n\r\nx\r\n--xYz--", "!", "no disposition");
	check("--xYz\r\n" FILE_HEAD("a") FILE_HEAD("b") "\r\nx\r\n--xYz--", "!",
	    "two dispositions");
	check("--xYz\r\n" FILE_HEAD("a") "Content-Transfer-Encoding: base64"
	    "\r\n\r\nx\r\n--xYz--", "!", "encoded content");
	check("--xYz\r\n" FILE_HEAD("a") "Content-Transfer-Encoding: binary"
	    "\r\n\r\nx\r\n--xYz--", "<file|a>x</>", "binary content");
}

static void
malformed(void)
{
	check("--xYz\r\n" FILE_HEAD("a") "\r\nhello", "!", "cut off");
	check("--xYz\r\n" FILE_HEAD("a") "\r\nhello\r\n--xYz", "!",
	    "cut off in the last boundary");
	check("--xYz\r\n" FILE_HEAD("a") "\r\nhello\r\n--xYz-", "!",
	    "cut off a byte before the end");
	check("hello", "!", "no part at all");
	check("--xYz--\r\n", "", "an empty form");
	check("--xYzz\r\n--xYz--", "!", "more behind a boundary");
	check("--xYz\r" FILE_HEAD("a") "\r\nx\r\n--xYz--", "!", "a bare CR");
	check("--xYz\n" FILE_HEAD("a") "\r\nx\r\n--xYz--", "!", "a bare LF");
	check("--xYz\r\nX: a\nY: b\r\n" FILE_HEAD("a") "\r\nx\r\n--xYz--", "!",
	    "a bare LF in a header");
	check("--xYz\r\nX y: a\r\n" FILE_HEAD("a") "\r\nx\r\n--xYz--", "!",
	    "a blank in a header's name");
	is(parse(TYPE, "", 0, 1), "!", "an empty body is refused");
}

static void
types(void)
{
	static const char body[] = "--a b\r\n" FILE_HEAD("a")
	    "\r\nx\r\n--a b--";
	size_t n = sizeof body - 1;
	char type[200];

	is(parse("Multipart/Form-Data ; charset=x; Boundary=\"a b\"", body, n,
	    n), "<file|a>x</>", "a quoted boundary");
	is(parse("multipart/mixed; boundary=\"a b\"", body, n, n), "!",
	    "another type");
	is(parse("multipart/form-data", body, n, n), "!", "no boundary");
	is(parse("multipart/form-data; boundary=", body, n, n), "!",
	    "an empty one");
	is(parse("multipart/form-data; boundary=\"a \"", body, n, n), "!",
	    "one that ends with a blank");
	is(parse("multipart/form-data; boundary=\"a\\\"\"", body, n, n), "!",
	    "one with a quote");
	snprintf(type, sizeof type, "multipart/form-data; boundary=%071d", 0);
	is(parse(type, body, n, n), "!", "one that is too long");
	ok(v2m_multipart_is("multipart/form-data") &&
	    !v2m_multipart_is("multipart/form-datax") &&
	    !v2m_multipart_is("video/mp4"), "its type is known");
}

static void
bounds(void)
{
	size_t n = 0, i, room = 300000;
	char *body = malloc(room);

	if (body == NULL)
		abort();
	n = (size_t)snprintf(body, room, "--xYz\r\n" FILE_HEAD("a") "X: ");
	memset(body + n, 'y', V2M_MULTIPART_HEAD);
	is(parse(TYPE, body, n + V2M_MULTIPART_HEAD, 1000), "!",
	    "a header that never ends");
	memset(body, 'y', V2M_MULTIPART_AROUND + 1);
	is(parse(TYPE, body, V2M_MULTIPART_AROUND + 1, 1000), "!",
	    "a preamble that never ends");
	n = (size_t)snprintf(body, room, "--xYz--");
	memset(body + n, 'y', V2M_MULTIPART_AROUND + 1);
	is(parse(TYPE, body, n + V2M_MULTIPART_AROUND + 1, 1000), "!",
	    "an epilogue that never ends");
	n = (size_t)snprintf(body, room, "--xYz");
	memset(body + n, ' ', V2M_MULTIPART_AROUND + 1);
	is(parse(TYPE, body, n + V2M_MULTIPART_AROUND + 1, 1000), "!",
	    "blanks that never end");
	for (i = 0, n = 0; i <= V2M_MULTIPART_PARTS; i++)
		n += (size_t)snprintf(body + n, room - n, "--xYz\r\n"
		    FILE_HEAD("a") "\r\n\r\n");
	is(parse(TYPE, body, n, 1000), "!", "parts that never end");
	free(body);
}

static void
refused(void)
{
	static const char body[] = FILE_OF("a");
	struct heard h = { .refuse_at = 1 };
	struct v2m_multipart_to to = { on_begin, on_data, on_end, &h };
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_multipart m;

	ok(v2m_multipart_begin(&m, TYPE, &to, &err) == 0, "a form begins");
	ok(v2m_multipart_push(&m, body, sizeof body - 1, &err) < 0 &&
	    err.code == V2M_DATA, "the caller's function can end it");
	is(err.msg, "refused", "in its own words");
}

int
main(void)
{
	whole_ones();
	names();
	malformed();
	types();
	bounds();
	refused();
	return tap_done();
}
