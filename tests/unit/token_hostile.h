/* token_hostile.h - tokens that must be refused, with the expected errors.
 * Made with PyJWT 2.6 and by hand, from the claims of GOOD and the secret
 * SECRET; their exp is the end of the year 9999.
 */
#ifndef V2M_TESTS_TOKEN_HOSTILE_H
#define V2M_TESTS_TOKEN_HOSTILE_H

#define SECRET "0123456789abcdef0123456789abcdef"

/* A token of an existing deployment's login: it has no role. */
#define GOOD \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB" \
	"leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA" \
	"wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO" \
	"JSsxetQ"

static const struct {
	const char *what, *token, *words;
} hostile[] = {
	{ "algorithm none",
	    "eyJhbGciOiJub25lIn0.eyJ1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZyIs"
	    "ImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDAwMDAsImFkbWluIjp0"
	    "cnVlfQ.",
	    "the token is not signed (algorithm none)" },
	{ "algorithm nOnE with an HS256 signature",
	    "eyJhbGciOiJuT25FIiwidHlwIjoiSldUIn0.eyJ1c2VybmFtZSI6ImFubkBl"
	    "eGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDAw"
	    "MDAsImFkbWluIjp0cnVlfQ.rwHgj838WEttjgNOWOlXx_G-eJrbBqanXa94I"
	    "pBc2Zw",
	    "the token is not signed (algorithm none)" },
	{ "HS384 with our secret",
	    "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.-28ByMrzj44Dtl6G8lf3YAsuMLdTmN5e5IHL"
	    "SQSjzAn3YJHJMeB6tET8hEE25x3w",
	    "the token is signed with another algorithm than HS256: "
	    "'HS384'" },
	{ "HS512 with our secret",
	    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.1WkSl-HsZ-NP-7tpK50x249gNqkiXabShRAO"
	    "qTTjthMd8RfDmtbIpaOjCIt2iX4pDCCagl2rPXfs-kLI82R_8w",
	    "the token is signed with another algorithm than HS256: "
	    "'HS512'" },
	{ "RS256 claimed, HMAC made",
	    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.og04ZQwItE61_MKmpsDy-yVI03ndPyia_Jru"
	    "YIdkNl8",
	    "the token is signed with another algorithm than HS256: "
	    "'RS256'" },
	{ "hs256 in small letters",
	    "eyJhbGciOiJoczI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.OLWs7V7BedcoKDKo5Xvt3VMbWqkL_otXw2cn"
	    "aJNhseM",
	    "the token is signed with another algorithm than HS256: "
	    "'hs256'" },
	{ "an algorithm that is an escape sequence",
	    "eyJhbGciOiJcdTAwMWJdMDt4XHUwMDA3In0.eyJ1c2VybmFtZSI6ImFubkBl"
	    "eGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDAw"
	    "MDAsImFkbWluIjp0cnVlfQ._eCTFNnrOwJXVJ1G_ve6ggJm6apTeoxvryh5q"
	    "ZQVWUU",
	    "the token is signed with another algorithm than HS256: "
	    "'?]0;x?'" },
	{ "crit",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImNyaXQiOlsiZXhwIl19.eyJ"
	    "1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk"
	    "5LCJpYXQiOjE3MDAwMDAwMDAsImFkbWluIjp0cnVlfQ.8UQxOFnaVzmyyCYG"
	    "f6-BVjWLL2n-JTbV7WSvsM6wjyY",
	    "the token's header asks for an extension that v2m does not know "
	    "(crit)" },
	{ "typ JWE",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXRSJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.G5EsLCkDlxXrACwuKkqdZFjMXFMGOHisqvqH"
	    "YtmsDHQ",
	    "malformed token: its header says that it is not a JWT" },
	{ "no alg",
	    "eyJ0eXAiOiJKV1QifQ.eyJ1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZyIsI"
	    "mV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDAwMDAsImFkbWluIjp0c"
	    "nVlfQ.yzl7UT8iWz7Q0cx1RhvwoPQvVOzMrqAdZPIjbxZblhI",
	    "malformed token: its header names no algorithm" },
	{ "alg a number",
	    "eyJhbGciOjI1Nn0.eyJ1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZyIsImV4"
	    "cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDAwMDAsImFkbWluIjp0cnVl"
	    "fQ.m4XSWj578erkLGZ8sM4zC6pbNw6J0UiLbPn7Y4tkuLQ",
	    "malformed token: its header names no algorithm" },
	{ "alg twice",
	    "eyJhbGciOiJub25lIiwiYWxnIjoiSFMyNTYifQ.eyJ1c2VybmFtZSI6ImFub"
	    "kBleGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwM"
	    "DAwMDAsImFkbWluIjp0cnVlfQ.9kkw2B7AVHoCa7GlSCuyF8ab4mOqoCpBAl"
	    "IvE2MN9qw",
	    "malformed token: its header is not a JSON object" },
	{ "a header that is a list",
	    "WyJIUzI1NiJd.eyJ1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZyIsImV4cCI"
	    "6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDAwMDAsImFkbWluIjp0cnVlfQ."
	    "oeG_x6dph6uZL27GfYo-SkeA-h3fLPA-zUu0Z5ihJ_M",
	    "malformed token: its header is not a JSON object" },
	{ "claims that are a list",
	    "eyJhbGciOiJIUzI1NiJ9.WyJ4Il0.bxWCisT3TcgK1wTHheprbQ1D6nKe4s1"
	    "4pTjlmVvwSDM",
	    "malformed token: its claims are not a JSON object" },
	{ "exp beyond all integers",
	    "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZyI"
	    "sImV4cCI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTl9.bAvLJ272KDD7O2Z1Yt"
	    "nmXJZaMLfz6xCJHguRW6B1FPA",
	    "malformed token: its claims are not a JSON object" },
	{ "username with a NUL",
	    "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6ImFubkBleGFtcGxlLm9yZ1x"
	    "1MDAwMCIsImV4cCI6MjUzNDAyMzAwNzk5fQ.50htsIjQxMkdaq3eXJS28Yhv"
	    "oY8eK95vBTtHGQ01ai0",
	    "malformed token: its claims are not a JSON object" },
	{ "another secret",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.OXbE4yIr3pXkiaRqMs2aTwkPOKXfSH_9zlQt"
	    "j_gkB4c",
	    "wrong signature: the token was changed, or another secret "
	    "signed it" },
	{ "an empty secret",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.Yv01p345jcVtYgrNnSZMHwBXbxbkqbCyGYwH"
	    "Ewgc8tA",
	    "wrong signature: the token was changed, or another secret "
	    "signed it" },
	{ "changed claims",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ICJib2J"
	    "AZXhhbXBsZS5vcmciLCAiZXhwIjogMjUzNDAyMzAwNzk5LCAiaWF0IjogMTc"
	    "wMDAwMDAwMCwgImFkbWluIjogdHJ1ZX0.ib3iSsxokbEMVPEruA9g2b7HRaI"
	    "GZ_MawHwOJSsxetQ",
	    "wrong signature: the token was changed, or another secret "
	    "signed it" },
	{ "changed signature",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.Ab3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO"
	    "JSsxetQ",
	    "wrong signature: the token was changed, or another secret "
	    "signed it" },
	{ "stray bits in the signature",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO"
	    "JSsxetR",
	    "wrong signature: the token was changed, or another secret "
	    "signed it" },
	{ "half a signature",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g",
	    "wrong signature: the token was changed, or another secret "
	    "signed it" },
	{ "no signature",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.",
	    "malformed token: no signature" },
	{ "two parts",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ",
	    "malformed token: it does not have three parts" },
	{ "four parts",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO"
	    "JSsxetQ.AAAA",
	    "malformed token: it does not have three parts" },
	{ "a dot behind",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO"
	    "JSsxetQ.",
	    "malformed token: it does not have three parts" },
	{ "a newline behind",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO"
	    "JSsxetQ\n",
	    "malformed token: a blank or a line break in it" },
	{ "a blank before",
	    " eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubk"
	    "BleGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMD"
	    "AwMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHw"
	    "OJSsxetQ",
	    "malformed token: a blank or a line break in it" },
	{ "padding",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ_MawHwO"
	    "JSsxetQ=",
	    "malformed token: a character that is not base64url" },
	{ "plain base64",
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFubkB"
	    "leGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3MDAwMDA"
	    "wMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ/MawHwO"
	    "JSsxetQ",
	    "malformed token: a character that is not base64url" },
	{ "Bearer before",
	    "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6"
	    "ImFubkBleGFtcGxlLm9yZyIsImV4cCI6MjUzNDAyMzAwNzk5LCJpYXQiOjE3"
	    "MDAwMDAwMDAsImFkbWluIjp0cnVlfQ.ib3iSsxokbEMVPEruA9g2b7HRaIGZ"
	    "_MawHwOJSsxetQ",
	    "malformed token: a blank or a line break in it" },
	{ "one letter",
	    "x",
	    "malformed token: it does not have three parts" },
	{ "two dots",
	    "..",
	    "malformed token: its header is not a JSON object" },
	{ "nothing",
	    "",
	    "no token" },
};

#endif
