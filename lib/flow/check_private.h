/* check_private.h - what the files of check.h share, and nobody else.
 *
 * Files: check.c (owners, messages, notices, queues, TLS), check_records.c,
 * check_bytes.c, check_against.c, check_repair.c, check_report.c.
 */
#ifndef V2M_FLOW_CHECK_PRIVATE_H
#define V2M_FLOW_CHECK_PRIVATE_H

#include "auth/users.h"
#include "flow/check.h"
#include "store/store.h"

struct v2m_check_run {
	struct v2m_services *s;
	struct v2m_users *users;
	int64_t now;
	enum v2m_check_depth depth;
	char oldest[V2M_ID_SIZE];	/* jobs from this ID on were checked as
					 * the newest ones */
	void (*found)(void *arg, const struct v2m_finding *f);
	void *arg;
	struct v2m_err err;
};

/* check_report.c: report a finding. */
void v2m_check_report(struct v2m_check_run *run, const char *item,
    enum v2m_remedy remedy, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* check_records.c: what a callback returns: -1 where ret is negative; 1, to
 * end, after a signal; 0 to go on. */
int v2m_check_go_on(int ret);

enum {
	V2M_CHECK_ERROR = -1,
	V2M_CHECK_MISSING,
	V2M_CHECK_THERE,
	V2M_CHECK_DAMAGED,		/* with run->err */
};

/* check_records.c: look for an object; one of these. */
int v2m_check_object(struct v2m_check_run *run, enum v2m_kind kind,
    const char *id, struct v2m_object *object);

/* check_report.c: what helps if an object cannot be read, with this errno. */
enum v2m_remedy v2m_check_restores(int sys);

/* check_records.c: does the worker's lease end later than any lease can? */
bool v2m_check_wrong_lease(const struct v2m_check_run *run,
    const struct v2m_record *r);

/* check_records.c: check the records, and that their objects exist.
 * check_bytes.c: check the SHA-256 of all objects.  0; 1 after a signal; -1. */
int v2m_check_records(struct v2m_check_run *run);
int v2m_check_all_bytes(struct v2m_check_run *run);

#endif
