/* Disk space that is reserved for MP3s, and how much. */
#include "flow/room.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/hold.h"
#include "base/io.h"
#include "media/need.h"
#include "tap.h"

#define MIB INT64_C(1048576)
#define GIB (1024 * MIB)
#define HOUR_MS INT64_C(3600000)

static int64_t
held(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -1 : (int64_t)st.st_blocks * 512;
}

static int64_t
length(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -1 : (int64_t)st.st_size;
}

static void
needs(void)
{
	struct v2m_settings s;
	int64_t all;

	v2m_settings_init(&s);
	s.bitrate_kbps = 320;
	all = v2m_need_encoded(&s, HOUR_MS, GIB);
	ok(all >= 144000000 && all < 146000000, "an hour at 320k is 144 MB");
	s.from_ms = HOUR_MS / 4;
	s.to_ms = HOUR_MS / 2;
	all = v2m_need_encoded(&s, HOUR_MS, GIB);
	ok(all >= 36000000 && all < 37000000,
	    "a quarter of an hour needs 36 MB");
	s.from_ms = 2 * HOUR_MS;
	s.to_ms = 0;
	ok(v2m_need_encoded(&s, HOUR_MS, GIB) < MIB,
	    "what is behind its end needs nothing");
	v2m_settings_init(&s);
	ok(v2m_need_encoded(&s, 1000 * HOUR_MS, MIB) <= 17 * MIB,
	    "a small file cannot claim a disk");
	ok(v2m_need_encoded(&s, -1, MIB) < 2 * MIB,
	    "without a claim, as much as the file has");
	ok(v2m_need_encoded(&s, -1, 2 * GIB) < 300 * MIB,
	    "pictures are taken off what a large file has");
	ok(v2m_need_encoded(&s, -1, 40 * MIB) >= 32 * MIB,
	    "but not off what a small one has");
	all = v2m_need_encoded(&s, HOUR_MS, GIB);
	s.quality = 9;
	ok(v2m_need_encoded(&s, HOUR_MS, GIB) < all / 2,
	    "less quality needs less room");
}

static void
holds(void)
{
	struct v2m_err err = { .code = V2M_OK };
	int fd = v2m_io_tmpfile(NULL, &err);

	if (fd < 0 || v2m_hold_file(fd, 3 * MIB, 0, &err) < 0) {
		ok(false, err.msg);
		return;
	}
	if (held(fd) == 0) {
		ok(true, "this file system cannot hold # skip");
		close(fd);
		return;
	}
	ok(held(fd) >= 3 * MIB && length(fd) == 0, "held, with no length");
	ok(write(fd, "abc", 3) == 3 && held(fd) >= 3 * MIB && length(fd) == 3,
	    "written to it, it is still held");
	ok(v2m_hold_file(fd, MIB, 0, &err) == 0 && held(fd) >= 3 * MIB,
	    "less is no change");
	ok(ftruncate(fd, 3) == 0 && held(fd) < MIB && length(fd) == 3,
	    "its end gives back the rest");
	ok(v2m_hold_room(fd, 3 * MIB, 0, &err) == 0 &&
	    held(fd) >= 3 * MIB && length(fd) == 3 * MIB, "room alone");
	v2m_hold_shrink(fd, MIB);
	ok(length(fd) == MIB && held(fd) < 2 * MIB,
	    "room that is not needed is given back");
	v2m_hold_shrink(fd, 2 * MIB);
	ok(length(fd) == MIB, "and does not grow by that");
	v2m_hold_shrink(-1, MIB);
	ok(v2m_hold_room(fd, MIB, INT64_C(1) << 60, &err) < 0 &&
	    err.code == V2M_TEMP, "a reserve that is not there");
	ok(v2m_hold_file(fd, INT64_C(1) << 60, 0, &err) < 0 &&
	    err.code == V2M_TEMP, "more than any disk has");
	close(fd);
}

/* The duration of the sound is not known. */
static void
grows(void)
{
	struct v2m_media_result result = { .format = "mpegts",
	    .claimed_ms = -1 };
	struct v2m_err err = { .code = V2M_OK };
	struct v2m_room room = { .stored = -1, .max_duration_ms = HOUR_MS };
	struct v2m_settings s;
	int64_t first;

	v2m_settings_init(&s);
	room.out = v2m_io_tmpfile(NULL, &err);
	if (room.out < 0 ||
	    v2m_room_size(&room, &result, &s, MIB, &err) < 0) {
		ok(false, err.msg);
		return;
	}
	first = held(room.out);
	if (first == 0) {
		ok(true, "this file system cannot hold # skip");
		close(room.out);
		return;
	}
	ok(first < 2 * MIB, "of a small video little is held at first");
	ok(ftruncate(room.out, 5 * MIB) == 0 &&
	    v2m_room_size(&room, &result, &s, MIB, &err) == 0 &&
	    held(room.out) >= 6 * MIB, "and more where its MP3 grows");
	room.whole = true;
	ok(ftruncate(room.out, 9 * MIB) == 0 &&
	    v2m_room_size(&room, &result, &s, MIB, &err) == 0 &&
	    held(room.out) < 8 * MIB, "but not when it is whole");
	close(room.out);
}

/* Otherwise other processes would find the disk full for a moment. */
static void
refused(void)
{
	struct statvfs v;
	struct v2m_err err = { .code = V2M_OK };
	int fd = v2m_io_tmpfile(NULL, &err);
	int64_t room;

	if (fd < 0 || fstatvfs(fd, &v) < 0) {
		ok(false, "no temporary file");
		return;
	}
	room = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	ok(v2m_hold_file(fd, 64 * MIB, room - MIB, &err) < 0 &&
	    err.code == V2M_TEMP && held(fd) == 0,
	    "what is refused was never taken");
	ok(v2m_hold_room(fd, 64 * MIB, room - MIB, &err) < 0 &&
	    held(fd) == 0 && length(fd) == 0, "nor room alone");
	close(fd);
}

/* SIGXFSZ would end this program. */
static void
limited(void)
{
	struct rlimit before, most;
	struct v2m_err err;
	int fd = v2m_io_tmpfile(NULL, &err);

	getrlimit(RLIMIT_FSIZE, &before);
	most = before;
	most.rlim_cur = MIB;
	setrlimit(RLIMIT_FSIZE, &most);
	ok(v2m_hold_file(fd, 8 * MIB, 0, &err) == 0 && held(fd) <= MIB,
	    "no more is held than the file may have");
	setrlimit(RLIMIT_FSIZE, &before);
	close(fd);
}

int
main(void)
{
	needs();
	holds();
	refused();
	grows();
	limited();
	return tap_done();
}
