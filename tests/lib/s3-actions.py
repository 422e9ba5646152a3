"""s3-actions - compare the S3 actions that requests need with a policy.

usage: s3-actions.py LOG POLICY

Prints those that the requests in a log of aws-proxy.py need and the policy does
not allow with "+", and those that it allows and no request needs with "-".  What
v2m-init alone does is left out.
"""
import json
import sys

OF_INIT = {"s3:CreateBucket", "s3:GetBucketVersioning",
           "s3:GetBucketObjectLockConfiguration"}


def of_bucket(method, query):
    if method == "PUT":
        return "s3:CreateBucket"
    if "versioning=" in query:
        return "s3:GetBucketVersioning"
    if "object-lock=" in query:
        return "s3:GetBucketObjectLockConfiguration"
    if "uploads=" in query:
        return "s3:ListBucketMultipartUploads"
    return "s3:ListBucket"


def of_object(method, query):
    if method in ("GET", "HEAD"):
        return "s3:GetObject"
    if method == "DELETE":
        return ("s3:AbortMultipartUpload" if "uploadId=" in query else
                "s3:DeleteObject")
    return "s3:PutObject"


def action(line):
    method, target = line.split()[:2]
    path, _, query = target.partition("?")
    whole = path.count("/") == 1
    return (of_bucket if whole else of_object)(method, query)


needed = {action(line) for line in open(sys.argv[1])} - OF_INIT
allowed = set()
for statement in json.load(open(sys.argv[2]))["Statement"]:
    allowed.update(statement["Action"])
for name in sorted(needed - allowed):
    print("+", name)
for name in sorted(allowed - needed):
    print("-", name)
