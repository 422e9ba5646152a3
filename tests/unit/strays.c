/* What is between the frames of joined MP3 files. */
#include "engine/strays.c"

#include "tap.h"

static uint8_t bytes[512];

static size_t
tag(const char *head, size_t n)
{
	memset(bytes, 0, sizeof bytes);
	memcpy(bytes, head, n);
	return strays_tag(bytes, sizeof bytes);
}

static void
tags(void)
{
	char ape[32] = "APETAGEX\xd0\7\0\0\0\1\0";

	ok(tag("ID3\4\0\0\0\0\1\2", 10) == 140, "an ID3v2 tag");
	ok(tag("ID3\4\0\x10\0\1\0\0", 10) == 16404, "with a footer");
	ok(tag("ID3\4\0\0\0\0\x81\2", 10) == 0, "its size has seven bits");
	ok(tag("TAG", 3) == 128, "an ID3v1 tag");
	ok(tag("LYRICSBEGININD00002000000015LYRICS200", 37) == 37,
	    "lyrics of Lyrics3");
	ok(tag("LYRICSBEGINla laLYRICSEND", 25) == 25, "the old ones");
	ok(tag("LYRICSBEGINla la", 16) == sizeof bytes, "or part of them");
	ok(tag(ape, sizeof ape) == 32, "the footer of APE");
	ape[23] = (char)0xa0;
	ok(tag(ape, sizeof ape) == 32 + 256, "all of it, behind its header");
	ok(tag("\xff\xfb\x90", 3) == 0, "a frame is none");
	ok(strays_tag((const uint8_t *)"ID3", 3) == 0, "nor are three bytes");
}

static void
xing(void)
{
	static const uint8_t head[4] = { 0xff, 0xfb, 0x90, 0xc0 };

	memset(bytes, 0, sizeof bytes);
	memcpy(bytes, head, sizeof head);
	ok(!strays_xing(bytes, 417), "a silent frame is none of Xing");
	memcpy(bytes + 21, "Info", 4);
	ok(strays_xing(bytes, 417), "its word behind the side information");
	ok(!strays_xing(bytes, 24), "of which not all is there");
	bytes[10] = 1;
	ok(!strays_xing(bytes, 417), "where there is sound it is chance");
}

int
main(void)
{
	tags();
	xing();
	return tap_done();
}
