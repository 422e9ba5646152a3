#include "media/walk.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/frame.h"

#include "tap.h"

/* An MP3 made by hand: an ID3 tag, a Xing frame, and frames of MPEG-1, 128
 * kbit/s, 44.1 kHz, stereo: 417 bytes each. */
#define FRAMES 5
#define FRAME 417
#define ID3 30
#define XING (ID3 + 4 + 32)
#define SIZE (ID3 + (1 + FRAMES) * FRAME)

static uint8_t mp3[SIZE + 16];

static void
be(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void
make(void)
{
	static const uint8_t head[4] = { 0xff, 0xfb, 0x90, 0x44 };

	memset(mp3, 0, sizeof mp3);
	memcpy(mp3, "ID3\3\0\0\0\0\0\x14", 10);
	for (int i = 0; i <= FRAMES; i++)
		memcpy(mp3 + ID3 + i * FRAME, head, 4);
	memcpy(mp3 + XING, "Xing\0\0\0\xf", 8);
	be(mp3 + XING + 8, FRAMES);
	be(mp3 + XING + 12, (1 + FRAMES) * FRAME);
	mp3[XING + 141] = 576 >> 4;
	mp3[XING + 142] = (576 & 0xf) << 4 | 1000 >> 8;
	mp3[XING + 143] = 1000 & 0xff;
}

static int
walk(size_t size, struct v2m_mp3 *m, struct v2m_err *err)
{
	char name[] = "/tmp/v2m-walk.XXXXXX";
	int fd = mkstemp(name), ret;

	unlink(name);
	if (write(fd, mp3, size) != (ssize_t)size)
		abort();
	ret = v2m_mp3_walk(fd, m, err);
	close(fd);
	return ret;
}

static void
refused(size_t size, const char *what)
{
	struct v2m_mp3 m;
	struct v2m_err err = { .code = V2M_OK };

	ok(walk(size, &m, &err) < 0 && err.code == V2M_DATA, what);
	printf("#   %s\n", err.msg);
	make();
}

static void
damaged(size_t at, int with, const char *what)
{
	mp3[at] = (uint8_t)with;
	refused(SIZE, what);
}

static void
any_byte_changed(void)
{
	struct v2m_mp3 m;
	int crossed = 0;

	srand(1);
	for (int i = 0; i < 20000; i++) {
		make();
		for (int k = rand() % 4; k >= 0; k--)
			mp3[rand() % SIZE] = (uint8_t)rand();
		if (walk((size_t)(rand() % (SIZE + 1)), &m, NULL) == 0)
			crossed += m.samples <= 0 || m.frames < 1;
	}
	ok(crossed == 0, "20,000 damaged files: refused, or sensible");
	make();
}

static void
rates(void)
{
	static const struct {
		int source, mp3;
	} wanted[] = {
		{ 8000, 8000 }, { 11025, 11025 }, { 44100, 44100 },
		{ 96000, 48000 }, { 192000, 48000 }, { 88200, 44100 },
		{ 176400, 44100 }, { 64000, 32000 }, { 37800, 44100 },
		{ 1, 8000 }, { 50000, 48000 }, { 7350, 8000 },
	};
	bool good = true;

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		good &= v2m_frame_rate(wanted[i].source) == wanted[i].mp3;
	ok(good, "a rate for every source");
	ok(v2m_frame_bitrate(44100, 8) == 32, "32 kbit/s at least at 44100 Hz");
	ok(v2m_frame_bitrate(22050, 320) == 160, "160 at most at 22050 Hz");
	ok(v2m_frame_bitrate(8000, 160) == 64, "64 at most at 8000 Hz");
	ok(v2m_frame_bitrate(48000, 192) == 192, "192 as it is at 48000 Hz");
}

int
main(void)
{
	struct v2m_mp3 m;
	struct v2m_err err = { .code = V2M_OK };

	make();
	ok(walk(SIZE, &m, &err) == 0, "a sound file");
	ok(m.rate_hz == 44100 && m.channels == 2, "its rate and its channels");
	ok(m.frames == FRAMES && m.samples_per_frame == 1152, "its frames");
	ok(m.delay == 576 && m.padding == 1000, "its delay and its padding");
	ok(m.samples == FRAMES * 1152 - 1576, "its samples without these");
	ok(m.bytes == SIZE && m.id3_bytes == ID3, "its bytes, and its tag's");
	refused(0, "an empty file");
	refused(5, "five bytes");
	refused(ID3, "a tag and nothing else");
	refused(ID3 + FRAME, "no frame of sound");
	refused(SIZE - 1, "the last byte missing");
	refused(SIZE + 1, "a byte too many");
	refused(SIZE - FRAME, "a frame missing");
	damaged(6, 0x80, "a tag of impossible size");
	damaged(7, 0x7f, "a tag larger than the file");
	damaged(XING, 'Y', "no Xing frame");
	damaged(XING + 7, 0xe, "a Xing frame without a count");
	damaged(XING + 11, FRAMES + 1, "a wrong count of frames");
	damaged(XING + 15, 1, "a wrong count of bytes");
	damaged(ID3 + 2 * FRAME, 0xfe, "a frame without its sync");
	damaged(ID3 + 2 * FRAME + 1, 0xfd, "Layer II");
	damaged(ID3 + 2 * FRAME + 1, 0xf3, "another version");
	damaged(ID3 + 2 * FRAME + 2, 0x94, "another rate");
	damaged(ID3 + 2 * FRAME + 2, 0x00, "no bitrate");
	damaged(ID3 + 2 * FRAME + 2, 0xf0, "a bitrate that is none");
	damaged(ID3 + 2 * FRAME + 2, 0x92, "padding that is not there");
	damaged(ID3 + 2 * FRAME + 3, 0xc4, "mono within stereo");
	any_byte_changed();
	rates();
	return tap_done();
}
