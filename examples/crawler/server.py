#!/usr/bin/env python3
"""A small service with pages: users by page number of the next link, the posts of a user by cursor."""

import http.server
import json
import sys
import urllib.parse

USERS = [{"name": name, "id": number} for number, name in enumerate(["ida", "jón", "noor/haddad", "piet"], 1)]
POSTS = {user["id"]: [{"id": 10 * user["id"] + i, "title": f"{user['name']} no. {i}"} for i in range(user["id"])] for user in USERS}
PAGE = 2


def users(query):
    page = int(query.get("page", ["1"])[0])
    more = len(USERS) > page * PAGE
    return {"users": USERS[(page - 1) * PAGE : page * PAGE], "next": f"/users?page={page + 1}" if more else None}


def posts(user, query):
    first = int(query.get("after", ["0"])[0])
    more = len(POSTS[user]) > first + PAGE
    return {"posts": POSTS[user][first : first + PAGE], "cursor": str(first + PAGE) if more else None}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        parts = url.path.strip("/").split("/")
        answer = users(query) if parts == ["users"] else posts(int(parts[1]), query)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}")
sys.stdout.flush()
server.serve_forever()
