"""play.py - manifests as podman kube play takes them: play.py IMAGE ENV SECRETS
PORT METRICS < MANIFESTS

The three Deployments, and their ConfigMap with the settings of the file ENV; on
the machine's own network, the gateway at PORT and METRICS of it.  What podman 4.3
cannot do is replaced: ports beside that network, and the Secret, which it gives
to all to read, by the folder SECRETS.
"""
import os
import sys

import yaml

image, env, secrets, port, metrics = sys.argv[1:]
LISTEN = {"*:8080": "127.0.0.1:" + port, "*:9100": "127.0.0.1:" + metrics}


def settings():
    with open(env, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)


def container(c):
    c["image"] = image
    c["imagePullPolicy"] = "Never"
    c["command"] = [LISTEN.get(word, word) for word in c["command"]]
    c.pop("ports", None)
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if "httpGet" in c.get(probe, {}):
            c[probe]["httpGet"]["port"] = int(port)


def deployment(d):
    d["spec"]["replicas"] = 1
    pod = d["spec"]["template"]["spec"]
    pod["hostNetwork"] = True
    for volume in pod["volumes"]:
        if volume.pop("secret", None):
            volume["hostPath"] = {"path": os.path.abspath(secrets),
                                  "type": "Directory"}
    for c in pod["containers"]:
        container(c)
    return d


def main():
    out = []
    for d in yaml.safe_load_all(sys.stdin):
        if d["kind"] == "ConfigMap":
            d["data"] = settings()
            out.append(d)
        elif d["kind"] == "Deployment":
            out.append(deployment(d))
    yaml.safe_dump_all(out, sys.stdout)


main()
