/* Composing notifications: headers, encodings, the template, hostile texts.
 * With a folder as argument it writes files there which
 * tests/flow/mail-decode.t reads with another program: N.eml, and N.name,
 * N.subject with the expected values. */
#include "mail/mail.h"

#include <stdlib.h>
#include <unistd.h>

#include "mail/private.h"
#include "tap.h"

#define ID "0123456789abcdef01234567"
#define MP3 "fedcba98765432100fedcba9"

static char template_path[64];

static const char *const hostile[] = {
	"talk.mp4",
	"a\r\nBcc: eve@example.org\r\n\r\nbody.mp4",
	"a\nBcc: eve@example.org",
	"\"; rm -rf / #$(id)`id`'.mp4",
	"\xc3\xa4\xc3\xb6\xc3\xbc \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"
	    "\xf0\x9f\x8e\xb5.mp4",
	"abc\xe2\x80\xaegpj.exe",
	"line\xe2\x80\xa8separator\xe2\x80\xa9",
	"{id} {mp3} {unknown} {{x}}",
	"[failed]",
	"mp3 file_id: 666666666666666666666666 is now ready!",
	"=?utf-8?Q?=0D=0ABcc:_eve@example.org?=",
	" leading and trailing ",
	"From here to there",
	".",
	"bad \xff\xfe utf-8 \xc0\xaf \xed\xa0\x80",
	"100% =3D %s %n",
	"\x1b[2J\x07\x7f\xc2\x85",
	NULL
};

static void
load(struct v2m_conf *conf, const char *notify, const char *from,
    const char *template)
{
	const struct v2m_conf_override o[] = {
		{ "notify", notify }, { "mail_from", from },
		{ "mail_template", template }, { NULL, NULL }
	};
	struct v2m_err err;

	if (v2m_conf_load(conf, NULL, o, &err) < 0)
		give_up("%s", err.msg);
}

static struct v2m_notification
notification(const char *name, bool done)
{
	return (struct v2m_notification){ .id = ID, .to = "ann@example.org",
		.name = name, .mp3_name = "talk.mp3", .mp3 = done ? MP3 : "",
		.mp3_length = 4 << 20, .duration_ms = 65000,
		.reason = done ? "" : "no sound in it", .generation = 1 };
}

/* The header of that name, up to its line's end; NULL: there is none, or
 * two. */
static char *
header(const struct v2m_mail_message *m, const char *name)
{
	char key[64], *at, *end = strstr(m->text, "\r\n\r\n");

	snprintf(key, sizeof key, "\r\n%s: ", name);
	at = strstr(m->text, key);
	if (at == NULL || at > end)
		return NULL;
	if (strstr(at + 1, key) != NULL && strstr(at + 1, key) < end)
		return NULL;
	at += strlen(key);
	return strndup(at, (size_t)(strstr(at, "\r\n") - at));
}

static bool
has_header(const struct v2m_mail_message *m, const char *name,
    const char *value)
{
	char *got = header(m, name);
	bool same = got != NULL && strcmp(got, value) == 0;

	if (!same)
		printf("# %s: %s\n", name, got == NULL ? "(none)" : got);
	free(got);
	return same;
}

static const char *
body_of(const struct v2m_mail_message *m)
{
	return strstr(m->text, "\r\n\r\n") + 4;
}

/* The rules that every message must follow. */
static bool
well_formed(const struct v2m_mail_message *m)
{
	const char *line, *end, *p;
	size_t headers = 0;
	bool head = true;

	if (strlen(m->text) != m->length || m->length < 2)
		return false;
	for (line = m->text; *line != '\0'; line = end + 2) {
		end = strstr(line, "\r\n");
		if (end == NULL || end - line > 78)
			return false;
		for (p = line; p < end; p++)
			if (*p < ' ' || *p > '~')
				return false;
		if (line == end)
			head = false;
		if (head && *line != ' ')
			headers++;
	}
	return !head && headers == 9;
}

