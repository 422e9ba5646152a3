#include "http/multipart.h"

#include <string.h>
#include <strings.h>

#include "http/multipart_head.h"
#include "http/param.h"

/* The state of the parser.  Everything before the first delimiter is preamble.
 * A delimiter begins with a line end.  The one at the very start of the body
 * has none, so the parser starts as if it had read one. */
enum {
	PREAMBLE,	/* text before the first part */
	DATA,		/* a part's content */
	BEHIND,		/* a delimiter was there: what comes? */
	DASH,		/* it was '-' */
	PADDING,	/* blanks after a delimiter */
	LINE_END,	/* a CR was there */
	HEAD,		/* a part's header */
	EPILOGUE,	/* after the last part */
};

static bool
is_boundary(const char *s, size_t n)
{
	size_t i;

	if (n < 1 || n > 70 || s[n - 1] == ' ')
		return false;
	for (i = 0; i < n; i++)
		if (strchr("'()+_,-./:=? ", s[i]) == NULL &&
		    !(v2m_param_is_token(s[i]) &&
		    strchr("!#$%&*^`|~", s[i]) == NULL))
			return false;
	return true;
}

bool
v2m_multipart_is(const char *content_type)
{
	return v2m_param_head(content_type) == strlen("multipart/form-data") &&
	    strncasecmp(content_type, "multipart/form-data",
	    strlen("multipart/form-data")) == 0;
}

int
v2m_multipart_begin(struct v2m_multipart *m, const char *content_type,
    const struct v2m_multipart_to *to, struct v2m_err *err)
{
	const char *at = content_type + v2m_param_head(content_type);
	char value[256], *end;
	struct v2m_param p = { .value = "" };
	int got = -1;

	memset(m, 0, sizeof *m);
	m->to = *to;
	if (v2m_multipart_is(content_type))
		while ((got = v2m_param_next(&at, &p, value,
		    sizeof value)) == 1 && strcmp(p.name, "boundary") != 0)
			continue;
	if (got != 1 || !is_boundary(p.value, p.length))
		return v2m_err_set(err, V2M_PROTOCOL, "the body is not "
		    "multipart/form-data with a boundary");
	memcpy(m->delimiter, "\r\n--", 4);
	end = mempcpy(m->delimiter + 4, p.value, p.length);
	*end = '\0';
	m->delimiter_length = 4 + p.length;
	m->matched = 2;
	m->state = PREAMBLE;
	return 0;
}

static int
malformed(struct v2m_err *err, const char *what)
{
	return v2m_err_set(err, V2M_PROTOCOL, "malformed multipart content: "
	    "%s", what);
}

/* Bytes that do not belong to a delimiter. */
static int
pass_on(struct v2m_multipart *m, const char *buf, size_t n,
    struct v2m_err *err)
{
	if (n == 0)
		return 0;
	if (m->state == DATA)
		return m->to.data(m->to.arg, buf, n, err);
	m->around += (int64_t)n;
	return m->around <= V2M_MULTIPART_AROUND ? 0 :
	    malformed(err, "too much text around its parts");
}

/* Compare the bytes from s on with the rest of the delimiter, of which
 * m->matched bytes were found already (also in an earlier buffer).  Returns the
 * first byte that was not compared, or that differs. */
static const char *
match(struct v2m_multipart *m, const char *s, const char *end)
{
	while (s < end && m->matched < m->delimiter_length &&
	    *s == m->delimiter[m->matched]) {
		s++;
		m->matched++;
	}
	return s;
}

/* Content up to the next delimiter or the end of the buffer.  Only the first
 * byte of a delimiter is a CR, so bytes that matched in vain cannot hold the
 * beginning of another one. */
static int
scan(struct v2m_multipart *m, const char **at, const char *end,
    struct v2m_err *err)
{
	const char *from = *at, *s = *at;
	size_t before = m->matched;

	if (before > 0) {
		s = match(m, s, end);
		if (s < end && m->matched < m->delimiter_length) {
			/* The line end assumed before the body is not
			 * content. */
			size_t skip = m->state == PREAMBLE &&
			    m->around == 0 ? 2 : 0;

			if (before > skip && pass_on(m, m->delimiter + skip,
			    before - skip, err) < 0)
				return -1;
			if (m->state == PREAMBLE && m->around == 0)
				m->around = 1;
			m->matched = before = 0;
		}
	}
	while (s < end && m->matched < m->delimiter_length) {
		const char *cr = memchr(s, '\r', (size_t)(end - s));

		m->matched = 0;
		if (cr == NULL) {
			s = end;
			break;
		}
		s = match(m, cr, end);
	}
	/* The last m->matched bytes are of the delimiter; `before` of them
	 * came in an earlier buffer. */
	*at = s;
	if (pass_on(m, from, (size_t)(s - from) - (m->matched - before), err) <
	    0)
		return -1;
	if (m->matched < m->delimiter_length)
		return 0;
	m->matched = 0;
	if (m->state == DATA && m->to.end(m->to.arg, err) < 0)
		return -1;
	m->state = BEHIND;
	return 0;
}

/* After a delimiter: "--" ends the body, a line end begins a header. */
static int
behind(struct v2m_multipart *m, char c, struct v2m_err *err)
{
	switch (m->state) {
	case BEHIND:
		if (c == '-') {
			m->state = DASH;
			return 0;
		}
		m->state = PADDING;
		/* FALLTHROUGH */
	case PADDING:
		if (c == '\r')
			m->state = LINE_END;
		else if (c != ' ' && c != '\t')
			return malformed(err, "text after a boundary");
		return pass_on(m, &c, 1, err);
	case DASH:
		if (c != '-')
			return malformed(err, "text after a boundary");
		m->state = EPILOGUE;
		return 0;
	default:
		if (c != '\n')
			return malformed(err, "a bare carriage return");
		if (++m->parts > V2M_MULTIPART_PARTS)
			return malformed(err, "too many parts");
		m->head_length = 0;
		m->state = HEAD;
		return 0;
	}
}

/* Collect a part's header up to the empty line. */
static int
head(struct v2m_multipart *m, char c, struct v2m_err *err)
{
	struct v2m_multipart_part part;
	size_t n;

	if (m->head_length == V2M_MULTIPART_HEAD)
		return malformed(err, "a header that is too long");
	m->head[m->head_length++] = c;
	n = m->head_length;
	if (c != '\n' || n < 2 || m->head[n - 2] != '\r' ||
	    !(n == 2 || (n >= 4 && m->head[n - 3] == '\n')))
		return 0;
	m->head[n] = '\0';
	if (memchr(m->head, '\0', n) != NULL ||
	    v2m_multipart_head(m->head, &part) < 0)
		return malformed(err, "a header that cannot be read");
	m->state = DATA;
	return m->to.begin(m->to.arg, &part, err);
}

int
v2m_multipart_push(struct v2m_multipart *m, const void *buf, size_t n,
    struct v2m_err *err)
{
	const char *at = buf, *end = at + n;
	int ret = 0;

	while (at < end && ret == 0) {
		switch (m->state) {
		case PREAMBLE:
		case DATA:
			ret = scan(m, &at, end, err);
			break;
		case HEAD:
			ret = head(m, *at++, err);
			break;
		case EPILOGUE:
			ret = pass_on(m, at, (size_t)(end - at), err);
			at = end;
			break;
		default:
			ret = behind(m, *at++, err);
		}
	}
	return ret;
}

int
v2m_multipart_finish(const struct v2m_multipart *m, struct v2m_err *err)
{
	return m->state == EPILOGUE ? 0 :
	    malformed(err, "it ends in the middle");
}
