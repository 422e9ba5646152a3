/* The helper's parser of pictures, and the part of the sound that is cut. */
#include "engine/cut.h"
#include "engine/picture.h"

#include "tap.h"

static struct picture
read_text(const char *bytes, size_t n)
{
	struct picture p;

	picture_read(&p, (const uint8_t *)bytes, n);
	return p;
}
#define READ(bytes) read_text((bytes), sizeof(bytes) - 1)

static bool
is_picture(struct picture p, enum v2m_cover kind, int width, int height)
{
	printf("# %d: %d x %d\n", (int)p.kind, p.width, p.height);
	return p.kind == kind && p.width == width && p.height == height;
}

#define PNG "\x89PNG\r\n\x1a\n"
#define APP0 "\xff\xe0\0\4ab"
#define SOF0 "\xff\xc0\0\x0b\x08\1\2\3\4\1\0\0\0"	/* 772 x 258 */

static void
pictures(void)
{
	ok(is_picture(READ(""), V2M_COVER_NONE, 1, 1),
	    "no bytes are no picture");
	ok(is_picture(READ("GIF89a........"), V2M_COVER_NONE, 1, 1), "a GIF");
	ok(is_picture(READ("\xff\xd8"), V2M_COVER_NONE, 1, 1), "too short");
	ok(is_picture(READ("\xff\xd8" SOF0), V2M_COVER_JPEG, 772, 258),
	    "a JPEG");
	ok(is_picture(READ("\xff\xd8" APP0 "\xff\xff" SOF0), V2M_COVER_JPEG,
	    772, 258), "one with segments and filling in front");
	ok(is_picture(READ("\xff\xd8\xff\xc4\0\3\1" SOF0), V2M_COVER_JPEG,
	    772, 258), "tables are no frame");
	ok(is_picture(READ("\xff\xd8\xff\xc2\0\x0b\x08\xff\xff\xff\xff"),
	    V2M_COVER_JPEG, 65535, 65535), "the largest, progressive");
	ok(is_picture(READ("\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\0\0\0"),
	    V2M_COVER_JPEG, 1, 1), "one of 0 x 0");
	ok(is_picture(READ("\xff\xd8\xff\xe0\xff\xff" SOF0), V2M_COVER_JPEG,
	    1, 1), "a segment longer than the file");
	ok(is_picture(READ("\xff\xd8\xff\xe0\0\0" SOF0), V2M_COVER_JPEG, 1, 1),
	    "a segment of no length");
	ok(is_picture(READ("\xff\xd8" APP0 "ab" SOF0), V2M_COVER_JPEG, 1, 1),
	    "no marker where there should be one");
	ok(is_picture(READ("\xff\xd8\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	    V2M_COVER_JPEG, 1, 1), "nothing but filling");
	ok(is_picture(READ("\xff\xd8\xff\xc0\0\x0b\x08\1\2\3"),
	    V2M_COVER_JPEG, 1, 1), "cut in its frame");
	ok(is_picture(READ(PNG "\0\0\0\rIHDR\0\0\1\2\0\0\3\4"), V2M_COVER_PNG,
	    258, 772), "a PNG");
	ok(is_picture(READ(PNG "\0\0\0\rIHDR\x80\0\1\2\0\0\3\4"),
	    V2M_COVER_PNG, 1, 1), "one that is too wide");
	ok(is_picture(READ(PNG "\0\0\0\rIDAT\0\0\1\2\0\0\3\4"), V2M_COVER_PNG,
	    1, 1), "one that begins with something else");
	ok(is_picture(READ(PNG "\0\0\0\rIHDR\0\0\1\2\0\0\3"), V2M_COVER_PNG,
	    1, 1), "one that is cut");
}

/* Takes blocks of n, up to all; how many were wanted, and from where on. */
static int64_t
taken(int from_ms, int to_ms, int n, int64_t all, int64_t *first_of_all)
{
	struct cut c;
	int64_t sum = 0;
	int first, count;

	cut_init(&c, 44100, from_ms, to_ms);
	*first_of_all = -1;
	for (int64_t at = 0; at < all; at += n) {
		cut_take(&c, n, &first, &count);
		if (count > 0 && *first_of_all < 0)
			*first_of_all = at + first;
		if (count < 0 || first < 0 || first + count > n)
			return -1;
		sum += count;
	}
	return sum;
}

static void
cuts(void)
{
	static const int blocks[] = { 1, 7, 441, 1000, 44100 };
	struct cut c;
	int64_t first;
	bool good = true;

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
		good &= taken(500, 1500, blocks[i], 88200, &first) == 44100 &&
		    first == 22050;
	ok(good, "a second, whatever the blocks");
	ok(taken(0, 0, 441, 88200, &first) == 88200 && first == 0,
	    "all of a sound that is not cut");
	ok(taken(0, 1, 441, 88200, &first) == 44 && first == 0,
	    "a millisecond");
	ok(taken(3000, 0, 441, 88200, &first) == 0 && first == -1,
	    "behind the end");
	ok(taken(1999, 9000, 441, 88200, &first) == 88200 - 88156 &&
	    first == 88156, "up to the end and beyond");
	cut_init(&c, 48000, 1000, 2000);
	ok(cut_within(&c, 0, 48000) == 0 && cut_within(&c, 0, 48001) == 1 &&
	    cut_within(&c, 60000, 100) == 100 &&
	    cut_within(&c, 95999, 100) == 1 && cut_within(&c, 96000, 1) == 0,
	    "what of a stretch lies within");
	c.at = 95999;
	ok(!cut_over(&c), "one sample is missing");
	c.at++;
	ok(cut_over(&c), "and now all are there");
}

int
main(void)
{
	pictures();
	cuts();
	return tap_done();
}
