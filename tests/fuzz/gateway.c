/* libFuzzer target: the gateway as a whole.  Requests are sent over a
 * connection, through libmicrohttpd and the routes to a store in memory (a
 * folder of /dev/shm), which is made anew from time to time.
 * tests/long/fuzz-gateway.t.
 *
 * The first byte says how they are sent: see `enum`.  Then come requests,
 * separated by the byte 1; each is sent after the response to the one before.
 * "@T" stands for the token of an administrator who has one job, "@U" for that
 * of another user, "@V" for that job, "@M" for its MP3, "@L" for the end of the
 * last Location or ticket.  Uploads are not checked: the engine has targets of
 * its own. */
#include <dirent.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>

#include "gateway/server.c"

#include "auth/jwt/jwt.h"
#include "auth/session.h"
#include "auth/users.h"
#include "flow/announce.h"
#include "flow/limits.h"
#include "gateway/media.h"
#include "queue/queue.h"

enum {
	LEAVE_AT_ONCE = 1,	/* close our side after the last request */
	EACH_ANEW = 2,		/* one connection per request */
	IN_PIECES = 4,		/* send in several small writes */
};

#define ANN "ann@example.org"
#define BEN "ben@example.org"
#define SENT_MOST (64 << 10)
#define ANEW_EVERY 300		/* inputs; earlier if a job or password was
				 * removed */
/* A connection must end when no thread of ours has run for so long; a thread
 * that waits for a CPU may do so for minutes. */
#define ENDS_MS 30000
/* Waits for a response; the shorter ones where none is expected. */
#define ANSWER_MS 60
#define LAST_MS 8
#define LOOK_MS 100

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char state[64], last[64];
static char *tokens[2];
static char video[V2M_ID_SIZE], mp3[V2M_ID_SIZE];
static struct v2m_conf conf;
static struct v2m_server server;
static bool is_open, is_changed;
static bool in_step;	/* the next bytes read are the start of a response */

const char *__lsan_default_suppressions(void);

/* OpenSSL's memory per thread is not a leak. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libcrypto";
}

/* A function, as the sanitizers' report shows no line of an inlined abort(). */
static void
must_be(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz: this does not hold: %s\n", what);
	abort();
}

#define must(good) must_be((good), #good)

/* Replaces the function that loads modules: all is linked in. */
const void *
v2m_module(const char *name, const char *symbol, struct v2m_err *err)
{
	(void)symbol;
	if (strcmp(name, "token-jwt") == 0)
		return &v2m_token_jwt;
	v2m_err_set(err, V2M_CONFIG, "no %s", name);
	return NULL;
}

/* Uploads are not checked. */
int
v2m_gateway_media(struct v2m_media **media, const struct v2m_conf *c,
    struct v2m_err *err)
{
	(void)c;
	(void)err;
	*media = NULL;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *f)
{
	(void)st;
	(void)what;
	(void)f;
	return remove(path);
}

