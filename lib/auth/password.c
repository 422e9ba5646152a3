#include "auth/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789"
#define METHOD "$y$"	/* yescrypt, with libxcrypt's default cost */

/* A setting for a computation that only takes time.  It is made as a real one,
 * so that both cost the same. */
static bool
idle_setting(char setting[CRYPT_GENSALT_OUTPUT_SIZE])
{
	static const char zeros[16];

	return crypt_gensalt_rn(METHOD, 0, zeros, sizeof zeros, setting,
	    CRYPT_GENSALT_OUTPUT_SIZE) != NULL;
}

/* crypt(3) of password into hash.  false: errno says why. */
static bool
compute(const char *password, const char *setting, char hash[V2M_HASH_SIZE])
{
	struct crypt_data *data = calloc(1, sizeof *data);
	const char *out;
	bool good;
	int sys;

	if (data == NULL)
		return false;
	errno = 0;
	out = crypt_rn(password, setting, data, (int)sizeof *data);
	sys = errno;
	good = out != NULL && out[0] == '$' && strlen(out) < V2M_HASH_SIZE;
	if (good)
		memcpy(hash, out, strlen(out) + 1);
	explicit_bzero(data, sizeof *data);
	free(data);
	errno = sys;
	return good;
}

int
v2m_password_hash(const char *password, char hash[V2M_HASH_SIZE],
    struct v2m_err *err)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (password[0] == '\0')
		return v2m_err_set(err, V2M_USAGE, "an empty password");
	if (strlen(password) >= CRYPT_MAX_PASSPHRASE_SIZE)
		return v2m_err_set(err, V2M_USAGE, "the password is longer "
		    "than %d bytes", CRYPT_MAX_PASSPHRASE_SIZE - 1);
	/* NULL: the random bytes of the salt come from the kernel. */
	if (crypt_gensalt_rn(METHOD, 0, NULL, 0, setting,
	    sizeof setting) == NULL || !compute(password, setting, hash))
		return v2m_err_sys(err, V2M_TEMP, "cannot hash the password");
	return 0;
}

/* The time depends only on the length of a, which the caller knows. */
static bool
equal(const char *a, const char *b)
{
	size_t i, n = strlen(a), m = strlen(b);
	volatile unsigned char differ = n != m;

	for (i = 0; i < n && m > 0; i++)
		differ |= (unsigned char)(a[i] ^ b[i % m]);
	return differ == 0;
}

/* Is it a hash that crypt(3) knows?  A value without '$' is taken for plain
 * text, though 13 letters could also be a hash of the old DES form. */
static bool
is_hash(const char *s)
{
	int verdict;

	if (s == NULL || s[0] != '$')
		return false;
	verdict = crypt_checksalt(s);
	return verdict != CRYPT_SALT_INVALID &&
	    verdict != CRYPT_SALT_METHOD_DISABLED;
}

int
v2m_password_check(const char *password, const char *hash, struct v2m_err *err)
{
	char idle[CRYPT_GENSALT_OUTPUT_SIZE];
	char computed[V2M_HASH_SIZE] = "";
	bool usable = is_hash(hash);
	bool fits = false;

	/* crypt(3) would refuse a longer one at once: the time would tell. */
	if (strlen(password) >= CRYPT_MAX_PASSPHRASE_SIZE) {
		password = "";
		usable = false;
	}
	errno = 0;
	if (usable) {
		if (compute(password, hash, computed))
			fits = equal(computed, hash);
		else
			usable = false;
	}
	if (errno == ENOMEM)
		goto memory;
	if (!usable || strncmp(hash, METHOD, strlen(METHOD)) != 0)
		if (!idle_setting(idle) || !compute(password, idle, computed))
			goto memory;
	explicit_bzero(computed, sizeof computed);
	if (!fits)
		return v2m_err_set(err, V2M_DENIED, "invalid credentials");
	return 0;
memory:
	return v2m_err_sys(err, V2M_TEMP, "cannot check the password");
}

/* "$", then letters, digits and '-', then "$" or ','; or BSDi's form: "_" and
 * 19 letters of its own alphabet. */
static bool
begins_like_hash(const char *s)
{
	size_t n;

	if (s[0] == '_')
		return strspn(s + 1, LETTERS "./") == 19 && s[20] == '\0';
	if (s[0] != '$')
		return false;
	n = strspn(s + 1, LETTERS "-");
	return n > 0 && (s[1 + n] == '$' || s[1 + n] == ',');
}

bool
v2m_password_is_plain(const char *stored)
{
	return stored[0] != '\0' && !begins_like_hash(stored) &&
	    strcmp(stored, "*") != 0 && strcmp(stored, "*0") != 0 &&
	    strcmp(stored, "*1") != 0;
}

int
v2m_password_check_plain(const char *password, const char *stored,
    char hash[V2M_HASH_SIZE], struct v2m_err *err)
{
	bool usable = password[0] != '\0' &&
	    strlen(password) < CRYPT_MAX_PASSPHRASE_SIZE &&
	    v2m_password_is_plain(stored);

	if (v2m_password_hash(usable ? password : "-", hash, err) < 0)
		return -1;
	if (!usable || !equal(password, stored))
		return v2m_err_set(err, V2M_DENIED, "invalid credentials");
	return 0;
}
