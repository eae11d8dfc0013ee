"""A local program of a few lines: one request by urllib, the response told as JSON on standard output."""

import json
import sys
import urllib.error
import urllib.request

method, url = sys.argv[1:3]
body = sys.stdin.buffer.read() if method == "POST" else None
request = urllib.request.Request(url, data=body, method=method, headers={"X-Name": "python"})
try:
    response = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    response = error
print(json.dumps({
    "status": response.status,
    "reason": response.reason,
    "cookies": response.headers.get_all("Set-Cookie"),
    "type": response.headers["Content-Type"],
    "proxyStatus": response.headers["Proxy-Status"],
    "body": response.read().decode(),
}))
