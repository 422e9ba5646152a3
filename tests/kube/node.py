#!/usr/bin/env python3
"""node.py URL: a machine of the cluster that runs nothing.

It takes pods as a kubelet does and says of each at once that it is ready, of a
Job's that it ended well; of those whose image has the word `broken` in its name
nothing. So Deployments, StatefulSets and Jobs go their whole way. There are
volumes for claims, too. The token is that of run.sh; it ends with a signal.
"""

import datetime
import json
import ssl
import sys
import time
import urllib.error
import urllib.request

NODE = "paper"
TLS = ssl._create_unverified_context()
HEAD = {"Authorization": "Bearer admintoken"}


def call(method, path, body=None):
    kind = {"PATCH": "application/strategic-merge-patch+json"}
    request = urllib.request.Request(
        sys.argv[1] + path, method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={**HEAD, "Content-Type": kind.get(method, "application/json")})
    try:
        with urllib.request.urlopen(request, context=TLS, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as e:
        if e.code in (404, 409):    # gone, there already, changed meanwhile
            return None
        raise


def now():
    return datetime.datetime.now(datetime.timezone.utc) \
        .strftime("%Y-%m-%dT%H:%M:%SZ")


def make_node():
    call("POST", "/api/v1/nodes", {"metadata": {"name": NODE}})
    for n in range(4):
        call("POST", "/api/v1/persistentvolumes", {
            "metadata": {"name": f"volume-{n}"},
            "spec": {"capacity": {"storage": "1Ti"},
                     "accessModes": ["ReadWriteOnce"],
                     "hostPath": {"path": f"/nowhere/{n}"}}})


def be_alive():
    room = {"cpu": "64", "memory": "256Gi", "pods": "110",
            "ephemeral-storage": "1Ti"}
    call("PATCH", f"/api/v1/nodes/{NODE}/status", {"status": {
        "capacity": room, "allocatable": room,
        "conditions": [{"type": "Ready", "status": "True",
                        "reason": "KubeletReady", "lastHeartbeatTime": now(),
                        "lastTransitionTime": now()}]}})
    # The taints of a machine that is new; pods stay away from those.
    call("PATCH", f"/api/v1/nodes/{NODE}", {"spec": {"taints": None}})


def path_of(pod):
    meta = pod["metadata"]
    return f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"


def ends(pod):
    return any(o["kind"] == "Job"
               for o in pod["metadata"].get("ownerReferences", []))


def state_of(container, is_over):
    state = {"terminated": {"exitCode": 0, "reason": "Completed",
                            "startedAt": now(), "finishedAt": now()}} \
        if is_over else {"running": {"startedAt": now()}}
    return {"name": container["name"], "image": container["image"],
            "imageID": container["image"], "restartCount": 0,
            "ready": not is_over, "started": not is_over, "state": state}


def run_pod(pod):
    is_over = ends(pod)
    ready = [{"type": kind, "status": "False" if is_over else "True",
              "lastTransitionTime": now()}
             for kind in ("Ready", "ContainersReady")]
    ready.append({"type": "Initialized", "status": "True",
                  "lastTransitionTime": now()})
    call("PATCH", path_of(pod) + "/status", {"status": {
        "phase": "Succeeded" if is_over else "Running", "startTime": now(),
        "conditions": ready, "podIP": "127.0.0.1",
        "containerStatuses": [state_of(c, is_over)
                              for c in pod["spec"]["containers"]]}})


def look_at(pod):
    if "deletionTimestamp" in pod["metadata"]:
        call("DELETE", path_of(pod), {"gracePeriodSeconds": 0})
    elif pod["status"].get("phase") == "Pending" and \
            not any("broken" in c["image"] for c in pod["spec"]["containers"]):
        run_pod(pod)


def main():
    make_node()
    while True:
        be_alive()
        pods = call("GET", "/api/v1/pods?fieldSelector=spec.nodeName=" + NODE)
        for pod in pods["items"]:
            look_at(pod)
        time.sleep(1)


main()
