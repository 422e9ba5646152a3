/* The shared files of the AWS tools: ~/.aws/credentials and ~/.aws/config. */
#include "store/aws/aws.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 8192

static const char *
profile_name(void)
{
	const char *name = getenv("AWS_PROFILE");

	return name == NULL || name[0] == '\0' ? "default" : name;
}

static void
name_file(char path[4096], const char *variable, const char *usual)
{
	const char *file = getenv(variable), *home = getenv("HOME");

	if (file != NULL && file[0] != '\0')
		snprintf(path, 4096, "%s", file);
	else
		snprintf(path, 4096, "%s/.aws/%s", home == NULL ? "" : home,
		    usual);
}

/* Remove blanks at both ends, in place. */
static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		s[--n] = '\0';
	return s;
}

/* Is the line "[NAME]", or "[profile NAME]", the section of this profile? */
static bool
opens_section(char *line, const char *profile)
{
	char *name = line + 1;

	name[strcspn(name, "]")] = '\0';
	name = trim(name);
	if (strncmp(name, "profile", 7) == 0 &&
	    (name[7] == ' ' || name[7] == '\t'))
		name = trim(name + 8);
	return strcmp(name, profile) == 0;
}

static void
read_section(FILE *f, const char *profile,
    void (*each)(void *arg, const char *key, const char *value), void *arg)
{
	char line[LINE_MAX_BYTES];
	bool inside = false;

	while (fgets(line, sizeof line, f) != NULL) {
		char *key = trim(line), *value;

		if (*key == '[')
			inside = opens_section(key, profile);
		value = strchr(key, '=');
		if (!inside || *key == '[' || *key == '#' || *key == ';' ||
		    value == NULL || line[0] == ' ' || line[0] == '\t')
			continue;
		*value = '\0';
		each(arg, trim(key), trim(value + 1));
	}
	explicit_bzero(line, sizeof line);
}

/* 1: it was read; 0: there is no such file; -1. */
static int
read_profile(const char *path, void (*each)(void *arg, const char *key,
    const char *value), void *arg, struct v2m_err *err)
{
	FILE *f = fopen(path, "re");

	if (f == NULL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (f == NULL)
		return v2m_err_sys(err, V2M_CONFIG, "cannot read '%s'", path);
	read_section(f, profile_name(), each, arg);
	fclose(f);
	return 1;
}

struct found {
	struct v2m_aws_credentials *c;
	const char *other;	/* a way that v2m does not support */
};

static void
on_key(void *arg, const char *key, const char *value)
{
	struct found *f = arg;

	if (strcmp(key, "aws_access_key_id") == 0)
		snprintf(f->c->access, sizeof f->c->access, "%s", value);
	else if (strcmp(key, "aws_secret_access_key") == 0)
		snprintf(f->c->secret, sizeof f->c->secret, "%s", value);
	else if (strcmp(key, "aws_session_token") == 0)
		snprintf(f->c->token, sizeof f->c->token, "%s", value);
	else if (strcmp(key, "credential_process") == 0)
		f->other = "credential_process";
	else if (strncmp(key, "sso_", 4) == 0)
		f->other = "SSO";
	else if (strcmp(key, "role_arn") == 0)
		f->other = "role_arn";
}

int
v2m_aws_profile_credentials(struct v2m_aws_credentials *c, struct v2m_err *err)
{
	char credentials[4096], config[4096];
	struct found f = { .c = c };

	name_file(credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
	name_file(config, "AWS_CONFIG_FILE", "config");
	if (read_profile(credentials, on_key, &f, err) < 0 ||
	    (c->access[0] == '\0' && read_profile(config, on_key, &f, err) <
	    0))
		return -1;
	if (c->access[0] != '\0' && c->secret[0] != '\0')
		return 1;
	if (f.other != NULL)
		return v2m_err_set(err, V2M_CONFIG, "the AWS profile '%s' gets "
		    "its credentials by %s, which v2m does not take: export "
		    "them (aws configure export-credentials)", profile_name(),
		    f.other);
	if (getenv("AWS_PROFILE") != NULL && profile_name() ==
	    getenv("AWS_PROFILE"))
		return v2m_err_set(err, V2M_CONFIG, "the AWS profile '%s' has "
		    "no keys in '%s' nor '%s'", profile_name(), credentials,
		    config);
	return 0;
}

static void
on_region(void *arg, const char *key, const char *value)
{
	if (strcmp(key, "region") == 0)
		snprintf(arg, 64, "%s", value);
}

void
v2m_aws_default_region(char region[64])
{
	static const char *const names[] = { "AWS_REGION",
		"AWS_DEFAULT_REGION" };
	char config[4096];
	struct v2m_err ignored;
	size_t i;

	region[0] = '\0';
	for (i = 0; i < 2 && region[0] == '\0'; i++)
		if (getenv(names[i]) != NULL)
			snprintf(region, 64, "%s", getenv(names[i]));
	if (region[0] != '\0')
		return;
	name_file(config, "AWS_CONFIG_FILE", "config");
	read_profile(config, on_region, region, &ignored);
}
