/* Edit lists of MP4s: read from their boxes, and applied to packets. */
#include "engine/edits.c"

#include "tap.h"

#define MEDIA 48000
#define FILM 1000

static uint8_t file[4096];
static int64_t length;
static struct edits e;

static int64_t
read_file(void *arg, int64_t at, void *buf, int64_t n)
{
	(void)arg;
	if (at >= length)
		return 0;
	if (n > length - at)
		n = length - at;
	memcpy(buf, file + at, (size_t)n);
	return n;
}

static void
put(uint64_t v, int n)
{
	while (n-- > 0)
		file[length++] = (uint8_t)(v >> 8 * n);
}

static int64_t
open_box(const char *type)
{
	put(0, 4);
	memcpy(file + length, type, 4);
	length += 4;
	return length - 8;
}

static void
close_box(int64_t at)
{
	int64_t end = length;

	length = at;
	put((uint64_t)(end - at), 4);
	length = end;
}

/* A box with a number at its 12th byte. */
static void
leaf(const char *type, uint32_t number)
{
	int64_t at = open_box(type);

	put(0, 8);
	put(0, 4);
	put(number, 4);
	close_box(at);
}

/* Make an MP4 with one track and these entries of duration and media time. */
static void
make(const int64_t (*entry)[2], int n)
{
	int64_t moov, trak, mdia, edts, elst;

	length = 0;
	moov = open_box("moov");
	leaf("mvhd", FILM);
	trak = open_box("trak");
	leaf("tkhd", 7);
	mdia = open_box("mdia");
	leaf("mdhd", MEDIA);
	close_box(mdia);
	edts = open_box("edts");
	elst = open_box("elst");
	put(0, 4);
	put((uint64_t)n, 4);
	for (int i = 0; i < n; i++) {
		put((uint64_t)entry[i][0], 4);
		put((uint64_t)entry[i][1], 4);
		put(1 << 16, 4);
	}
	close_box(elst);
	close_box(edts);
	close_box(trak);
	close_box(moov);
	edits_read(&e, 7, length, read_file, NULL);
}

static bool
place_is(int64_t from, double start_s, int64_t front, int64_t behind)
{
	struct edits_place p = edits_place(&e, from, 1024);

	return !p.none && p.start_s > start_s - 1e-9 &&
	    p.start_s < start_s + 1e-9 && p.front == front &&
	    p.behind == behind;
}

static void
holes(void)
{
	static const int64_t usual[][2] = { { 4000, 1024 } },
	    late[][2] = { { 500, -1 }, { 4000, 0 } },
	    one[][2] = { { 1000, 0 }, { 3000, 48000 } },
	    hole[][2] = { { 1000, 1024 }, { 500, -1 }, { 3000, 49024 } },
	    left_out[][2] = { { 1000, 0 }, { 500, -1 }, { 1000, 96000 } };
	struct edits_place p;

	make(usual, 1);
	ok(!e.ours && e.n == 1, "one piece is libavformat's to play");
	make(late, 2);
	ok(!e.ours && e.first_s == 0.5, "so is one that begins late");
	make(one, 2);
	ok(!e.ours && e.n == 1 && e.e[0].to == 192000,
	    "two that follow each other are one");
	make(hole, 3);
	ok(e.ours && e.end_s == 4.5 && edits_length_s(&e, -1) == 4.5,
	    "a hole in the middle is not");
	ok(edits_place(&e, 0, 1024).none && place_is(1024, 0, 0, 0),
	    "what comes before its start is left out");
	ok(place_is(48128, 47104 / 48000.0, 0, 0),
	    "a packet on the edge of a hole stays whole");
	ok(place_is(49152, 1.5 + 128 / 48000.0, 0, 0), "on behind it");
	make(hole, 3);
	ok(place_is(512, 0, 512, 0), "part of a packet is left out, too");
	make(hole, 3);
	p = edits_place(&e, 312, 0);
	ok(!p.none && p.start_s == 0 && p.front == 712,
	    "part of one of unknown length as well");
	make(left_out, 3);
	ok(place_is(47104, 47104 / 48000.0, 0, 128),
	    "cut where the media does not go on");
	ok(edits_place(&e, 50000, 1024).none, "nothing of what is left out");
	ok(place_is(95232, 1.5, 768, 0), "and on at the sample");
	ok(place_is(143360, 1.5 + 47360 / 48000.0, 0, 384),
	    "cut at the end");
	ok(edits_place(&e, 144384, 1024).none, "nothing behind it");
}

static void
back(void)
{
	static const int64_t list[][2] = {
		{ 1000, 48000 }, { 500, -1 }, { 10, 0 }, { 1000, 4800 }
	};
	struct edits_place p;

	make(list, 4);
	ok(e.ours && e.n == 3, "one that goes back is ours");
	p = edits_place(&e, 95232, 1024);
	ok(!p.none && p.behind == 256,
	    "the packet in which a piece ends is cut");
	ok(p.back && p.back_to == 0, "and then it goes back");
	p = edits_place(&e, 0, 1024);
	ok(!p.none && p.start_s == 1.5,
	    "a piece within a packet, behind the hole");
	ok(p.behind == 544 && !p.back, "is cut, and nothing goes back");
	ok(edits_place(&e, 2048, 1024).none, "then what lies between");
	ok(place_is(4096, 1.51, 704, 0), "on with the next");
	make(list, 4);
	p = edits_place(&e, 100000, 1024);
	ok(p.none && p.back, "back also where the media has a hole");
}

static void
odd_lists(void)
{
	static const int64_t rest[][2] = { { 0, 1024 } };

	make(rest, 1);
	ok(e.ours && place_is(INT64_C(48000000), 999.9786666666667, 0, 0),
	    "a duration of 0 is all the rest");
	ok(edits_length_s(&e, 49024) == 1, "of what there is");
	make(rest, 1);
	for (int64_t n = length; n > 0; n--) {
		length = n - 1;
		edits_read(&e, 7, length, read_file, NULL);
		if (e.ours)
			break;
	}
	ok(!e.ours, "a file that is cut off has none");
	make(rest, 1);
	edits_read(&e, 8, length, read_file, NULL);
	ok(!e.ours && e.n == 0, "no such track");
}

int
main(void)
{
	holes();
	back();
	odd_lists();
	return tap_done();
}
