#include "engine/codecs.h"

#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define CONTAINERS \
	"aa,aac,ac3,act,aea,aiff,alaw,amr,amrnb,amrwb,apc,ape,aptx," \
	"aptx_hd,asf,asf_o,ast,au,avi,avr,avs,bfi,bink,brstm,caf,dhav," \
	"dsf,dss,dts,dtshd,dv,eac3,epaf,flac,flv,g722,g723_1,g729,gsm,gxf," \
	"hcom,iff,ifv,ilbc,ircam,ivf,ivr,kux,live_flv,loas,luodat,lxf," \
	"matroska,mlp,mlv,mmf,mov,mp3,mpc,mpc8,mpeg,mpegts,mtaf,mulaw," \
	"mv,mvi,mxf,mxg,nistsphere,nsv,nut,nuv,ogg,oma,pva,pvf,qcp,r3d," \
	"rm,roq,rso,sbc,shn,sln,smk,smush,sox,svag,swf,tak,truehd,tta," \
	"ty,vag,vivo,voc,vqf,w64,wav,wc3movie,webm,wsaud,wsd,wsvqa,wtv," \
	"wv,wve,xa,xmv,xvag,xwma,yop"

static char decoders[16 * 1024];
static bool debug;
static int pictures_unknown;

const char *
codecs_containers(void)
{
	return CONTAINERS;
}

const char *
codecs_decoders(void)
{
	return decoders;
}

/* libav's log is dropped, as much of it is text from the file.  With
 * V2M_MEDIA_DEBUG it goes to stderr, without control characters. */
static void
log_line(void *context, int level, const char *fmt, va_list args)
{
	static int prefix = 1;
	char line[1024];

	if (level > AV_LOG_WARNING)
		return;
	av_log_format_line2(context, level, fmt, args, line, sizeof line,
	    &prefix);
	line[strcspn(line, "\n")] = '\0';
	fprintf(stderr, "v2m-media: %s\n", v2m_text_clean(line));
}

/* The messages of libavformat for ID3v2, FLAC and Ogg, and MP4. */
static void
note_picture(const char *fmt)
{
	static const char *const words[] = {
		"Unknown attached picture mimetype", "Unknown picture mimetype",
		"Unknown cover type",
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(fmt, words[i], strlen(words[i])) == 0)
			pictures_unknown++;
}

static void
log_silently(void *context, int level, const char *fmt, va_list args)
{
	note_picture(fmt);
	if (debug)
		log_line(context, level, fmt, args);
}

int
codecs_pictures_unknown(void)
{
	return pictures_unknown;
}

void
codecs_init(void)
{
	const AVCodec *codec;
	void *state = NULL;
	size_t at = 0;

	debug = getenv("V2M_MEDIA_DEBUG") != NULL;
	av_log_set_callback(log_silently);
	while ((codec = av_codec_iterate(&state)) != NULL) {
		size_t n = strlen(codec->name);

		if (codec->type != AVMEDIA_TYPE_AUDIO ||
		    !av_codec_is_decoder(codec) ||
		    at + n + 2 > sizeof decoders)
			continue;
		if (at > 0)
			decoders[at++] = ',';
		memcpy(decoders + at, codec->name, n + 1);
		at += n;
	}
}
