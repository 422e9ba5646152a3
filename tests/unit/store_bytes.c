/* store_bytes.c - write and read a store's objects, for tests of its servers.
 *
 *	store_bytes put|read|ranges|seek video|mp3 ID LENGTH
 *	store_bytes count video ID NUMBER
 *
 * Works on the store of the environment, with objects whose byte i is i % 251.
 * put stores an object, read reads it in order, ranges in pieces at various
 * offsets, seek the first 64 KiB of each MB (as a search for the sound does);
 * LENGTH -: any.  count makes a record and changes it NUMBER times.  The last
 * line of stdout is the peak of memory in kB; the exit status is the error's.
 * Without arguments it skips.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "store/store.h"

#define PIECE 70000

static struct v2m_err err;
static unsigned char buf[1 << 20];

static int
put(struct v2m_store *s, enum v2m_kind kind, const char *id, int64_t length)
{
	struct v2m_writer *w = v2m_store_create(s, kind, id, &err);
	struct v2m_object o;
	int64_t at = 0;
	size_t n, i;
	int ret = -1;

	if (w == NULL)
		return -1;
	memset(&o, 0, sizeof o);
	snprintf(o.name, sizeof o.name, "bytes.bin");
	for (; at < length; at += (int64_t)n) {
		n = length - at < PIECE ? (size_t)(length - at) : PIECE;
		for (i = 0; i < n; i++)
			buf[i] = (unsigned char)((at + (int64_t)i) % 251);
		if (v2m_writer_write(w, buf, n, &err) < 0)
			goto out;
	}
	ret = v2m_writer_commit(w, &o, &err);
out:
	v2m_writer_free(w);
	return ret;
}

/* Read n bytes at an offset, or as many as there are, and check them. */
static int
check(struct v2m_reader *r, int64_t at, size_t n)
{
	int64_t left = v2m_reader_length(r) - at;
	size_t wanted = left < (int64_t)n ? (size_t)left : n, i;
	ssize_t got = v2m_reader_pread(r, buf, n, at, &err);

	if (got < 0)
		return -1;
	for (i = 0; i < (size_t)got; i++)
		if (buf[i] != (at + (int64_t)i) % 251)
			break;
	if ((size_t)got == wanted && i == wanted)
		return 0;
	return v2m_err_set(&err, V2M_BUG, "wrong bytes at %lld",
	    (long long)at);
}

static int
walk(struct v2m_reader *r, const char *how)
{
	int64_t length = v2m_reader_length(r), at;
	size_t n = strcmp(how, "seek") == 0 ? 65536 : PIECE;
	int64_t step = strcmp(how, "seek") == 0 ? 1000000 : PIECE;
	unsigned i;

	if (strcmp(how, "ranges") != 0) {
		for (at = 0; at < length; at += step)
			if (check(r, at, n) < 0)
				return -1;
		return 0;
	}
	for (i = 0; i < 12; i++) {
		at = (int64_t)(i * 2654435761u) % length;
		n = 1 + i * 7919u * 7919u % sizeof buf;
		if (check(r, at, n) < 0 || check(r, length - 1, 1) < 0)
			return -1;
	}
	return check(r, 0, sizeof buf);
}

static int
get(struct v2m_store *s, const char *how, enum v2m_kind kind, const char *id,
    int64_t length)
{
	struct v2m_reader *r = v2m_store_read(s, kind, id, NULL, &err);
	int ret = -1;

	if (r == NULL)
		return -1;
	if (length >= 0 && v2m_reader_length(r) != length)
		v2m_err_set(&err, V2M_BUG, "%lld bytes",
		    (long long)v2m_reader_length(r));
	else
		ret = walk(r, how);
	v2m_reader_free(r);
	return ret;
}

static int
count(struct v2m_store *s, const char *id, int64_t n)
{
	struct v2m_record r;
	int64_t i;
	int won;

	memset(&r, 0, sizeof r);
	snprintf(r.id, sizeof r.id, "%s", id);
	won = v2m_store_insert(s, &r, &err);
	for (i = 0; won == 1 && i < n; i++) {
		r.attempts++;
		won = v2m_store_put(s, &r, &err);
	}
	if (won == 0)
		v2m_err_set(&err, V2M_BUG, "somebody else has changed it");
	if (won != 1)
		return -1;
	if (v2m_store_get(s, id, &r, &err) < 0)
		return -1;
	return r.attempts == n && r.rev == n + 1 ? 0 :
	    v2m_err_set(&err, V2M_BUG, "%lld changes, revision %lld",
	    (long long)r.attempts, (long long)r.rev);
}

static int
run(struct v2m_store *s, char **argv)
{
	enum v2m_kind kind = strcmp(argv[2], "mp3") == 0 ? V2M_MP3 :
	    V2M_VIDEO;
	int64_t n = strcmp(argv[4], "-") == 0 ? -1 :
	    strtoll(argv[4], NULL, 10);

	if (strcmp(argv[1], "put") == 0)
		return put(s, kind, argv[3], n);
	if (strcmp(argv[1], "count") == 0)
		return count(s, argv[3], n);
	return get(s, argv[1], kind, argv[3], n);
}

int
main(int argc, char **argv)
{
	struct v2m_store *s;
	struct v2m_conf conf;
	struct rusage usage;
	int ret;

	if (argc != 5) {
		puts("1..0 # skip a tool for other tests");
		return 0;
	}
	v2m_log_init("store_bytes", 0);
	if (v2m_conf_load(&conf, NULL, NULL, &err) < 0 ||
	    (s = v2m_store_open(&conf, &err)) == NULL) {
		v2m_warn("%s", err.msg);
		return (int)err.code;
	}
	ret = run(s, argv);
	v2m_store_close(s);
	v2m_conf_release(&conf);
	if (ret < 0) {
		v2m_warn("%s", err.msg);
		return (int)err.code;
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%ld\n", usage.ru_maxrss);
	return 0;
}