static void
test_done(const struct v2m_conf *conf)
{
	static const char *const warnings[] = { "truncated: 20 s of 60 s",
		"3 damaged packets skipped", NULL };
	struct v2m_notification n = notification("talk.mp4", true);
	struct v2m_mail_message m;
	struct v2m_err err;

	n.warnings = warnings;
	ok(v2m_mail_compose(conf, &n, &m, &err) == 0, "a finished job");
	ok(well_formed(&m), "is a well-formed message");
	ok(has_header(&m, "Subject", "MP3 Download"),
	    "the subject of a mail that an MP3 is ready");
	ok(has_header(&m, "To", "ann@example.org"), "To is the owner");
	ok(has_header(&m, "From", "v2m@example.org"), "From is mail_from");
	is(m.from, "v2m@example.org", "sender of the envelope");
	ok(has_header(&m, "Message-ID", "<" ID ".1.done@example.org>"),
	    "message ID");
	is(m.message_id, "<" ID ".1.done@example.org>", "the same outside");
	ok(has_header(&m, "Content-Transfer-Encoding", "7bit"),
	    "plain ASCII goes as 7bit");
	ok(has_header(&m, "Auto-Submitted", "auto-generated"),
	    "the mail says that it is automatic");
	ok(strstr(m.text, "\r\nmp3 file_id: " MP3 " is now ready!\r\n") !=
	    NULL, "the line that scripts look for");
	ok(strstr(m.text, "\r\nv2m-fetch " ID "\r\n") != NULL,
	    "the command that fetches it");
	ok(strstr(m.text, "1:05") != NULL && strstr(m.text, "4.2 MB") != NULL,
	    "duration and size");
	ok(strstr(m.text, "\r\nnote: truncated: 20 s of 60 s\r\n"
	    "note: 3 damaged packets skipped\r\n") != NULL,
	    "each warning is a line of the mail");
	v2m_mail_message_release(&m);
	n.warnings = NULL;
	ok(v2m_mail_compose(conf, &n, &m, &err) == 0 &&
	    strstr(m.text, "note:") == NULL, "no warning, no such line");
	v2m_mail_message_release(&m);
}

static void
test_date(const struct v2m_conf *conf)
{
	struct v2m_notification n = notification("talk.mp4", true);
	struct v2m_mail_message m;
	struct v2m_err err;
	char day[8], month[8], rest[32];
	int date, year, h, min, s;

	if (v2m_mail_compose(conf, &n, &m, &err) < 0) {
		ok(false, err.msg);
		return;
	}
	ok(sscanf(m.text, "Date: %3s, %2d %3s %4d %2d:%2d:%2d %5s", day, &date,
	    month, &year, &h, &min, &s, rest) == 8 &&
	    strcmp(rest, "+0000") == 0, "date in UTC");
	v2m_mail_message_release(&m);
}

static void
test_failed(const struct v2m_conf *conf)
{
	struct v2m_notification n = notification("talk.mp4", false);
	struct v2m_mail_message m;
	struct v2m_err err;

	n.reason = "mp3 file_id: 6 is now ready!\r\nX: y";
	ok(v2m_mail_compose(conf, &n, &m, &err) == 0, "a failed job");
	ok(well_formed(&m), "is a well-formed message");
	ok(has_header(&m, "Subject", "MP3 failed: talk.mp4"),
	    "the subject of a mail that a job failed");
	ok(has_header(&m, "Message-ID", "<" ID ".1.failed@example.org>"),
	    "message ID");
	ok(strcasestr(m.text, "file_id:") == NULL,
	    "never the line of a finished one");
	ok(strstr(m.text, "ready!??X: y") != NULL, "the reason, in one line");
	v2m_mail_message_release(&m);
}

static void
test_hostile(const struct v2m_conf *conf)
{
	struct v2m_mail_message m;
	struct v2m_notification n;
	struct v2m_err err;
	size_t i;
	int done;

	for (i = 0; hostile[i] != NULL; i++)
		for (done = 0; done < 2; done++) {
			n = notification(hostile[i], done == 1);
			n.reason = hostile[i];
			n.mp3_name = hostile[i];
			ok(v2m_mail_compose(conf, &n, &m, &err) == 0 &&
			    well_formed(&m), "a hostile name");
			ok(strstr(m.text, "\r\nBcc") == NULL &&
			    strstr(m.text, "\r\nX:") == NULL,
			    "adds no header and no line");
			ok(strstr(m.text, "file_id: 6") == NULL,
			    "forges no ID");
			ok((strstr(m.text, "\r\nmp3 file_id: " MP3
			    " is now ready!\r\n") != NULL) == (done == 1),
			    "and the true line is there or not");
			v2m_mail_message_release(&m);
		}
}

