#include "media/lang.h"

#include <ctype.h>
#include <string.h>

/* ISO 639-1, then those codes of 639-2/B that differ from 639-2/T. */
static const struct {
	char from[4], to[4];
} codes[] = {
	{ "aa", "aar" }, { "ab", "abk" }, { "ae", "ave" }, { "af", "afr" },
	{ "ak", "aka" }, { "am", "amh" }, { "an", "arg" }, { "ar", "ara" },
	{ "as", "asm" }, { "av", "ava" }, { "ay", "aym" }, { "az", "aze" },
	{ "ba", "bak" }, { "be", "bel" }, { "bg", "bul" }, { "bh", "bih" },
	{ "bi", "bis" }, { "bm", "bam" }, { "bn", "ben" }, { "bo", "bod" },
	{ "br", "bre" }, { "bs", "bos" }, { "ca", "cat" }, { "ce", "che" },
	{ "ch", "cha" }, { "co", "cos" }, { "cr", "cre" }, { "cs", "ces" },
	{ "cu", "chu" }, { "cv", "chv" }, { "cy", "cym" }, { "da", "dan" },
	{ "de", "deu" }, { "dv", "div" }, { "dz", "dzo" }, { "ee", "ewe" },
	{ "el", "ell" }, { "en", "eng" }, { "eo", "epo" }, { "es", "spa" },
	{ "et", "est" }, { "eu", "eus" }, { "fa", "fas" }, { "ff", "ful" },
	{ "fi", "fin" }, { "fj", "fij" }, { "fo", "fao" }, { "fr", "fra" },
	{ "fy", "fry" }, { "ga", "gle" }, { "gd", "gla" }, { "gl", "glg" },
	{ "gn", "grn" }, { "gu", "guj" }, { "gv", "glv" }, { "ha", "hau" },
	{ "he", "heb" }, { "hi", "hin" }, { "ho", "hmo" }, { "hr", "hrv" },
	{ "ht", "hat" }, { "hu", "hun" }, { "hy", "hye" }, { "hz", "her" },
	{ "ia", "ina" }, { "id", "ind" }, { "ie", "ile" }, { "ig", "ibo" },
	{ "ii", "iii" }, { "ik", "ipk" }, { "io", "ido" }, { "is", "isl" },
	{ "it", "ita" }, { "iu", "iku" }, { "ja", "jpn" }, { "jv", "jav" },
	{ "ka", "kat" }, { "kg", "kon" }, { "ki", "kik" }, { "kj", "kua" },
	{ "kk", "kaz" }, { "kl", "kal" }, { "km", "khm" }, { "kn", "kan" },
	{ "ko", "kor" }, { "kr", "kau" }, { "ks", "kas" }, { "ku", "kur" },
	{ "kv", "kom" }, { "kw", "cor" }, { "ky", "kir" }, { "la", "lat" },
	{ "lb", "ltz" }, { "lg", "lug" }, { "li", "lim" }, { "ln", "lin" },
	{ "lo", "lao" }, { "lt", "lit" }, { "lu", "lub" }, { "lv", "lav" },
	{ "mg", "mlg" }, { "mh", "mah" }, { "mi", "mri" }, { "mk", "mkd" },
	{ "ml", "mal" }, { "mn", "mon" }, { "mr", "mar" }, { "ms", "msa" },
	{ "mt", "mlt" }, { "my", "mya" }, { "na", "nau" }, { "nb", "nob" },
	{ "nd", "nde" }, { "ne", "nep" }, { "ng", "ndo" }, { "nl", "nld" },
	{ "nn", "nno" }, { "no", "nor" }, { "nr", "nbl" }, { "nv", "nav" },
	{ "ny", "nya" }, { "oc", "oci" }, { "oj", "oji" }, { "om", "orm" },
	{ "or", "ori" }, { "os", "oss" }, { "pa", "pan" }, { "pi", "pli" },
	{ "pl", "pol" }, { "ps", "pus" }, { "pt", "por" }, { "qu", "que" },
	{ "rm", "roh" }, { "rn", "run" }, { "ro", "ron" }, { "ru", "rus" },
	{ "rw", "kin" }, { "sa", "san" }, { "sc", "srd" }, { "sd", "snd" },
	{ "se", "sme" }, { "sg", "sag" }, { "si", "sin" }, { "sk", "slk" },
	{ "sl", "slv" }, { "sm", "smo" }, { "sn", "sna" }, { "so", "som" },
	{ "sq", "sqi" }, { "sr", "srp" }, { "ss", "ssw" }, { "st", "sot" },
	{ "su", "sun" }, { "sv", "swe" }, { "sw", "swa" }, { "ta", "tam" },
	{ "te", "tel" }, { "tg", "tgk" }, { "th", "tha" }, { "ti", "tir" },
	{ "tk", "tuk" }, { "tl", "tgl" }, { "tn", "tsn" }, { "to", "ton" },
	{ "tr", "tur" }, { "ts", "tso" }, { "tt", "tat" }, { "tw", "twi" },
	{ "ty", "tah" }, { "ug", "uig" }, { "uk", "ukr" }, { "ur", "urd" },
	{ "uz", "uzb" }, { "ve", "ven" }, { "vi", "vie" }, { "vo", "vol" },
	{ "wa", "wln" }, { "wo", "wol" }, { "xh", "xho" }, { "yi", "yid" },
	{ "yo", "yor" }, { "za", "zha" }, { "zh", "zho" }, { "zu", "zul" },
	{ "alb", "sqi" }, { "arm", "hye" }, { "baq", "eus" },
	{ "bur", "mya" }, { "chi", "zho" }, { "cze", "ces" },
	{ "dut", "nld" }, { "fre", "fra" }, { "geo", "kat" },
	{ "ger", "deu" }, { "gre", "ell" }, { "ice", "isl" },
	{ "mac", "mkd" }, { "mao", "mri" }, { "may", "msa" },
	{ "per", "fas" }, { "rum", "ron" }, { "slo", "slk" },
	{ "tib", "bod" }, { "wel", "cym" },
};

/* How many letters and digits follow? */
static size_t
alphanumerics(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]))
		n++;
	return n;
}

bool
v2m_lang_valid(const char *tag)
{
	const char *s = tag;
	size_t n = alphanumerics(s);

	if (n < 2 || n > 3 || strlen(tag) >= V2M_LANG_SIZE)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalpha((unsigned char)s[i]))
			return false;
	for (s += n; *s == '-'; s += n) {
		n = alphanumerics(++s);
		if (n < 1 || n > 8)
			return false;
	}
	return *s == '\0';
}

/* The language as ISO 639-2/T in lower case, if it has such a code. */
static void
primary(char dst[4], const char *tag)
{
	size_t n = 0;

	memset(dst, 0, 4);
	while (n < 3 && isalpha((unsigned char)tag[n])) {
		dst[n] = (char)tolower((unsigned char)tag[n]);
		n++;
	}
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(codes[i].from, dst) == 0) {
			memcpy(dst, codes[i].to, 4);
			return;
		}
}

bool
v2m_lang_equal(const char *a, const char *b)
{
	char x[4], y[4];

	if (!v2m_lang_valid(a) || !v2m_lang_valid(b))
		return false;
	primary(x, a);
	primary(y, b);
	return strcmp(x, y) == 0;
}

bool
v2m_lang_three(char three[4], const char *tag)
{
	if (!v2m_lang_valid(tag))
		return false;
	primary(three, tag);
	return three[2] != '\0';
}