static void
remove_state(void)
{
	nftw(state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
add_user(struct v2m_users *users, const char *email, bool admin, char **token)
{
	static char hash[V2M_HASH_SIZE];
	struct v2m_user user = { .admin = admin, .created_ms = 1000,
		.tokens_valid_from_s = 1 };
	struct v2m_err err;

	snprintf(user.email, sizeof user.email, "%s", email);
	must(hash[0] != '\0' ||
	    v2m_password_hash("correct horse", hash, &err) == 0);
	memcpy(user.hash, hash, sizeof hash);
	must(v2m_users_add(users, &user, &err) == 0);
	free(*token);
	*token = v2m_session_mint(&conf, email, 86400, NULL, &err);
	must(*token != NULL);
}

static void
put(struct v2m_store *store, enum v2m_kind kind, const char *id,
    struct v2m_object *object)
{
	static const char bytes[3000] = "ID3";
	struct v2m_err err;
	struct v2m_writer *w = v2m_store_create(store, kind, id, &err);

	must(w != NULL && v2m_writer_write(w, bytes, sizeof bytes, &err) == 0 &&
	    v2m_writer_commit(w, object, &err) == 0);
	v2m_writer_free(w);
}

/* Add a job that is done. */
static void
add_job(struct v2m_store *store)
{
	struct v2m_object object = { .name = "talk.mp4", .owner = ANN };
	struct v2m_record r = { .owner = ANN, .name = "talk.mp4",
		.options = "{}", .state = V2M_JOB_DONE, .via = V2M_VIA_QUEUE,
		.created_at = 1000, .done_at = 2000, .end_published_at = 2000,
		.progress = 100, .duration_ms = 500, .fence = 1 };
	struct v2m_err err;

	v2m_id_new(video);
	v2m_id_new(mp3);
	put(store, V2M_VIDEO, video, &object);
	memcpy(r.id, video, sizeof r.id);
	memcpy(r.mp3, mp3, sizeof r.mp3);
	memcpy(r.sha256, object.sha256, sizeof r.sha256);
	r.length = object.length;
	memcpy(object.video, video, sizeof object.video);
	object.fence = 1;
	put(store, V2M_MP3, mp3, &object);
	memcpy(r.mp3_sha256, object.sha256, sizeof r.mp3_sha256);
	r.mp3_length = object.length;
	must(v2m_store_insert(store, &r, &err) == 1);
}

static void
fill_state(void)
{
	struct v2m_err err;
	struct v2m_users *users;
	struct v2m_store *store;
	bool made;

	must(v2m_token_make_secret(v2m_conf_text(&conf, "jwt_secret_file"),
	    &made, &err) == 0 && v2m_users_init(&conf, &err) == 0 &&
	    v2m_store_init(&conf, &err) == 0 &&
	    v2m_limits_init(&conf, &err) == 0 &&
	    v2m_announce_init(&conf, false, &err) == 0 &&
	    v2m_queue_init(&conf, &err) == 0);
	users = v2m_users_open(&conf, &err);
	must(users != NULL);
	add_user(users, ANN, true, &tokens[0]);
	add_user(users, BEN, false, &tokens[1]);
	v2m_users_close(users);
	store = v2m_store_open(&conf, &err);
	must(store != NULL);
	add_job(store);
	v2m_store_close(store);
}

static void
close_all(void)
{
	if (!is_open)
		return;
	is_open = false;
	close_server(&server);
	v2m_components_close(&server.parts);
	pthread_mutex_destroy(&server.lock);
	v2m_conf_release(&conf);
	remove_state();
}

static void
open_all(void)
{
	static const struct v2m_conf_override overrides[] = {
		{ "free_reserve", "0" }, { "max_upload", "1M" },
		{ "trusted_proxies", "192.0.2.0/24" },
		{ "cors_origins", "https://a.example" },
		{ "login_concurrency", "2" }, { NULL, NULL }
	};
	static const struct v2m_tls tls = { NULL, NULL };
	struct v2m_err err;

	snprintf(state, sizeof state, "/dev/shm/v2m-fuzz.XXXXXX");
	must(mkdtemp(state) != NULL && setenv("V2M_STATE", state, 1) == 0 &&
	    v2m_conf_load(&conf, "/dev/null", overrides, &err) == 0);
	fill_state();
	must(configure(&server, &conf, &err) == 0);
	server.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(server.wake_fd >= 0 &&
	    v2m_components_open(&server.parts, &conf, &err) == 0 &&
	    start_daemon(&server.main, &tls, &err) == 0);
	is_open = true;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN);
	v2m_log_init("fuzz", -1);
	atexit(close_all);
	return 0;
}

/* --- a client --- */

/* Open a connection as if it had been accepted; each has another address, so
 * that limits per address do not add up. */
static int
join(void)
{
	static uint32_t n;
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = 1 };
	const struct timeval most = { .tv_usec = 200000 };
	struct v2m_conn *c;
	int fds[2];

	/* One address in eight is that of a trusted proxy. */
	n++;
	sa.sin_addr.s_addr = htonl(n % 8 == 0 ? 0xc0000200 + n % 256 :
	    0x0b000000 + n * 256);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
	c = v2m_conn_accept(&server.main, fds[0], (struct sockaddr *)&sa);
	must(c != NULL);
	if (MHD_add_connection(server.main.daemon, fds[0],
	    (struct sockaddr *)&sa, sizeof sa) != MHD_YES)
		abort();
	in_step = true;
	return fds[1];
}

/* Check the status line and the header lines.  Returns the response's length
 * with its body; -1: not known, or not complete. */
static ssize_t
check_head(const char *p, size_t n, bool bodiless)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4), *field;
	size_t head;

	must(n < 13 || (strncmp(p, "HTTP/1.1 ", 9) == 0 ||
	    strncmp(p, "HTTP/1.0 ", 9) == 0));
	if (end == NULL)
		return -1;
	head = (size_t)(end - p) + 4;
	must(strncmp(p + 9, "500", 3) != 0);
	for (const char *c = p; c < end; c++)
		must(*c == '\r' ? c[1] == '\n' : *c == '\n' ? c[-1] == '\r' :
		    (unsigned char)*c >= 0x20 && *c != 0x7f);
	in_step &= !bodiless;	/* it may be the response to another request */
	field = memmem(p, head, "\r\nContent-Length: ", 18);
	return field == NULL && !bodiless ? -1 : (ssize_t)(head +
	    (bodiless ? 0 : strtoul(field + 18, NULL, 10)));
}

/* Note what the response names, for "@L". */
static void
note_last(const char *answer)
{
	const char *p = strstr(answer, "\nLocation: "), *end;

	if (p != NULL) {
		end = p + strcspn(p, "\r");
		while (end > p && end[-1] != '/' && end[-1] != ' ')
			end--;
		p = end;
	} else if ((p = strstr(answer, "ticket=")) != NULL) {
		p += 7;
	}
	if (p != NULL)
		snprintf(last, sizeof last, "%.*s", (int)strcspn(p,
		    "\r\n\"&? "), p);
}

