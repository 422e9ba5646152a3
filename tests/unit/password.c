#include <stdint.h>
#include <time.h>

#include "auth/password.h"
#include "tap.h"

static enum v2m_code
check(const char *password, const char *hash)
{
	struct v2m_err err = { .code = V2M_OK };

	if (v2m_password_check(password, hash, &err) < 0 &&
	    err.code == V2M_DENIED &&
	    strcmp(err.msg, "invalid credentials") != 0)
		return V2M_BUG;
	return err.code;
}

static void
test_hash(char hash[V2M_HASH_SIZE])
{
	char other[V2M_HASH_SIZE], longest[513];
	struct v2m_err err;

	ok(v2m_password_hash("correct horse", hash, &err) == 0,
	    "a password is hashed");
	ok(strncmp(hash, "$y$", 3) == 0, "by yescrypt");
	ok(v2m_password_hash("correct horse", other, &err) == 0 &&
	    strcmp(hash, other) != 0, "each time with another salt");
	ok(v2m_password_hash("", other, &err) < 0 && err.code == V2M_USAGE,
	    "an empty password is refused");
	memset(longest, 'x', 512);
	longest[512] = '\0';
	ok(v2m_password_hash(longest, other, &err) < 0 &&
	    err.code == V2M_USAGE, "512 bytes are refused");
	ok(check(longest, hash) == V2M_DENIED, "and fit nothing");
	longest[511] = '\0';
	ok(v2m_password_hash(longest, other, &err) == 0 &&
	    check(longest, other) == V2M_OK, "511 bytes are fine");
	longest[510] = '\0';
	ok(check(longest, other) == V2M_DENIED, "all of them count");
	ok(v2m_password_hash("Gr\xc3\xbc\xc3\x9f\x65", other, &err) == 0 &&
	    check("Gr\xc3\xbc\xc3\x9f\x65", other) == V2M_OK,
	    "a password in UTF-8 is hashed and checked");
}

static void
test_check(const char *hash)
{
	static const char *const no_hashes[] = { "", "secret", "*", "!", "*0",
	    "$", "$y$", "$y$zz$!!$x", "$99$abc$def", "x:y", "aaJ0lv1g.Bqrs" };
	char message[64];
	size_t i;

	ok(check("correct horse", hash) == V2M_OK, "the password fits");
	ok(check("correct hors", hash) == V2M_DENIED, "a shorter does not");
	ok(check("correct horse ", hash) == V2M_DENIED, "a longer does not");
	ok(check("", hash) == V2M_DENIED, "an empty one does not");
	ok(check("secret", NULL) == V2M_DENIED, "nobody has no password");
	for (i = 0; i < sizeof no_hashes / sizeof *no_hashes; i++) {
		snprintf(message, sizeof message, "'%s' is no hash",
		    no_hashes[i]);
		ok(check("secret", no_hashes[i]) == V2M_DENIED &&
		    check(no_hashes[i], no_hashes[i]) == V2M_DENIED, message);
	}
	ok(check("Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwS"
	    "MHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1") ==
	    V2M_OK, "what other methods of crypt(3) made fits too");
}

static enum v2m_code
check_plain(const char *password, const char *stored)
{
	struct v2m_err err = { .code = V2M_OK };
	char hash[V2M_HASH_SIZE];

	if (v2m_password_check_plain(password, stored, hash, &err) == 0)
		return check(password, hash);
	return err.code;
}

/* A text that is not a valid password does not match itself. */
static void
test_plain(const char *hash)
{
	static const char *const plain[] = { "Admin123", "$ecret", "$$", "*2",
	    "!", "_underscore", "x", "$a b$c", "Gr\xc3\xbc\xc3\x9f\x65" };
	static const char *const no_plain[] = { "", "*", "*0", "*1",
	    "$1$a$b", "$y$", "$99$abc", "$argon2id$v=19$m=1", "$sha1,x",
	    "_J9..rasmBYk8r9AiWNc" };
	static const char *const wrong[] = { "Admin12", "Admin1234",
	    "Admin123Admin123", "admin123", "Admin123 ", "" };
	char message[64];
	size_t i;

	for (i = 0; i < sizeof plain / sizeof *plain; i++) {
		snprintf(message, sizeof message, "'%s' is plain", plain[i]);
		ok(v2m_password_is_plain(plain[i]) &&
		    check_plain(plain[i], plain[i]) == V2M_OK &&
		    check(plain[i], plain[i]) == V2M_DENIED, message);
	}
	for (i = 0; i < sizeof no_plain / sizeof *no_plain; i++) {
		snprintf(message, sizeof message, "'%s' is not", no_plain[i]);
		ok(!v2m_password_is_plain(no_plain[i]) &&
		    check_plain(no_plain[i], no_plain[i]) == V2M_DENIED,
		    message);
	}
	ok(!v2m_password_is_plain(hash) &&
	    check_plain("correct horse", hash) == V2M_DENIED,
	    "nor is a hash of ours");
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		okf(check_plain(wrong[i], "Admin123") == V2M_DENIED,
		    "'%s' is not 'Admin123'", wrong[i]);
	ok(check_plain("-", "") == V2M_DENIED, "nor is '-' the empty one");
}

/* The lowest CPU time of some checks, in microseconds: it depends little on a
 * busy machine. */
static int64_t
cost_us(const char *password, const char *hash, bool plain)
{
	char made[V2M_HASH_SIZE];
	int64_t best = INT64_MAX;
	int i;

	for (i = 0; i < 3; i++) {
		clock_t start = clock();
		int64_t took;

		if (plain)
			v2m_password_check_plain(password, hash, made, NULL);
		else
			check(password, hash);
		took = (int64_t)(clock() - start) * 1000000 / CLOCKS_PER_SEC;
		if (took < best)
			best = took;
	}
	return best;
}

/* A coarse comparison: without the dummy computation the costs would differ by
 * a factor of a thousand. */
static void
test_cost(const char *hash)
{
	static const char *const others[] = { NULL, "", "secret", "$y$zz$!!$x",
	    "$1$salt$qJH7.N4xYta3aEG/dfqo/0" };
	int64_t usual = cost_us("wrong", hash, false), it;
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++) {
		it = cost_us("wrong", others[i], false);
		ok(it * 2 >= usual && it <= usual * 2, others[i] == NULL ?
		    "an unknown address costs the same" : others[i]);
	}
	it = cost_us("correct horse", hash, false);
	ok(it * 2 >= usual && it <= usual * 2, "so does the right password");
	it = cost_us("wrong", "Admin123", true);
	ok(it * 2 >= usual && it <= usual * 2, "and the wrong plain one");
	it = cost_us("Admin123", "Admin123", true);
	ok(it * 2 >= usual && it <= usual * 2, "and the right plain one");
}

int
main(void)
{
	char hash[V2M_HASH_SIZE] = "";

	test_hash(hash);
	test_check(hash);
	test_plain(hash);
	test_cost(hash);
	return tap_done();
}
