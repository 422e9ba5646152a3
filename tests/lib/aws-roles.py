"""aws-roles - a service that issues credentials for AWS roles, for tests.

usage: aws-roles.py LOG SECONDS

Listens on a free port of 127.0.0.1, which it prints, as STS (AssumeRoleWith-
WebIdentity of the token "web-token"), as the agent of a container (/container,
for clients that send "agent-token"), and as the metadata of an instance.  All
issue the access key "lent", the secret "lentsecret" and the token
"session/+=", for so many SECONDS.  LOG gets a line for each request.
"""
import datetime
import http.server
import json
import sys
import urllib.parse

log = open(sys.argv[1], "a", buffering=1)
seconds = int(sys.argv[2])


def until():
    end = datetime.datetime.now(datetime.timezone.utc)
    end += datetime.timedelta(seconds=seconds)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def lent():
    return json.dumps({"Code": "Success", "Type": "AWS-HMAC",
                       "AccessKeyId": "lent", "SecretAccessKey": "lentsecret",
                       "Token": "session/+=", "Expiration": until()})


STS = """<AssumeRoleWithWebIdentityResponse
 xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>lent</AccessKeyId><SecretAccessKey>lentsecret</SecretAccessKey>
<SessionToken>session/+=</SessionToken><Expiration>%s</Expiration>
</Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, what, body, status=200):
        log.write("%s %s %d\n" % (self.command, what, status))
        self.send_response_only(status)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self):
        query = urllib.parse.parse_qs(self.path.partition("?")[2])
        if (query.get("WebIdentityToken") == ["web-token"] and
                query.get("RoleArn") == ["arn:aws:iam::1:role/v2m"]):
            return self.answer("sts", STS % until())
        self.answer("sts", "<ErrorResponse/>", 400)

    def do_PUT(self):
        if self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
            return self.answer("token", "instance-token")
        self.answer("token", "", 400)

    def do_GET(self):
        if self.path == "/container":
            if self.headers.get("Authorization") == "agent-token":
                return self.answer("container", lent())
            return self.answer("container", "", 401)
        if self.headers.get("X-aws-ec2-metadata-token") != "instance-token":
            return self.answer("metadata", "", 401)
        if self.path.endswith("/security-credentials/"):
            return self.answer("metadata", "the-role")
        if self.path.endswith("/security-credentials/the-role"):
            return self.answer("role", lent())
        self.answer("metadata", "", 404)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
