/* The message for a file of the configuration that may not be read. */
#include "base/conf_private.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
v2m_conf_cannot_read(const char *path, struct v2m_err *err)
{
	v2m_err_sys(err, V2M_CONFIG, "cannot read '%s'", path);
	if (err != NULL)
		err->code = V2M_CONFIG;
	return -1;
}

static const char *
group_name(gid_t gid, struct group *space, char *buf, size_t size)
{
	struct group *found = NULL;

	return getgrgid_r(gid, space, buf, size, &found) == 0 &&
	    found != NULL ? found->gr_name : NULL;
}

/* What to do so that it can be read; for people. */
static void
name_readers(const char *path, char *text, size_t size)
{
	const char *group = NULL;
	struct group space;
	struct stat st;
	char buf[4096];

	if (stat(path, &st) == 0 && (st.st_mode & S_IRGRP) != 0 &&
	    st.st_gid != 0)
		group = group_name(st.st_gid, &space, buf, sizeof buf);
	if (group != NULL)
		snprintf(text, size, "ask root to add you to the group %s",
		    group);
	else
		snprintf(text, size, "run this as the user of the service");
}

static bool
is_service_user(void)
{
	struct stat st;

	return stat(V2M_CONF_ROOT_STATE, &st) == 0 && st.st_uid == geteuid();
}

/* For the user of the service, to whom root forgot to give the rights. */
static int
refuse_service_user(const char *path, struct v2m_err *err)
{
	struct group space;
	struct stat st;
	char buf[4096];
	const char *group = group_name(getegid(), &space, buf, sizeof buf);

	if (stat(path, &st) < 0 || group == NULL)
		return v2m_err_set(err, V2M_CONFIG, "you may not read '%s': "
		    "its folder is closed to you (as root: chmod 755 /etc/v2m)",
		    path);
	return v2m_err_set(err, V2M_CONFIG, "you may not read '%s' (as root: "
	    "chgrp %s '%s' && chmod 640 '%s')", path, group, path, path);
}

int
v2m_conf_refuse(const char *path, enum v2m_conf_reader reader,
    struct v2m_err *err)
{
	char readers[128];
	struct stat st;

	if (stat(path, &st) < 0 && errno != EACCES)
		return v2m_conf_cannot_read(path, err);
	if (is_service_user())
		return refuse_service_user(path, err);
	name_readers(path, readers, sizeof readers);
	if (reader == V2M_CONF_CLIENT)
		return v2m_err_set(err, V2M_CONFIG, "you may not read '%s': "
		    "set url to a gateway (V2M_URL), or %s", path, readers);
	return v2m_err_set(err, V2M_CONFIG, "you may not read '%s': %s, or "
	    "name a configuration of your own (--config, V2M_CONFIG)", path,
	    readers);
}