/* Does another thread run, or wait for a CPU or a disk? */
static bool
others_run(void)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *entry;
	bool run = false;

	must(threads != NULL);
	while (!run && (entry = readdir(threads)) != NULL) {
		char path[300], line[300] = "", *end;
		FILE *f;

		snprintf(path, sizeof path, "/proc/self/task/%s/stat",
		    entry->d_name);
		f = entry->d_name[0] == '.' || atoi(entry->d_name) ==
		    gettid() ? NULL : fopen(path, "r");
		if (f == NULL)
			continue;
		end = fgets(line, sizeof line, f) == NULL ? NULL :
		    strrchr(line, ')');
		run = end != NULL && strchr("RD", end[2]) != NULL;
		fclose(f);
	}
	closedir(threads);
	return run;
}

/* Wait for ms, but for ENDS_MS where bytes must come.  false: none came. */
static bool
wait_for(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int idle_ms = 0;

	if (ms < ENDS_MS)
		return poll(&p, 1, ms) > 0;
	while (poll(&p, 1, LOOK_MS) <= 0) {
		idle_ms += others_run() ? 0 : LOOK_MS;
		must(idle_ms < ENDS_MS);
	}
	return true;
}

/* Read the response to a request, until it is complete, none comes, or the
 * connection ends.  false: it has ended. */
static bool
read_answer(int fd, int ms, bool bodiless)
{
	static char buf[256 << 10];
	size_t n = 0;
	ssize_t got, want = -1;

	while (n < sizeof buf - 1 && (want < 0 || n < (size_t)want)) {
		if (!wait_for(fd, ms)) {
			in_step &= n == 0;
			return true;
		}
		got = recv(fd, buf + n, sizeof buf - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		buf[n] = '\0';
		if (in_step)
			want = check_head(buf, n, bodiless);
		note_last(buf);
	}
	in_step &= n == (size_t)want;
	return true;
}

static void
send_all(int fd, const char *p, size_t n, size_t piece)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, piece > 0 && piece < n ? piece : n,
		    0);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

/* Close the connection, and wait until the server has closed it and freed
 * it. */
static void
part(int fd, bool at_once)
{
	int lingering, left, idle_ms = 0;

	shutdown(fd, SHUT_WR);
	if (!at_once)
		while (read_answer(fd, ENDS_MS, false))
			continue;
	close(fd);
	while ((left = count_conns(&server, &lingering)) + lingering > 0) {
		struct pollfd p = { .fd = server.wake_fd, .events = POLLIN };

		if (poll(&p, 1, 1) > 0)
			clear(server.wake_fd);
		else
			idle_ms += !others_run();
		must(idle_ms < ENDS_MS);
		v2m_linger(&server, v2m_mono_ms());
	}
}

static const char *
word_for(char c)
{
	switch (c) {
	case 'T':
		return tokens[0];
	case 'U':
		return tokens[1];
	case 'V':
		return video;
	case 'M':
		return mp3;
	case 'L':
		return last;
	default:
		return NULL;
	}
}

/* Replace "@T" and so on.  Returns the number of bytes. */
static size_t
fill_in(char *out, size_t most, const uint8_t *in, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n && len + 1 < most; i++) {
		const char *word = in[i] == '@' && i + 1 < n ?
		    word_for((char)in[i + 1]) : NULL;

		if (word == NULL) {
			out[len++] = (char)in[i];
			continue;
		}
		i++;
		len += (size_t)snprintf(out + len, most - len, "%s", word);
		if (len >= most)
			len = most - 1;
	}
	is_changed |= memmem(out, len, "DELETE /files", 13) != NULL ||
	    memmem(out, len, "POST /password", 14) != NULL;
	return len;
}

static void
send_requests(const uint8_t *data, size_t size, int how)
{
	static char buf[SENT_MOST];
	int fd = join();

	for (bool more = true; more; ) {
		const uint8_t *end = memchr(data, 1, size);
		size_t n = end == NULL ? size : (size_t)(end - data);
		bool head = n >= 4 && memcmp(data, "HEAD", 4) == 0;

		more = end != NULL;
		send_all(fd, buf, fill_in(buf, sizeof buf, data, n),
		    how & IN_PIECES ? (size_t)(how >> 3) + 1 : 0);
		data += n + more;
		size -= n + more;
		if (more || !(how & LEAVE_AT_ONCE))
			more &= read_answer(fd, more ? ANSWER_MS : LAST_MS,
			    head) || how & EACH_ANEW;
		if (more && how & EACH_ANEW) {
			part(fd, false);
			fd = join();
		}
	}
	part(fd, how & LEAVE_AT_ONCE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int inputs;
	struct v2m_pool_count count;

	if (size < 2)
		return -1;
	if (inputs++ % ANEW_EVERY == 0 || is_changed) {
		is_changed = false;
		close_all();
		open_all();
	}
	last[0] = '\0';
	send_requests(data + 1, size - 1, data[0]);
	v2m_pool_count(server.parts.pool, &count);
	must(count.taken == 0);
	return 0;
}
