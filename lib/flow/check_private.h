/* check_private.h - what the files of check.h share, and nobody else.
 *
 * Files: check.c (owners, messages, notices, queues, TLS), check_records.c,
 * check_bytes.c, check_repair.c.
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
	char oldest[V2M_ID_SIZE];	/* of the newest jobs: those from here
					 * on were looked at */
	void (*found)(void *arg, const struct v2m_finding *f);
	void *arg;
	struct v2m_err err;
};

/* check.c: tell of one. */
void v2m_check_report(struct v2m_check_run *run, const char *item,
    enum v2m_remedy remedy, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* check_records.c.  ret < 0: -1; 1: enough; 0: go on. */
int v2m_check_go_on(int ret);

enum {
	V2M_CHECK_ERROR = -1,
	V2M_CHECK_MISSING,
	V2M_CHECK_THERE,
	V2M_CHECK_DAMAGED,		/* with run->err */
};

/* check_records.c: one of these. */
int v2m_check_object(struct v2m_check_run *run, enum v2m_kind kind,
    const char *id, struct v2m_object *object);

/* check_records.c: what helps where the system refuses with this errno. */
enum v2m_remedy v2m_check_restores(int sys);

/* check_records.c: does its worker's lease end where no lease can? */
bool v2m_check_wrong_lease(const struct v2m_check_run *run,
    const struct v2m_record *r);

/* check_records.c: jobs and what they name; check_bytes.c: all bytes.  0, 1
 * where it was told to stop, -1. */
int v2m_check_records(struct v2m_check_run *run);
int v2m_check_all_bytes(struct v2m_check_run *run);

#endif
