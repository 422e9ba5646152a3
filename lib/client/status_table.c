#include "client/status_table.h"

#include "base/text.h"
#include "flow/status.h"

/* Columns needed besides ID, state and part of a name. */
#define WIDTH_ALWAYS 44
#define WIDTH_TIMES 18
#define WIDTH_SIZES 22
#define WIDTH_NAME 16

static bool
has_times(int width)
{
	return width >= WIDTH_ALWAYS + WIDTH_TIMES + WIDTH_NAME;
}

static bool
has_sizes(int width)
{
	return width >= WIDTH_ALWAYS + WIDTH_TIMES + WIDTH_SIZES + WIDTH_NAME;
}

static int
name_width(int width)
{
	int left = width - WIDTH_ALWAYS - (has_times(width) ? WIDTH_TIMES : 0) -
	    (has_sizes(width) ? WIDTH_SIZES : 0);

	return left < WIDTH_NAME ? WIDTH_NAME : left;
}

/* The columns between the percentage and the name. */
static void
print_middle(FILE *out, int width, const char *video, const char *mp3,
    const char *length, const char *age)
{
	if (has_sizes(width))
		fprintf(out, " %10s %10s", video, mp3);
	if (has_times(width))
		fprintf(out, " %8s %8s", length, age);
}

void
v2m_status_heading(FILE *out, int width)
{
	fprintf(out, "%-24s  %-10s %5s", "ID", "STATE", "");
	print_middle(out, width, "VIDEO", "MP3", "LENGTH", "AGE");
	fputs("  NAME\n", out);
}

/* The number of bytes of the first n characters of UTF-8 text. */
static int
first_characters(const char *s, int n)
{
	int at = 0;

	while (s[at] != '\0' && n-- > 0)
		do
			at++;
		while (((unsigned char)s[at] & 0xc0) == 0x80);
	return at;
}

void
v2m_status_row(FILE *out, const struct v2m_record *r, int64_t now_ms,
    int width, bool colour)
{
	bool done = r->state == V2M_JOB_DONE,
	    failed = r->state == V2M_JOB_FAILED;
	char percent[16] = "", video[32] = "-", mp3[32] = "-", length[32] = "-";
	char age[32], name[V2M_NAME_MAX + 1100], text[1024];
	const char *mark = !colour ? "" : failed ? "\033[31m" :
	    done && r->warnings[0] != '\0' ? "\033[33m" : "";

	if (r->state == V2M_JOB_RUNNING && r->progress >= 0)
		snprintf(percent, sizeof percent, "%d%%", (int)r->progress);
	if (r->length > 0)
		v2m_text_size(video, r->length);
	if (done) {
		v2m_text_size(mp3, r->mp3_length);
		v2m_text_duration(length, r->duration_ms);
	}
	v2m_status_remark(text, sizeof text, r);
	snprintf(name, sizeof name, "%s%s%s%s", r->name,
	    text[0] == '\0' ? "" : " (", text, text[0] == '\0' ? "" : ")");
	fprintf(out, "%-24s  %s%-10s%s %5s", r->id, mark, v2m_status_word(r),
	    mark[0] == '\0' ? "" : "\033[0m", percent);
	print_middle(out, width, video, mp3, length, v2m_text_age(age, now_ms -
	    r->created_at));
	fprintf(out, "  %.*s\n", first_characters(name, name_width(width)),
	    name);
}