static void
test_long_names(const struct v2m_conf *conf)
{
	char name[256];
	struct v2m_mail_message m;
	struct v2m_notification n;
	struct v2m_err err;
	size_t len, width;
	bool good = true;

	for (width = 1; width <= 4; width++)
		for (len = width; len <= 255; len += width) {
			static const char *const chars[] = { "x", "\xc3\xa9",
				"\xe6\x97\xa5", "\xf0\x9f\x8e\xb5" };
			size_t i;

			for (i = 0; i + width <= len; i += width)
				memcpy(name + i, chars[width - 1], width);
			name[i] = '\0';
			n = notification(name, false);
			if (v2m_mail_compose(conf, &n, &m, &err) < 0) {
				good = false;
				continue;
			}
			good = good && well_formed(&m);
			v2m_mail_message_release(&m);
		}
	ok(good, "names of every length, in characters of 1 to 4 bytes");
}

/* The first byte that this base64 text encodes. */
static int
first_byte(const char *base64)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	return (int)(strchr(digits, base64[0]) - digits) << 2 |
	    (int)(strchr(digits, base64[1]) - digits) >> 4;
}

/* RFC 2047, section 5: each encoded word has whole characters, wherever they
 * are in the line. */
static void
test_words_end_between_characters(void)
{
	int shift, words = 0, cut = 0;

	for (shift = 0; shift < 12; shift++) {
		char text[200] = "", *out = NULL, *word;
		size_t n;
		FILE *f = open_memstream(&out, &n);

		memset(text, 'x', (size_t)shift);
		for (int i = 0; i < 30; i++)
			strcat(text, i % 2 ? "\xf0\x9f\x8e\xb5" : "\xc3\xa4");
		v2m_header_text(f, "Subject", text);
		fclose(f);
		for (word = out; (word = strstr(word, "=?utf-8?B?")) != NULL;
		    words++) {
			word += strlen("=?utf-8?B?");
			cut += (first_byte(word) & 0xc0) == 0x80;
		}
		free(out);
	}
	ok(words > 24, "long subjects have several encoded words");
	ok(cut == 0, "none begins inside a character");
}

static void
test_missing_facts(const struct v2m_conf *conf)
{
	struct v2m_notification n = { .id = ID, .to = "ann@example.org",
		.mp3 = MP3 };
	struct v2m_mail_message m;
	struct v2m_err err;

	ok(v2m_mail_compose(conf, &n, &m, &err) == 0 && well_formed(&m) &&
	    strstr(m.text, "length:   unknown") != NULL,
	    "a foreign job without a name, a size and a duration");
	v2m_mail_message_release(&m);
	n.mp3 = NULL;
	ok(v2m_mail_compose(conf, &n, &m, &err) == 0 &&
	    has_header(&m, "Subject", "MP3 failed: " ID),
	    "and without an MP3: it goes by its ID");
	v2m_mail_message_release(&m);
}

static void
refused(const struct v2m_conf *conf, const struct v2m_notification *n,
    enum v2m_code code, const char *what)
{
	struct v2m_mail_message m;
	struct v2m_err err = { .code = V2M_OK };

	ok(v2m_mail_compose(conf, n, &m, &err) < 0 && err.code == code, what);
}

static void
test_addresses(void)
{
	static const char *const bad[] = { "", "ann", "@example.org",
		"ann@", "a@b@c", "ann@example.org\r\nBcc: eve@example.org",
		"-oQ/tmp@example.org", "a b@example.org", "<a@example.org>",
		"a@example.org,b@example.org", NULL };
	struct v2m_notification n = notification("talk.mp4", true);
	struct v2m_mail_message m;
	struct v2m_err err;
	struct v2m_conf conf;
	size_t i;

	load(&conf, "log:", "", "");
	for (i = 0; bad[i] != NULL; i++) {
		n.to = bad[i];
		refused(&conf, &n, V2M_DATA, "a recipient that is no address");
	}
	n.to = "J\xc3\xb6rg@example.org";
	ok(v2m_mail_compose(&conf, &n, &m, &err) == 0,
	    "an address beyond ASCII will do for the log");
	v2m_mail_message_release(&m);
	v2m_conf_release(&conf);
	load(&conf, "sendmail:/bin/true", "", "");
	refused(&conf, &n, V2M_DATA, "and not for mail");
	v2m_conf_release(&conf);
	n = notification("talk.mp4", true);
	n.id = "../../etc/passwd";
	load(&conf, "log:", "", "");
	refused(&conf, &n, V2M_DATA, "an ID that is none");
	v2m_conf_release(&conf);
}

