/* Checks the values of keys. */
#include "base/conf_private.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"

/* The words that keys of kind V2M_CONF_WORD accept, each between blanks, and
 * the error for others. */
#define CHOICE(key, words) \
	{ key, " " words " ", "is not one of: " words }

static const struct {
	const char *key, *words, *wrong;
} choices[] = {
	CHOICE("converter", "own foreign"),
	CHOICE("notifier", "own foreign"),
	CHOICE("foreign_files", "refuse any-user"),
	CHOICE("legacy_passwords", "no yes upgrade"),
	CHOICE("log_format", "text json"),
	CHOICE("notify_tls", "on off"),
	CHOICE("objects_tls", "auto off on"),
	CHOICE("password_format", "crypt plain"),
	CHOICE("proxy_header", "x-forwarded-for forwarded"),
	CHOICE("queue_tls", "auto off on"),
	CHOICE("queue_type", "classic quorum"),
	CHOICE("sandbox", "yes partly no"),
	CHOICE("store_tls", "auto off on"),
	CHOICE("url_tls", "on off"),
	CHOICE("users_tls", "auto off on verify"),
};

static bool
valid_url(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return n > 0 && s[n] == ':' && islower((unsigned char)s[0]);
}

static size_t
choice(const char *key)
{
	size_t i = 0;

	while (strcmp(choices[i].key, key) != 0)
		i++;
	return i;
}

static const char *
word_complaint(const char *key, const char *value)
{
	char wanted[32];
	size_t i = choice(key);

	if (value[0] == '\0' || strchr(value, ' ') != NULL ||
	    snprintf(wanted, sizeof wanted, " %s ", value) >=
	    (int)sizeof wanted || strstr(choices[i].words, wanted) == NULL)
		return choices[i].wrong;
	return NULL;
}

const char *
v2m_conf_check_value(const struct v2m_conf_key *key, const char *value)
{
	int64_t n;

	switch (key->kind) {
	case V2M_CONF_TEXT:
		return NULL;
	case V2M_CONF_URL:
		return valid_url(value) || (value[0] == '\0' &&
		    key->fallback[0] == '\0') ? NULL :
		    value[0] == '/' ?
		    "is a path, not a URL (dir:/PATH, sqlite:/PATH, ...)" :
		    "is not a URL (scheme:...)";
	case V2M_CONF_PATH:
		return value[0] == '/' || value[0] == '\0' ? NULL :
		    "is not an absolute path";
	case V2M_CONF_DURATION:
		return v2m_text_parse_duration(value, &n) ? NULL :
		    "is not a duration (90s, 15min, 24h, 7d)";
	case V2M_CONF_SIZE:
		return v2m_text_parse_size(value, &n) ||
		    strcmp(value, key->fallback) == 0 ? NULL :
		    "is not a size (500M, 2G)";
	case V2M_CONF_INT:
		return v2m_text_parse_int(value, 1, INT_MAX, &n) ? NULL :
		    "is not a whole number above 0";
	case V2M_CONF_LIMIT:
		return v2m_text_parse_int(value, 0, INT_MAX, &n) ? NULL :
		    "is not a whole number";
	case V2M_CONF_BOOL:
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ?
		    NULL : "is neither yes nor no";
	case V2M_CONF_WORD:
		return word_complaint(key->name, value);
	}
	return "has no kind";
}

const char *
v2m_conf_suggest(const struct v2m_conf_key *key, const char *value,
    char hint[V2M_SUGGEST_HINT])
{
	hint[0] = '\0';
	if (key->kind != V2M_CONF_WORD)
		return hint;
	return v2m_suggest_of(value, choices[choice(key->name)].words, hint);
}
