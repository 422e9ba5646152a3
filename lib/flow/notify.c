#include "flow/notify.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stop.h"
#include "flow/announce.h"
#include "flow/foreign.h"
#include "flow/job.h"
#include "flow/lease.h"
#include "flow/missing_job.h"
#include "flow/status.h"
#include "mail/mail.h"

#define STORE_FIRST_MS 500	/* pauses while the store is away */
#define STORE_MOST_MS 15000
#define MAX_WARNINGS 32

/* The warnings of a record as texts; *list owns them. */
static void
read_warnings(const struct v2m_record *r, json_t **list,
    const char *texts[MAX_WARNINGS + 1])
{
	size_t i, n = 0;
	json_t *item;

	*list = json_loads(r->warnings, 0, NULL);
	json_array_foreach(*list, i, item)
		if (json_is_string(item) && n < MAX_WARNINGS)
			texts[n++] = json_string_value(item);
	texts[n] = NULL;
}

/* How far one try came. */
enum stage { NOT_OURS, BEFORE_SENDING, SENDING };

/* The mailer is kept from one notification to the next, with its connection. */
static int
keep_mailer(struct v2m_services *s, struct v2m_err *err)
{
	if (s->mailer == NULL)
		s->mailer = v2m_mailer_open(s->conf, err);
	return s->mailer == NULL ? -1 : 0;
}

/* After a failure the mailer is closed, so that the next one reads the settings
 * again, which the administrator may have repaired.  Not if an address was
 * refused: that is not the mailer's fault. */
static int
deliver(struct v2m_services *s, const struct v2m_notification *notification,
    const struct v2m_mail_message *text, struct v2m_err *err)
{
	if (v2m_mailer_send(s->mailer, notification, text, err) == 0)
		return 0;
	if (err->code != V2M_UNAVAILABLE && err->code != V2M_DATA) {
		v2m_mailer_close(s->mailer);
		s->mailer = NULL;
	}
	return -1;
}

/* Compose, check once more that it is ours to send, and send. */
static int
send_notification(struct v2m_services *s, struct v2m_record *r,
    enum stage *stage, struct v2m_err *err)
{
	const char *warnings[MAX_WARNINGS + 1];
	struct v2m_mail_message text = { .text = NULL };
	char mp3_name[V2M_NAME_MAX];
	struct v2m_record shown = *r;	/* as the owner may see it */
	struct v2m_notification notification = { .id = r->id, .to = r->owner,
	    .name = r->name, .mp3_name = mp3_name, .mp3 = r->mp3,
	    .mp3_length = r->mp3_length, .duration_ms = r->duration_ms,
	    .warnings = warnings, .reason = shown.reason,
	    .generation = r->generation };
	json_t *list;
	int ours, ret = -1;

	*stage = BEFORE_SENDING;
	v2m_status_hide(&shown);
	read_warnings(r, &list, warnings);
	v2m_text_file_name(mp3_name, r->name, ".mp3", r->id);
	if (r->state == V2M_JOB_FAILED)
		notification.mp3 = "";
	if (keep_mailer(s, err) < 0 ||
	    v2m_mail_compose(s->conf, &notification, &text, err) < 0 ||
	    v2m_fault("notice-claimed", err) < 0)
		goto out;
	ours = v2m_job_renew_notification(s->store, r,
	    v2m_conf_number(s->conf, "lease"), err);
	if (ours == 0)
		*stage = NOT_OURS;
	if (ours != 1)
		goto out;
	*stage = SENDING;
	if (v2m_fault("notice-begun", err) < 0 ||
	    deliver(s, &notification, &text, err) < 0)
		goto out;
	ret = 0;
out:
	v2m_mail_message_release(&text);
	json_decref(list);
	return ret;
}

