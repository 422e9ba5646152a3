#include "base/tls.h"

#include <stdlib.h>

#include "tap.h"

static struct v2m_err err;

static void
load(struct v2m_conf *conf, const char *key, const char *url,
    const char *more, const char *value)
{
	struct v2m_conf_override o[] = { { key, url }, { more, value },
	    { NULL, NULL } };

	if (v2m_conf_load(conf, NULL, o, &err) < 0)
		give_up("%s", err.msg);
}

static void
is_way(const char *key, const char *url, enum v2m_tls wanted,
    const char *wanted_host)
{
	struct v2m_conf conf;
	char host[256];

	load(&conf, key, url, NULL, NULL);
	okf(v2m_tls_of(&conf, key, host, sizeof host) == wanted, "%s", url);
	if (wanted_host != NULL)
		is(host, wanted_host, "its host");
	v2m_conf_release(&conf);
}

static void
test_ways(void)
{
	is_way("queue", "sqlite:/tmp/q.db", V2M_TLS_NO_SERVER, NULL);
	is_way("queue", "amqp://guest:guest@rabbitmq", V2M_TLS_CLEAR,
	    "rabbitmq");
	is_way("queue", "amqp://a:p%40x@192.0.2.1:5672/v", V2M_TLS_CLEAR,
	    "192.0.2.1");
	is_way("queue", "amqp://localhost", V2M_TLS_LOCAL, NULL);
	is_way("queue", "amqp:///v", V2M_TLS_LOCAL, NULL);
	is_way("queue", "amqp://[::1]:5672/v", V2M_TLS_LOCAL, NULL);
	is_way("queue", "amqp://[2001:db8::1]:5672/v", V2M_TLS_CLEAR,
	    "[2001:db8::1]");
	is_way("queue", "amqp://127.0.0.1,mq2,mq3/v", V2M_TLS_CLEAR, "mq2");
	is_way("queue", "amqps://u@rabbitmq/v", V2M_TLS_ON, NULL);
	is_way("store", "dir:/tmp/store", V2M_TLS_NO_SERVER, NULL);
	is_way("store", "mongodb://db1:27017,db2/?replicaSet=r",
	    V2M_TLS_CLEAR, "db1");
	is_way("store", "mongodb://localhost:27017,127.0.0.1:27018/",
	    V2M_TLS_LOCAL, NULL);
	is_way("store", "mongodb://%2Ftmp%2Fmongodb.sock/", V2M_TLS_LOCAL,
	    NULL);
	is_way("store", "mongodb://db/?w=2&tls=true", V2M_TLS_ON, NULL);
	is_way("store", "mongodb://db/?ssl=TRUE", V2M_TLS_ON, NULL);
	is_way("store", "mongodb://db/?tls=false", V2M_TLS_CLEAR, "db");
	is_way("store", "mongodb+srv://db.example.org/", V2M_TLS_ON, NULL);
	is_way("store", "mongodb+srv://db.example.org/?tls=false",
	    V2M_TLS_CLEAR, "db.example.org");
}

static void
is_allowed(const char *key, const char *url, const char *name,
    const char *value, bool wanted)
{
	struct v2m_conf conf;

	load(&conf, key, url, name, value);
	okf((v2m_tls_check(&conf, key, &err) == 0) == wanted &&
	    (wanted || err.code == V2M_CONFIG), "%s with %s = %s", url, name,
	    value);
	v2m_conf_release(&conf);
}

static void
test_words(void)
{
	is_allowed("queue", "amqp://mq/", "queue_tls", "auto", true);
	is_allowed("queue", "amqp://mq/", "queue_tls", "off", true);
	is_allowed("queue", "amqp://mq/", "queue_tls", "on", false);
	is_allowed("queue", "amqp://localhost/", "queue_tls", "on", true);
	is_allowed("queue", "amqps://mq/", "queue_tls", "on", true);
	is_allowed("queue", "amqps://mq/", "queue_tls", "off", false);
	is_allowed("store", "mongodb://db/", "store_tls", "on", false);
	is_allowed("store", "mongodb://db/", "store_ca_file", "/tmp/ca", true);
	is_allowed("store", "mongodb://db/?tls=true", "store_tls", "on", true);
	is_allowed("store", "dir:/tmp/store", "store_tls", "on", true);
}

int
main(void)
{
	test_ways();
	test_words();
	return tap_done();
}
