#include "gateway/stream.h"

#include "gateway/fail.h"

struct begin {
	const struct v2m_upload_stream_request *ask;
	struct v2m_upload_stream *stream;
	enum v2m_upload_refusal why;
};

static int
begin_stream(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct begin *b = arg;

	b->stream = v2m_upload_stream_begin(s, b->ask, &b->why, err);
	return b->stream == NULL ? -1 : 0;
}

struct v2m_upload_stream *
v2m_stream_begin(struct v2m_rq *rq,
    const struct v2m_upload_stream_request *ask)
{
	struct begin b = { .ask = ask, .why = V2M_UPLOAD_OTHER };
	struct v2m_err err;

	if (v2m_pool_use(v2m_rq_pool(rq), begin_stream, &b, &err) < 0) {
		/* An empty file is wrong content, not one that is too long. */
		v2m_fail_upload(rq, ask->length == 0 ? V2M_UPLOAD_CONTENT :
		    b.why, &err);
		return NULL;
	}
	v2m_rq_note(rq, "job", v2m_upload_stream_record(b.stream)->id);
	return b.stream;
}

struct bytes {
	struct v2m_upload_stream *stream;
	const void *buf;
	size_t n;
};

static int
write_stream(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct bytes *b = arg;

	return v2m_upload_stream_write(b->stream, s, b->buf, b->n, err);
}

int
v2m_stream_write(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    const void *buf, size_t n, struct v2m_err *err)
{
	struct bytes b = { stream, buf, n };

	if (v2m_upload_stream_gathers(stream, n))
		return write_stream(NULL, &b, err);
	return v2m_pool_use(v2m_rq_pool(rq), write_stream, &b, err);
}

struct save {
	struct v2m_upload_stream *stream;
	bool leave;
};

static int
save_stream(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct save *save = arg;

	return v2m_upload_stream_save(save->stream, s, save->leave, err);
}

int
v2m_stream_save(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    bool leave, struct v2m_err *err)
{
	struct save save = { stream, leave };

	return v2m_pool_use(v2m_rq_pool(rq), save_stream, &save, err);
}

static int
rewind_stream(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	return v2m_upload_stream_rewind(arg, s, err);
}

int
v2m_stream_rewind(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    struct v2m_err *err)
{
	return v2m_pool_use(v2m_rq_pool(rq), rewind_stream, stream, err);
}

static int
abort_stream(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	return v2m_upload_stream_abort(arg, s, err);
}

int
v2m_stream_abort(struct v2m_rq *rq, struct v2m_upload_stream *stream,
    struct v2m_err *err)
{
	return v2m_pool_use(v2m_rq_pool(rq), abort_stream, stream, err);
}
