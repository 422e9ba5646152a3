/* libFuzzer target: Forwarded and similar fields, and networks of the
 * configuration.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/forwarded.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), again[V2M_IP_TEXT];
	struct v2m_ip a, b;
	struct v2m_networks nets;
	struct v2m_err err;

	must(v2m_networks_parse(&nets, "k", "127.0.0.1 10.0.0.0/8", &err) ==
	    0);
	for (int kind = V2M_X_FORWARDED_FOR; kind <= V2M_FORWARDED; kind++) {
		v2m_ip_parse(&a, "127.0.0.1", 9, false);
		v2m_forwarded_client(&a, kind, text, &nets);
		v2m_ip_text(again, &a);
		must(v2m_ip_parse(&b, again, strlen(again), false) &&
		    memcmp(&a, &b, sizeof a) == 0);
		/* From an address that is not trusted, the fields have no
		 * effect. */
		v2m_ip_parse(&a, "192.0.2.1", 9, false);
		b = a;
		v2m_forwarded_client(&a, kind, text, &nets);
		must(memcmp(&a, &b, sizeof a) == 0);
	}
	if (v2m_networks_parse(&nets, "k", text, &err) == 0)
		must(nets.n <= V2M_NETWORKS_MAX);
	else
		must(!has_control(err.msg));
	free(text);
	return 0;
}