/* The job has not ended, or was removed. */
static void
nothing_to_tell(const struct v2m_task *task, const struct v2m_record *r,
    struct v2m_outcome *o)
{
	o->verdict = task->message == NULL ? V2M_SETTLED_FAILED :
	    V2M_SETTLED_SILENT;
	if (r->state == V2M_JOB_CANCELLED)
		v2m_err_set(&o->err, V2M_NOINPUT, "it was removed");
	else
		v2m_err_set(&o->err, V2M_TEMP, "it is %s: there is nothing to "
		    "tell yet", v2m_state_word((enum v2m_state)r->state));
}

/* The notice was sent before, or will not be sent. */
static void
say_how_it_was(const struct v2m_record *r, struct v2m_outcome *o)
{
	o->verdict = V2M_SETTLED_FAILED;
	if (r->told == V2M_TOLD_FAILED)
		v2m_err_set(&o->err, r->notify_failure == 0 ? V2M_UNAVAILABLE :
		    (enum v2m_code)r->notify_failure, "%s", r->notify_reason);
	else if (r->told == V2M_TOLD_MAYBE)
		v2m_err_set(&o->err, V2M_FAILED, "it is not known whether it "
		    "was sent (--again sends it once more)");
	else if (!v2m_told_is_over((enum v2m_told)r->told))
		v2m_err_set(&o->err, V2M_NOINPUT, "its MP3 is gone");
	else
		o->verdict = V2M_SETTLED;
}

static void
again(struct v2m_outcome *o, int64_t delay_ms)
{
	o->verdict = V2M_AGAIN;
	o->delay_ms = delay_ms < 0 ? 0 : delay_ms;
}

/* The notice was accepted: from here on only the recording is repeated. */
static void
record_sent(const struct v2m_loop *loop, struct v2m_services *s,
    struct v2m_record *r, struct v2m_outcome *o)
{
	unsigned tries = 0;
	int kept;

	if (v2m_fault("notice-sent", &o->err) < 0)
		v2m_event_always(r->id, "notice", "reason=\"%s\"", o->err.msg);
	while ((kept = v2m_job_end_notification(s->store, r, V2M_TOLD_SENT, 0,
	    NULL, &o->err)) < 0 && o->err.code != V2M_NOINPUT) {
		v2m_event_always(r->id, "waiting", "reason=\"%s\"",
		    o->err.msg);
		if (v2m_loop_gives_up(loop, &o->err, tries) ||
		    v2m_stop_sleep((int)v2m_backoff_ms(STORE_FIRST_MS,
		    STORE_MOST_MS, tries++)) > 0)
			break;
	}
	if (kept < 0) {
		again(o, r->notify_until - v2m_wall_ms());
		return;
	}
	v2m_metric_add(V2M_METRIC_NOTICES, "sent", 1);
	v2m_event(r->id, "told", "state=%s to=%s result=ok",
	    v2m_state_word((enum v2m_state)r->state), r->owner);
	v2m_fault("notice-recorded", &o->err);
	o->verdict = V2M_SETTLED;
}

static bool
has_lasted_too_long(struct v2m_services *s, const struct v2m_record *r)
{
	int64_t give_up = v2m_conf_number(s->conf, "give_up_after");

	return give_up > 0 && v2m_wall_ms() - r->notify_since > give_up;
}

/* Has this notification failed for good? */
static bool
is_final(struct v2m_services *s, const struct v2m_record *r, enum stage stage,
    const struct v2m_err *why)
{
	/* An address that nobody can mail to. */
	if (why->code == V2M_DATA ||
	    (stage == SENDING && why->code == V2M_UNAVAILABLE))
		return true;
	if (r->notify_refusals >= V2M_MAIL_HOOK_TRIES)
		return true;
	return has_lasted_too_long(s, r);
}

