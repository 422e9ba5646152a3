#include "engine/kind.h"

#include <ctype.h>
#include <libavcodec/avcodec.h>
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MPEGH 0x2d		/* stream types in TS: MPEG-H 3D Audio, */
#define MPEGH_MORE 0x2e		/* and its auxiliary streams */
#define USAC 42			/* audio object type of xHE-AAC */
#define ESCAPE 31		/* object type of more than 5 bits */

/* The audio object type in an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1);
 * 0: there is none. */
static int
object_type(const AVCodecParameters *p)
{
	int type;

	if (p->codec_id != AV_CODEC_ID_AAC || p->extradata_size < 2)
		return 0;
	type = p->extradata[0] >> 3;
	if (type == ESCAPE)
		type = 32 + ((p->extradata[0] & 7) << 3 |
		    p->extradata[1] >> 5);
	return type;
}

static bool
opens(const AVCodec *codec, const AVCodecParameters *p)
{
	AVCodecContext *ctx = avcodec_alloc_context3(codec);
	bool good = ctx != NULL &&
	    avcodec_parameters_to_context(ctx, p) >= 0 &&
	    avcodec_open2(ctx, codec, NULL) >= 0;

	avcodec_free_context(&ctx);
	return good;
}

/* FFmpeg's AAC decoder supports parts of xHE-AAC since 7.1: try to open it. */
bool
kind_decodable(const AVStream *st)
{
	const AVCodecParameters *p = st->codecpar;
	const AVCodec *codec = avcodec_find_decoder(p->codec_id);

	return codec != NULL && (object_type(p) != USAC || opens(codec, p));
}

/* Set name to a codec tag of up to four printable characters. */
static bool
letters(char name[KIND_SIZE], uint32_t tag)
{
	size_t n = 0;

	for (; n < 4; n++)
		name[n] = (char)(tag >> 8 * n & 0xff);
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\0'))
		n--;
	name[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)name[i]))
			return false;
	return n > 1;
}

char *
kind_name(char name[KIND_SIZE], const AVStream *st)
{
	const AVCodecParameters *p = st->codecpar;
	bool known = p->codec_type == AVMEDIA_TYPE_AUDIO &&
	    p->codec_id != AV_CODEC_ID_NONE;

	if (object_type(p) == USAC)
		return v2m_text_copy(name, KIND_SIZE, "xHE-AAC");
	if (p->codec_tag == MPEGH || p->codec_tag == MPEGH_MORE)
		return v2m_text_copy(name, KIND_SIZE, "MPEG-H");
	if (avcodec_find_decoder(p->codec_id) == NULL &&
	    letters(name, p->codec_tag))
		return name;
	if (known)
		return v2m_text_copy(name, KIND_SIZE,
		    avcodec_get_name(p->codec_id));
	/* A codec number of RIFF. */
	if (p->codec_tag != 0)
		snprintf(name, KIND_SIZE, "0x%04x", (unsigned)p->codec_tag);
	else
		v2m_text_copy(name, KIND_SIZE, "unknown");
	return name;
}

bool
kind_unknown_sound(const AVStream *st)
{
	static const uint32_t tags[] = {
		MKTAG('A', 'C', '-', '4'), MKTAG('M', 'H', 'A', 'S'),
		MPEGH, MPEGH_MORE,
	};
	enum AVMediaType type = st->codecpar->codec_type;

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if ((type == AVMEDIA_TYPE_DATA ||
		    type == AVMEDIA_TYPE_UNKNOWN) &&
		    st->codecpar->codec_tag == tags[i])
			return true;
	return false;
}

static bool
has_entry(const AVDictionary *d, const char *key)
{
	return av_dict_get(d, key, NULL, 0) != NULL;
}

/* QuickTime and Audible by their codec tags, Matroska and Windows Media by
 * metadata that libavformat sets. */
bool
kind_encrypted(const AVFormatContext *fmt, const AVStream *st)
{
	static const uint32_t tags[] = {
		MKTAG('d', 'r', 'm', 's'), MKTAG('e', 'n', 'c', 'a'),
		MKTAG('a', 'a', 'v', 'd'),
	};

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (st->codecpar->codec_tag == tags[i])
			return true;
	return has_entry(st->metadata, "enc_key_id") ||
	    has_entry(fmt->metadata, "asf_protection_type");
}

bool
kind_packet_encrypted(const AVPacket *pkt)
{
	return av_packet_get_side_data(pkt, AV_PKT_DATA_ENCRYPTION_INFO,
	    NULL) != NULL;
}

int
kind_refuse_encrypted(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DATA, "it is encrypted");
}