static void
test_senders(void)
{
	static const struct {
		const char *from, *header, *envelope;
	} good[] = {
		{ "V2M@Example.org", "v2m@example.org", "v2m@example.org" },
		{ "<v2m@example.org>", "v2m@example.org", "v2m@example.org" },
		{ "Videos <v2m@example.org>", "\"Videos\"", "v2m@example.org" },
		{ "\"A \"x\" B\" <v2m@example.org>", "\"A \\\"x\\\" B\"",
		    "v2m@example.org" },
		{ "J\xc3\xb6rg <v2m@example.org>", "=?utf-8?B?SsO2cmc=?=",
		    "v2m@example.org" },
	};
	static const char *const bad[] = { "v2m", "Videos <v2m>", "a@b <c@d",
		"<>", "J\xc3\xb6rg@example.org", "<a@b> c", NULL };
	struct v2m_notification n = notification("talk.mp4", true);
	struct v2m_mail_message m;
	struct v2m_err err;
	struct v2m_conf conf;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		load(&conf, "log:", good[i].from, "");
		ok(v2m_mail_compose(&conf, &n, &m, &err) == 0 &&
		    well_formed(&m) && has_header(&m, "From",
		    good[i].header), good[i].from);
		is(m.from, good[i].envelope, "its envelope");
		v2m_mail_message_release(&m);
		v2m_conf_release(&conf);
	}
	for (i = 0; bad[i] != NULL; i++) {
		load(&conf, "log:", bad[i], "");
		refused(&conf, &n, V2M_CONFIG, "a sender that is no address");
		v2m_conf_release(&conf);
	}
	load(&conf, "log:", "", "");
	ok(v2m_mail_compose(&conf, &n, &m, &err) == 0 &&
	    strncmp(m.from, "v2m@", 4) == 0, "the default sender");
	v2m_mail_message_release(&m);
	v2m_conf_release(&conf);
}

static void
write_template(const char *text, size_t n)
{
	FILE *f = fopen(template_path, "w");

	if (f == NULL || fwrite(text, 1, n, f) != n || fclose(f) != 0)
		give_up("cannot write the template");
}

static void
test_template(void)
{
	static const char text[] = "\xef\xbb\xbf# ours\r\n\r\n[done]\r\n"
	    "subject:\t{name} is {{done}\t\r\n\r\n"
	    "{to}: {name} {id}\r\n{mp3} {mp3_name}\r\n"
	    "why: {reason}\r\n- {warnings}\r\n{{literal} }\r\n.\r\n\r\n"
	    "[failed] \r\nSubject: no\r\n\r\nbecause {reason}";
	static const char *const warnings[] = { "one {id}", "two", NULL };
	struct v2m_notification n = notification("{id}", true);
	struct v2m_mail_message m;
	struct v2m_err err;
	struct v2m_conf conf;

	write_template(text, sizeof text - 1);
	load(&conf, "log:", "v2m@example.org", template_path);
	n.warnings = warnings;
	ok(v2m_mail_compose(&conf, &n, &m, &err) == 0, "a template of ours");
	is(m.subject, "{id} is {done}", "its subject");
	is(body_of(&m), "ann@example.org: {id} " ID "\r\n" MP3 " talk.mp3\r\n"
	    "- one {id}\r\n- two\r\n{literal} }\r\n.\r\n", "its text");
	v2m_mail_message_release(&m);
	n = notification("x", false);
	ok(v2m_mail_compose(&conf, &n, &m, &err) == 0, "its other half");
	is(body_of(&m), "because no sound in it\r\n", "is as it should be");
	v2m_mail_message_release(&m);
	v2m_conf_release(&conf);
	write_template(v2m_mail_template, strlen(v2m_mail_template));
	load(&conf, "log:", "", template_path);
	ok(v2m_mail_compose(&conf, &n, &m, &err) == 0,
	    "the built-in template is one");
	v2m_mail_message_release(&m);
	v2m_conf_release(&conf);
}

#define HALF "[failed]\nSubject: s\n\nt\n"

