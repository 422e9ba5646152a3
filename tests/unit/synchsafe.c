/* Sizes in an ID3v2.4 tag, put right in a file. */
#include "engine/synchsafe.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#define HEAD 10	/* bytes, of a tag and of a frame */

static uint8_t tag[4096];
static size_t length;

static void
begin(void)
{
	memcpy(tag, "ID3\4\0\0\0\0\0\0", HEAD);
	length = HEAD;
}

/* A frame of n bytes, none of them zero; its size as `sevens` wants it. */
static void
frame(const char *name, unsigned n, bool in_sevens)
{
	memcpy(tag + length, name, 4);
	for (int i = 0; i < 4; i++)
		tag[length + 4 + (size_t)i] = in_sevens ?
		    n >> 7 * (3 - i) & 0x7f : n >> 8 * (3 - i) & 0xff;
	tag[length + 8] = tag[length + 9] = 0;
	memset(tag + length + HEAD, 'x', n);
	length += HEAD + n;
}

/* With so many bytes of filling, through a file. */
static void
repaired(unsigned filling)
{
	FILE *f = tmpfile();
	size_t n = length + filling - HEAD;

	memset(tag + length, 0, filling);
	length += filling;
	for (int i = 0; i < 4; i++)
		tag[6 + i] = n >> 7 * (3 - i) & 0x7f;
	if (f == NULL || fwrite(tag, 1, length, f) != length ||
	    fputs("\xff\xfb and the sound", f) < 0 || fflush(f) != 0 ||
	    synchsafe_repair(fileno(f)) < 0 ||
	    pread(fileno(f), tag, length, 0) != (ssize_t)length)
		exit(99);
	fclose(f);
}

static int64_t
sevens(const uint8_t *p)
{
	return (int64_t)p[0] << 21 | p[1] << 14 | p[2] << 7 | p[3];
}

/* Are the frames of these sizes there, one behind the other? */
static bool
holds(const unsigned *sizes, int n)
{
	size_t at = HEAD;

	for (int i = 0; i < n; i++) {
		if (sevens(tag + at + 4) != (int64_t)sizes[i])
			return false;
		at += HEAD + sizes[i];
	}
	return at <= length;
}

int
main(void)
{
	static const unsigned sizes[] = { 300, 127, 128, 300, 1500 };
	static const char *const names[] = {
		"TIT2", "CHAP", "CTOC", "CHAP", "CHAP"
	};
	uint8_t before[sizeof tag];

	for (unsigned filling = 0; filling <= 20; filling += 10) {
		for (int right = 0; right < 2; right++) {
			begin();
			for (int i = 0; i < 5; i++)
				frame(names[i], sizes[i], right || i == 0);
			repaired(filling);
			ok(holds(sizes, 5), right ? "they were right" :
			    "they are right now");
		}
	}
	begin();
	frame("CHAP", 300, false);
	tag[3] = 3;
	memcpy(before, tag, length);
	repaired(0);
	ok(memcmp(before + HEAD, tag + HEAD, length - HEAD) == 0,
	    "ID3v2.3 is left alone");
	begin();
	frame("CHAP", 300, false);
	tag[HEAD + 5] = 0x7f;	/* beyond the tag */
	memcpy(before, tag, length);
	repaired(0);
	ok(memcmp(before + HEAD, tag + HEAD, length - HEAD) == 0,
	    "nonsense is left alone");
	return tap_done();
}