/* The notice was not accepted, or that is not known. */
static void
record_unsent(struct v2m_services *s, const struct v2m_task *task,
    struct v2m_record *r, enum stage stage, const struct v2m_err *why,
    struct v2m_outcome *o)
{
	int64_t pause_ms = v2m_backoff_ms(v2m_conf_number(s->conf,
	    "retry_pause"), V2M_NOTIFY_PAUSE_MOST_MS,
	    (unsigned)r->notify_pauses);
	bool unknown = stage == SENDING && why->code == V2M_FAILED;
	struct v2m_err said = *why;
	enum v2m_told outcome;
	struct v2m_err err;
	bool final;

	r->notify_refusals += stage == SENDING && why->code == V2M_IO;
	final = !unknown && is_final(s, r, stage, why);
	outcome = final ? V2M_TOLD_FAILED : !unknown ? V2M_TOLD_NOT_YET :
	    r->notify_tries > 1 ? V2M_TOLD_MAYBE : V2M_TOLD_SENDING;
	if (why->code == V2M_IO)
		said.code = final ? V2M_UNAVAILABLE : V2M_TEMP;
	/* It was refused: the result of this try is known. */
	if (stage == SENDING && outcome == V2M_TOLD_NOT_YET)
		r->notify_tries--;
	/* If the result of a try is not known, let the lease run out, so that
	 * the try stays counted. */
	if (outcome != V2M_TOLD_SENDING)
		v2m_job_end_notification(s->store, r, outcome, pause_ms, &said,
		    &err);
	o->err = said;
	if (final || outcome == V2M_TOLD_MAYBE) {
		v2m_metric_add(V2M_METRIC_NOTICES, final ? "failed" :
		    "unknown", 1);
		if (task->message != NULL)
			v2m_event_always(r->id, "not-told", "to=%s told=%s "
			    "reason=\"%s\"", r->owner,
			    v2m_told_word(outcome), why->msg);
		o->verdict = V2M_SETTLED_FAILED;
		return;
	}
	again(o, unknown ? r->notify_until - v2m_wall_ms() : pause_ms);
}

/* If the message is about an MP3 of a foreign converter, write its record
 * first. */
static int
claim_notification(struct v2m_services *s, const struct v2m_task *task,
    struct v2m_record *r, struct v2m_err *err)
{
	int64_t lease_ms = v2m_conf_number(s->conf, "lease"), restored;
	int claim;

	if (v2m_announce_restored(s, &restored, err) < 0)
		return -1;
	claim = v2m_job_claim_notification(s->store, task->id,
	    task->message == NULL, restored, lease_ms, r, err);
	if (task->parsed == NULL || !(claim == V2M_NOTIFY_NOTHING ||
	    (claim < 0 && err->code == V2M_NOINPUT)))
		return claim;
	switch (v2m_foreign_mp3(s, task->parsed, err)) {
	case 1:
		return v2m_job_claim_notification(s->store, task->id, false,
		    restored, lease_ms, r, err);
	case 0:
		return claim;
	default:
		return -1;
	}
}

void
v2m_notify_step(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_outcome *o)
{
	struct v2m_record r;
	struct v2m_err why;
	enum stage stage;
	int claim;

	claim = claim_notification(s, task, &r, &o->err);
	if (claim < 0) {
		v2m_missing_job(s, task, o);
		return;
	}
	switch ((enum v2m_notify_claim)claim) {
	case V2M_NOTIFY_CLAIMED:
		break;
	case V2M_NOTIFY_OVER:
		say_how_it_was(&r, o);
		return;
	case V2M_NOTIFY_TAKEN:
		again(o, r.notify_until - v2m_wall_ms());
		return;
	case V2M_NOTIFY_LATER:
		again(o, r.notify_due - v2m_wall_ms());
		return;
	case V2M_NOTIFY_NOTHING:
		nothing_to_tell(task, &r, o);
		return;
	}
	if (send_notification(s, &r, &stage, &why) == 0)
		record_sent(loop, s, &r, o);
	else if (stage == NOT_OURS)
		again(o, 0);
	else
		record_unsent(s, task, &r, stage, &why, o);
}