static void
test_bad_templates(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "no [done] section" },
		{ "[done]\nSubject: s\n\nt\n", "no [failed] section" },
		{ HALF, "no [done] section" },
		{ "hello\n[done]\nSubject: s\n\nt\n" HALF, ":1: text before" },
		{ "[done]\nhello\n" HALF, ":2: a section begins" },
		{ "[done]\nSubject:\n\nt\n" HALF, ":2: a section begins" },
		{ "[done]\nSubject: s\nt\n" HALF, ":3: no blank line" },
		{ "[done]\n" HALF, ":1: [done] without" },
		{ "[done]", ":1: [done] without" },
		{ HALF "[done]\nSubject: s", ":5: [done] without" },
		{ "[done]\nSubject: {nme}\n\nt\n" HALF,
		    ":2: unknown fact '{nme}'" },
		{ "[done]\nSubject: s\n\nt\n\n{id {name}\n" HALF,
		    ":6: unknown fact '{id'" },
		{ "[done]\nSubject: s\n\nt", "no [failed] section" },
		{ HALF "[done]\nSubject: s\n\nt{", ":8: unknown fact '{'" },
		{ "[done]\nSubject: s\n\nt\n[done]\n" HALF,
		    ":5: a second [done]" },
		{ "[done]\nSubject: s\n\nt\n\x01\n" HALF, ":5: not UTF-8" },
		{ "[done]\nSubject: \xff\n\nt\n" HALF, ":2: not UTF-8" },
		{ HALF "MP3 file_id: x\n[done]\nSubject: s\n\nt\n",
		    "belongs into [done] only" },
	};
	struct v2m_notification n = notification("x", true);
	struct v2m_mail_message m;
	struct v2m_err err;
	struct v2m_conf conf;
	size_t i;

	load(&conf, "log:", "", template_path);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		bool refused_it;

		write_template(bad[i].text, strlen(bad[i].text));
		err.msg[0] = '\0';
		refused_it = v2m_mail_compose(&conf, &n, &m, &err) < 0 &&
		    err.code == V2M_CONFIG;
		if (!ok(refused_it && strstr(err.msg, bad[i].says) != NULL &&
		    strstr(err.msg, template_path) == err.msg, bad[i].says))
			printf("# %s\n", err.msg);
	}
	write_template("a\0b", 3);
	refused(&conf, &n, V2M_CONFIG, "a template that is no text");
	unlink(template_path);
	refused(&conf, &n, V2M_CONFIG, "a template that is not there");
	v2m_conf_release(&conf);
	load(&conf, "log:", "", "/tmp");
	refused(&conf, &n, V2M_CONFIG, "a template that is a folder");
	v2m_conf_release(&conf);
}

static void
test_body(void)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	v2m_body_write(f, "From me\n.\na=b \ntab\t\n\xc3\xa9 x\n\nend", true);
	fclose(f);
	is(out, "=46rom me\r\n=2E\r\na=3Db=20\r\ntab=09\r\n=C3=A9 x\r\n\r\n"
	    "end\r\n", "a body as quoted-printable");
	free(out);
	ok(!v2m_body_needs_qp("plain\ntext\n"), "plain text goes as it is");
	ok(v2m_body_needs_qp("From here\n") && v2m_body_needs_qp("x \n") &&
	    v2m_body_needs_qp("\xc3\xa9"), "what transports spoil does not");
}

/* For tests/flow/mail-decode.t. */
static int
write_samples(const struct v2m_conf *conf, const char *dir)
{
	struct v2m_mail_message m;
	struct v2m_notification n;
	struct v2m_err err;
	size_t i;

	if (chdir(dir) < 0)
		return 1;
	for (i = 0; hostile[i] != NULL; i++) {
		char name[32], clean[256];
		FILE *f;

		n = notification(hostile[i], false);
		if (v2m_mail_compose(conf, &n, &m, &err) < 0)
			return 1;
		snprintf(name, sizeof name, "%zu.eml", i);
		f = fopen(name, "w");
		if (f == NULL || fwrite(m.text, 1, m.length, f) != m.length ||
		    fclose(f) != 0)
			return 1;
		snprintf(name, sizeof name, "%zu.name", i);
		f = fopen(name, "w");
		if (f == NULL || fputs(v2m_text_copy(clean, sizeof clean,
		    hostile[i]), f) == EOF || fclose(f) != 0)
			return 1;
		snprintf(name, sizeof name, "%zu.subject", i);
		f = fopen(name, "w");
		if (f == NULL || fputs(m.subject, f) == EOF || fclose(f) != 0)
			return 1;
		v2m_mail_message_release(&m);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct v2m_conf conf;
	int fd, status;

	setenv("V2M_CONFIG", "/dev/null", 1);
	load(&conf, "log:", "v2m@example.org", "");
	if (argc > 1) {
		status = write_samples(&conf, argv[1]);
		v2m_conf_release(&conf);
		return status;
	}
	snprintf(template_path, sizeof template_path,
	    "/tmp/v2m-template-XXXXXX");
	fd = mkstemp(template_path);
	close(fd);
	test_done(&conf);
	test_date(&conf);
	test_failed(&conf);
	test_hostile(&conf);
	test_long_names(&conf);
	test_words_end_between_characters();
	test_missing_facts(&conf);
	test_addresses();
	test_senders();
	test_template();
	test_bad_templates();
	test_body();
	v2m_conf_release(&conf);
	unlink(template_path);
	return tap_done();
}
