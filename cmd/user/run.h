/* run.h - a run of v2m-user, shared by its files. */
#ifndef V2M_CMD_USER_RUN_H
#define V2M_CMD_USER_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/users.h"
#include "base/cli.h"
#include "flow/services.h"

struct user_options {
	bool admin, off, adopt_jobs, remove_jobs;
	const char *password_file;
	const char *jobs;	/* "keep", "remove", or NULL */
	int64_t lifetime_ms;	/* -1: not given */
};

struct run {
	const struct user_options *opt;
	struct v2m_cli cli;
	struct v2m_conf conf;
	struct v2m_users *users;
	struct v2m_services services;	/* opened when needed */
	struct v2m_tally tally;
	bool removed_any;	/* account */
};

/* Open run->services, if they are not. */
int run_need_services(struct run *run, struct v2m_err *err);

/* Count the jobs of an account, which may be removed already. */
int user_count_jobs(struct run *run, const char *email, int64_t *n,
    struct v2m_err *err);

/* Remove all n jobs of an account, and say so. */
int user_remove_jobs(struct run *run, const char *email, int64_t n,
    struct v2m_err *err);

/* Before an account is added: what becomes of the jobs of an earlier one, as
 * the options say, and of its limits. */
int user_settle_old_jobs(struct run *run, const char *email,
    struct v2m_err *err);
int user_settle_old_limits(struct run *run, const char *email,
    struct v2m_err *err);

/* Ask for a new password; what the table of accounts is to have for it. */
int user_new_hash(const struct run *run, const char *email,
    char hash[V2M_HASH_SIZE], struct v2m_err *err);

/* The subcommands for one address, and those for all accounts.  Each does its
 * work and says what it did. */
int user_add(struct run *run, const char *email, struct v2m_err *err);
int user_passwd(struct run *run, const char *email, struct v2m_err *err);
int user_remove(struct run *run, const char *email, struct v2m_err *err);
int user_admin(struct run *run, const char *email, struct v2m_err *err);
int user_revoke(struct run *run, const char *email, struct v2m_err *err);
int user_token(struct run *run, const char *email, struct v2m_err *err);
int user_quota(struct run *run, const char *email, struct v2m_err *err);
int user_list(struct run *run, struct v2m_err *err);
int user_hash_all(struct run *run, struct v2m_err *err);

#endif
