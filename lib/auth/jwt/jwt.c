#include "auth/jwt/jwt.h"

#include <errno.h>
#include <jwt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/module.h"

/* With an empty key, libjwt would not verify at all. */
static bool
usable(const void *key, size_t n)
{
	return key != NULL && n > 0 && n <= INT_MAX;
}

static char *
sign(const char *claims, const void *key, size_t n, struct v2m_err *err)
{
	char *token = NULL;
	jwt_t *jwt = NULL;
	int rc = usable(key, n) ? 0 : EINVAL;

	if (rc == 0)
		rc = jwt_new(&jwt);
	if (rc == 0)
		rc = jwt_add_grants_json(jwt, claims);
	if (rc == 0)
		rc = jwt_set_alg(jwt, JWT_ALG_HS256, key, (int)n);
	if (rc == 0 && (token = jwt_encode_str(jwt)) == NULL)
		rc = errno;
	if (token == NULL) {
		errno = rc;
		v2m_err_sys(err, V2M_BUG, "cannot sign a token");
	}
	jwt_free(jwt);
	return token;
}

static int
verify(const char *token, const void *key, size_t n, char **claims,
    struct v2m_err *err)
{
	jwt_t *jwt = NULL;
	int ret = 0, rc;

	*claims = NULL;
	if (!usable(key, n))
		return 0;
	rc = jwt_decode(&jwt, token, key, (int)n);
	if (rc == ENOMEM)
		goto memory;
	/* libjwt uses the algorithm that the token names: HS384 with the same
	 * key would pass, and so might a future one. */
	if (rc != 0 || jwt_get_alg(jwt) != JWT_ALG_HS256)
		goto out;
	*claims = jwt_get_grants_json(jwt, NULL);
	if (*claims == NULL)
		goto memory;
	ret = 1;
	goto out;
memory:
	ret = v2m_err_set(err, V2M_TEMP, "no memory to check a token");
out:
	jwt_free(jwt);
	return ret;
}

V2M_EXPORT const struct v2m_token_jwt v2m_token_jwt = {
	.sign = sign,
	.verify = verify,
};
