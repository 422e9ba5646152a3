/* libFuzzer target: a multipart body, in one piece and in many, which must give
 * the same result; and the names in its headers.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/multipart.h"

struct heard {
	uint64_t sum;
	unsigned begun, ended;
};

static void
add(struct heard *h, const void *buf, size_t n)
{
	const uint8_t *p = buf;

	for (size_t i = 0; i < n; i++)
		h->sum = h->sum * 31 + p[i] + 1;
}

static int
begin(void *arg, const struct v2m_multipart_part *part, struct v2m_err *err)
{
	struct heard *h = arg;

	(void)err;
	must(h->begun == h->ended);
	must(!has_control(part->name) && !has_control(part->filename));
	h->begun++;
	add(h, part->name, strlen(part->name));
	add(h, part->filename, strlen(part->filename));
	return 0;
}

static int
data_fn(void *arg, const void *buf, size_t n, struct v2m_err *err)
{
	struct heard *h = arg;

	(void)err;
	must(h->begun == h->ended + 1);
	add(h, buf, n);
	return 0;
}

static int
end(void *arg, struct v2m_err *err)
{
	struct heard *h = arg;

	(void)err;
	h->ended++;
	must(h->begun == h->ended);
	return 0;
}

static int
push(const uint8_t *data, size_t size, size_t step, struct heard *h)
{
	struct v2m_multipart_to to = { begin, data_fn, end, h };
	struct v2m_multipart m;
	struct v2m_err err;
	uint8_t *piece;
	size_t n;
	int ret = 0;

	must(v2m_multipart_begin(&m,
	    "multipart/form-data; boundary=\"a-b\"", &to, &err) == 0);
	for (; size > 0 && ret == 0; data += n, size -= n) {
		n = size < step ? size : step;
		piece = malloc(n);
		must(piece != NULL);
		memcpy(piece, data, n);
		ret = v2m_multipart_push(&m, piece, n, &err);
		free(piece);
	}
	return ret < 0 ? -1 : v2m_multipart_finish(&m, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard one = { 0, 0, 0 }, many = { 0, 0, 0 };
	int ret = push(data, size, size == 0 ? 1 : size, &one);
	char *text = text_of(data, size);
	struct v2m_multipart m;
	struct v2m_err err;
	struct v2m_multipart_to to = { begin, data_fn, end, &many };

	if (v2m_multipart_begin(&m, text, &to, &err) == 0)
		must(m.delimiter_length > 4 &&
		    m.delimiter_length < sizeof m.delimiter);
	free(text);
	must(push(data, size, 1 + size % 7, &many) == ret);
	if (ret == 0)
		must(one.sum == many.sum && one.begun == many.begun &&
		    one.ended == many.ended && one.begun == one.ended);
	return 0;
}
