#include "base/cli.h"
#include "base/log.h"
#include "base/module.h"
#include "base/stop.h"
#include "base/systemd.h"
#include "base/variables.h"
#include "gateway/gateway.h"

static const char *const synopsis[] = {
	"[--listen ADDRESS:PORT] [--metrics-listen ADDRESS:PORT]",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_CONF, 0, "listen", .arg = "ADDRESS:PORT", .key = "listen",
	    .help = "where to serve HTTP" },
	{ V2M_OPT_CONF, 0, "metrics-listen", .arg = "ADDRESS:PORT",
	    .key = "metrics_listen",
	    .help = "where to serve /metrics without a token" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_UNAVAILABLE, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-gateway",
	.summary = "serve uploads and MP3s over HTTP",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-gateway",
		"v2m-gateway --listen 0.0.0.0:8080",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CONFIG,
	.statuses = statuses,
};

int
main(int argc, char **argv)
{
	const struct v2m_gateway *gateway;
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;

	v2m_systemd_start();
	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands > 0)
		v2m_cli_usage(&cli, "it takes no operands: without any it "
		    "starts, in the foreground");
	v2m_cli_conf(&cli, &conf);
	v2m_variables_warn();
	if (v2m_stop_init(&err) < 0)
		v2m_cli_die(&cli, &err);
	gateway = v2m_module("gateway", "v2m_gateway", &err);
	if (gateway == NULL || gateway->run(&conf, &err) < 0)
		v2m_cli_die(&cli, &err);
	v2m_event(NULL, "stopped", NULL);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, V2M_OK);
}
