/* Logins that wait for each other, and tokens that are cached:
 * auth/login_queue.h, auth/session_cache.h. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/login_queue.h"
#include "auth/session_cache.h"
#include "auth/users.h"
#include "base/clock.h"
#include "tap.h"

#define ANN "ann@example.org"
#define CROWD 150

static char folder[] = "/tmp/v2m-logins.XXXXXX";
static struct v2m_conf conf;
static struct v2m_err err;

static void
must(bool good, const char *what)
{
	if (good)
		return;
	give_up("%s: %s", what, err.msg);
}

static void
set_up(void)
{
	static const struct v2m_conf_override one_at_a_time[] = {
		{ "login_concurrency", "1" }, { NULL, NULL }
	};
	struct v2m_user user = { .email = ANN };
	struct v2m_users *users;
	char secret[300];
	bool made;

	must(mkdtemp(folder) != NULL, "a folder");
	setenv("V2M_STATE", folder, 1);
	setenv("V2M_CONFIG", "/dev/null", 1);
	must(v2m_conf_load(&conf, "/dev/null", one_at_a_time, &err) == 0,
	    "configuration");
	snprintf(secret, sizeof secret, "%s/jwt_secret", folder);
	must(v2m_token_make_secret(secret, &made, &err) == 0, "a secret");
	must(v2m_users_init(&conf, &err) == 0, "tables");
	must(v2m_password_hash("right", user.hash, &err) == 0, "a hash");
	/* Tokens are valid since long ago. */
	user.tokens_valid_from_s = 1;
	users = v2m_users_open(&conf, &err);
	must(users != NULL && v2m_users_add(users, &user, &err) == 0, "ann");
	v2m_users_close(users);
}

static void
one_login(struct v2m_login_queue *q)
{
	struct v2m_claims claims;
	bool full = true;
	char *token;

	token = v2m_login_queue_ask(q, ANN, "right", NULL, &claims, &full,
	    &err);
	ok(token != NULL && !full, "who knows the password gets a token");
	is(claims.username, ANN, "of his own");
	free(token);
	token = v2m_login_queue_ask(q, ANN, "wrong", NULL, &claims, &full,
	    &err);
	ok(token == NULL && !full && err.code == V2M_DENIED,
	    "who does not gets none");
	is(err.msg, "invalid credentials", "and hears why");
}

struct asker {
	pthread_t thread;
	struct v2m_login_queue *q;
	bool full, denied;
};

static pthread_barrier_t together;

static void *
ask(void *arg)
{
	struct asker *a = arg;
	struct v2m_claims claims;
	struct v2m_err why = { .code = V2M_OK };
	char *token;

	pthread_barrier_wait(&together);
	token = v2m_login_queue_ask(a->q, ANN, "wrong", NULL, &claims,
	    &a->full, &why);
	a->denied = token == NULL && why.code == V2M_DENIED;
	a->full &= token == NULL && why.code == V2M_TEMP;
	free(token);
	return NULL;
}

static void
crowd(struct v2m_login_queue *q)
{
	static struct asker askers[CROWD];
	int i, full = 0, denied = 0;

	pthread_barrier_init(&together, NULL, CROWD);
	for (i = 0; i < CROWD; i++) {
		askers[i].q = q;
		must(pthread_create(&askers[i].thread, NULL, ask,
		    &askers[i]) == 0, "a thread");
	}
	for (i = 0; i < CROWD; i++) {
		pthread_join(askers[i].thread, NULL);
		full += askers[i].full;
		denied += askers[i].denied;
	}
	pthread_barrier_destroy(&together);
	ok(full + denied == CROWD, "of a crowd each hears something");
	ok(denied >= V2M_LOGIN_WAITING, "those who can wait are judged");
	ok(full > 0, "the others are sent away");
	one_login(q);
}

static void
remember(void)
{
	struct v2m_session_cache *c = v2m_session_cache_new(&conf, &err);
	struct v2m_claims claims;
	struct v2m_users *users;
	int64_t until;
	char *token;
	int ret;

	token = v2m_session_login(&conf, ANN, "right", NULL, &err);
	must(c != NULL && token != NULL, "a token");
	ok(v2m_session_cache_check(c, token, &claims, &err) == 0,
	    "a good token");
	is(claims.username, ANN, "of hers");
	ok(v2m_session_cache_check(c, "a.b.c", &claims, &err) < 0 &&
	    err.code == V2M_DENIED, "one that is none");
	users = v2m_users_open(&conf, &err);
	must(users != NULL && v2m_users_remove(users, ANN, &err) == 0,
	    "ann is removed");
	v2m_users_close(users);
	until = v2m_mono_ms() + 20 * V2M_SESSION_CACHE_MS;
	while ((ret = v2m_session_cache_check(c, token, &claims, &err)) == 0 &&
	    v2m_mono_ms() < until)
		usleep(50000);
	ok(ret < 0 && err.code == V2M_DENIED, "it ends when she is removed");
	v2m_session_cache_free(c);
	v2m_session_cache_free(NULL);
	free(token);
}

/* A token that expires earlier than the cache forgets it. */
static void
remember_until_its_end(void)
{
	static const struct v2m_conf_override two_seconds[] = {
		{ "token_lifetime", "2s" }, { NULL, NULL }
	};
	struct v2m_session_cache *c;
	struct v2m_conf brief;
	struct v2m_claims claims;
	bool good = false;
	char *token = NULL;
	int i;

	must(v2m_conf_load(&brief, "/dev/null", two_seconds, &err) == 0,
	    "configuration of brief tokens");
	c = v2m_session_cache_new(&brief, &err);
	/* Where the machine stands still, it is over before it is looked at. */
	for (i = 0; i < 20 && !good; i++) {
		free(token);
		token = v2m_session_login(&brief, ANN, "right", NULL, &err);
		must(c != NULL && token != NULL, "a brief token");
		good = v2m_session_cache_check(c, token, &claims, &err) == 0;
	}
	ok(good, "a token of two seconds is good");
	while (v2m_wall_ms() / 1000 < claims.expires_s)
		usleep(20000);
	good = v2m_session_cache_check(c, token, &claims, &err) == 0;
	ok(!good && err.code == V2M_DENIED,
	    "it ends at its own time, though it was remembered");
	v2m_session_cache_free(c);
	v2m_conf_release(&brief);
	free(token);
}

int
main(void)
{
	struct v2m_login_queue *q;
	char command[320];

	set_up();
	q = v2m_login_queue_start(&conf, NULL, &err);
	must(q != NULL, "a queue");
	one_login(q);
	crowd(q);
	v2m_login_queue_stop(q);
	v2m_login_queue_stop(NULL);
	remember_until_its_end();
	remember();
	v2m_conf_release(&conf);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) == 0 ? tap_done() : 1;
}
