#include "flow/foreign.h"

#include <string.h>

static void
fill_record(struct v2m_record *r, const struct v2m_job_message *m, int64_t now)
{
	memset(r, 0, sizeof *r);
	memcpy(r->id, m->video, sizeof r->id);
	memcpy(r->owner, m->username, sizeof r->owner);
	v2m_text_copy(r->options, sizeof r->options,
	    m->options[0] == '\0' ? "{}" : m->options);
	r->via = V2M_VIA_QUEUE;
	r->state = V2M_JOB_QUEUED;
	r->progress = -1;
	r->created_at = v2m_id_time_ms(m->video);
	r->queued_at = now;
}

static void
describe_video(struct v2m_record *r, const struct v2m_object *video)
{
	r->length = video->length;
	memcpy(r->sha256, video->sha256, sizeof r->sha256);
	memcpy(r->name, video->name, sizeof r->name);
}

static void
fill_done(struct v2m_record *r, const struct v2m_object *mp3, int64_t now)
{
	memcpy(r->mp3, mp3->id, sizeof r->mp3);
	memcpy(r->mp3_sha256, mp3->sha256, sizeof r->mp3_sha256);
	r->mp3_length = mp3->length;
	r->state = V2M_JOB_DONE;
	r->done_at = now;
	r->end_published_at = now;	/* by the message that brought it */
}

int
v2m_foreign_video(struct v2m_services *s,
    const struct v2m_job_message *message, struct v2m_err *err)
{
	struct v2m_object video;
	struct v2m_record r;
	int64_t now;
	int found = v2m_store_stat(s->store, V2M_VIDEO, message->video,
	    &video, err);

	if (found != 1)
		return found;
	if (v2m_store_now(s->store, &now, err) < 0)
		return -1;
	fill_record(&r, message, now);
	describe_video(&r, &video);
	return v2m_store_insert(s->store, &r, err) < 0 ? -1 : 1;
}

/* 1 stored, 0 somebody changed it meanwhile, -1. */
static int
insert_done(struct v2m_services *s, const struct v2m_job_message *m,
    const struct v2m_object *mp3, int64_t now, struct v2m_err *err)
{
	struct v2m_object video;
	struct v2m_record r;
	int found = v2m_store_stat(s->store, V2M_VIDEO, m->video, &video,
	    err);

	if (found < 0)
		return -1;
	fill_record(&r, m, now);
	if (found == 1)
		describe_video(&r, &video);
	fill_done(&r, mp3, now);
	return v2m_store_insert(s->store, &r, err);
}

int
v2m_foreign_mp3(struct v2m_services *s,
    const struct v2m_job_message *message, struct v2m_err *err)
{
	struct v2m_object mp3;
	struct v2m_record r;
	struct v2m_err why;
	int64_t now;
	int put, found;

	if (message->mp3[0] == '\0')
		return 0;
	found = v2m_store_stat(s->store, V2M_MP3, message->mp3, &mp3, err);
	if (found != 1 || v2m_store_now(s->store, &now, err) < 0)
		return found != 1 ? found : -1;
	/* Our own converters commit by themselves.  What is left of them on
	 * its way, from a generation that was requeued, finishes no job. */
	if (mp3.fence != 0)
		return 0;
	do {
		if (v2m_store_get(s->store, message->video, &r, &why) == 0) {
			if (r.state != V2M_JOB_NEW && r.state != V2M_JOB_QUEUED)
				return 0;
			fill_done(&r, &mp3, now);
			put = v2m_store_put(s->store, &r, err);
		} else if (why.code == V2M_NOINPUT) {
			put = insert_done(s, message, &mp3, now, err);
		} else {
			return v2m_err_pass(err, &why);
		}
	} while (put == 0);
	return put;
}
