#!/usr/bin/env python3
"""schemas.py PACKAGE KEDA OUT: schemas for kubeconform, made offline.

PACKAGE is the folder of the Python package kubernetes_validate, whose schemas
refer to one large file of definitions, which kubeconform does not read: each
gets the definitions that it needs. KEDA is the folder with its CRDs. OUT gets
KIND-GROUP-VERSION.json, with no other properties than those of the schema.
"""

import json
import pathlib
import sys

import yaml

PREFIX = "/api/_definitions.json#/$defs/"


def version_of(path):
    return [int(n) for n in path.name.split("-")[0][1:].split(".")]


def localized(node, wanted):
    """A copy whose references stay within the file; adds their names."""
    if isinstance(node, list):
        return [localized(n, wanted) for n in node]
    if not isinstance(node, dict):
        return node
    out = {k: localized(v, wanted) for k, v in node.items()}
    ref = out.get("$ref")
    if isinstance(ref, str) and "#/$defs/" in ref:
        name = ref.split("#/$defs/")[1]
        wanted.add(name)
        out["$ref"] = "#/$defs/" + name
    return out


def of_kubernetes(package, out):
    folder = max((p for p in (package / "kubernetes-json-schema").iterdir()
                  if p.name.endswith("-strict")), key=version_of)
    definitions = json.loads((folder / "_definitions.json").read_text())
    definitions = definitions.get("$defs", definitions.get("definitions"))
    for path in folder.glob("*-*.json"):
        wanted = set()
        schema = localized(json.loads(path.read_text()), wanted)
        have = {}
        while wanted - have.keys():
            for name in sorted(wanted - have.keys()):
                have[name] = localized(definitions[name], wanted)
        schema["$defs"] = have
        (out / path.name).write_text(json.dumps(schema))


def closed(node):
    """A CRD's schema says no more than what may be there."""
    if isinstance(node, list):
        return [closed(n) for n in node]
    if not isinstance(node, dict):
        return node
    node = {k: closed(v) for k, v in node.items()}
    if isinstance(node.get("properties"), dict) and \
            not node.get("x-kubernetes-preserve-unknown-fields"):
        node.setdefault("additionalProperties", False)
    return node


def of_keda(folder, out):
    for path in folder.glob("*.yaml"):
        crd = yaml.safe_load(path.read_text())["spec"]
        for version in crd["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            name = "-".join([crd["names"]["kind"].lower(),
                             crd["group"].split(".")[0], version["name"]])
            (out / (name + ".json")).write_text(json.dumps(schema))


def main():
    package, keda, out = (pathlib.Path(a) for a in sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    of_kubernetes(package, out)
    of_keda(keda, out)


main()
