/* --list-tracks */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/text.h"
#include "run.h"

static const struct {
	enum v2m_track_flag flag;
	const char *word, *key;		/* for people, and in JSON */
} track_flags[] = {
	{ V2M_TRACK_USUAL, "taken", "taken" },
	{ V2M_TRACK_DEFAULT, "default", "default" },
	{ V2M_TRACK_COMMENTARY, "commentary", "commentary" },
	{ V2M_TRACK_DESCRIPTIVE, "descriptive", "descriptive" },
	{ V2M_TRACK_HARD_OF_HEARING, "hearing-impaired", "hearing_impaired" },
	{ V2M_TRACK_UNDECODABLE, "undecodable", "undecodable" },
	{ V2M_TRACK_ENCRYPTED, "encrypted", "encrypted" },
};

#define NFLAGS (sizeof track_flags / sizeof track_flags[0])

static void
print_track_json(const char *in, int number, const struct v2m_media_track *t)
{
	json_t *o = json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:s}",
	    "input", in, "track", number, "codec", t->codec,
	    "rate", t->rate_hz, "channels", t->channels,
	    "language", t->language, "title", t->title);

	for (size_t i = 0; i < NFLAGS; i++)
		json_object_set_new(o, track_flags[i].key,
		    json_boolean(t->flags & track_flags[i].flag));
	v2m_cli_print_json(o);
}

static void
print_track(const char *in, int number, const struct v2m_media_track *t)
{
	const char *comma = "";

	if (in != NULL)
		printf("%s\t", in);
	printf("%d\t%s\t%s\t%d Hz\t%d ch\t", number, t->language, t->codec,
	    t->rate_hz, t->channels);
	for (size_t i = 0; i < NFLAGS; i++)
		if (t->flags & track_flags[i].flag) {
			printf("%s%s", comma, track_flags[i].word);
			comma = ",";
		}
	printf("%s\t%s\n", *comma == '\0' ? "-" : "", t->title);
}

static void
list(struct run *run, int i)
{
	const char *shown = run_input_name(run, i);
	struct v2m_media_input in = { .fd = -1, .name = shown };
	struct v2m_media_tracks tracks;
	struct v2m_err err;
	char clean[PATH_MAX];
	int ret;

	in.fd = run_open_input(run, i, &in.length, &err);
	ret = in.fd < 0 ? -1 : v2m_media_list_tracks(run->media, &in,
	    v2m_media_until_stopped, NULL, &tracks, &err);
	if (in.fd > STDERR_FILENO)
		close(in.fd);
	if (ret < 0) {
		if (v2m_stop_count() == 0)
			v2m_cli_failed(run->cli, &run->tally, shown, &err);
		return;
	}
	v2m_text_copy(clean, sizeof clean, shown);
	for (int k = 0; k < tracks.n; k++) {
		if (run->cli->json)
			print_track_json(clean, k + 1, &tracks.tracks[k]);
		else
			print_track(run->n > 1 ? clean : NULL, k + 1,
			    &tracks.tracks[k]);
	}
	fflush(stdout);
	v2m_tally_done(&run->tally);
}

void
run_list_tracks(struct run *run)
{
	for (int i = 0; i < run->n && v2m_stop_count() == 0; i++)
		list(run, i);
}
