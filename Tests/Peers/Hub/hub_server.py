"""Answers on the loopback interface as the Hugging Face hub does, as far as downloads ask."""
import hashlib
import http.server
import json
import threading
import urllib.parse


def git_blob(content):
    """What git names a file by: small files' etags are this."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Repository:
    """A model repository at one commit; what `.gitattributes` gives to git-lfs is stored large."""

    def __init__(self, files, xet=()):
        self.files = dict(files)
        self.commit = hashlib.sha1(json.dumps(
            {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}).encode()).hexdigest()
        attributes = self.files.get(".gitattributes", b"").decode().splitlines()
        self.suffixes = tuple(line.split()[0].removeprefix("*") for line in attributes if "filter=lfs" in line)
        # The files that the hub serves by Xet, each with the hash that Xet has for it.
        self.xet = dict(xet)

    def is_large(self, name):
        return name.endswith(self.suffixes) if self.suffixes else False

    def etag(self, name):
        content = self.files[name]
        return hashlib.sha256(content).hexdigest() if self.is_large(name) else git_blob(content)

    def tree(self):
        for name, content in sorted(self.files.items()):
            entry = {"type": "file", "oid": git_blob(content), "size": len(content), "path": name}
            if self.is_large(name):
                digest = self.etag(name)
                pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n"
                entry |= {"oid": git_blob(pointer.encode()), "lfs": {
                    "oid": digest, "size": len(content), "pointerSize": len(pointer)}}
            if name in self.xet:
                entry["xetHash"] = self.xet[name]
            yield entry


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        parts = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"] and len(parts) >= 4:
            return self.describe("/".join(parts[2:4]), parts[4:])
        if parts[:3] == ["api", "resolve-cache", "models"] and len(parts) >= 7:
            return self.serve("/".join(parts[3:5]), "/".join(parts[6:]))
        if parts[:1] == ["cdn"] and len(parts) >= 4:
            return self.serve("/".join(parts[1:3]), "/".join(parts[3:]))
        if len(parts) >= 5 and parts[2] == "resolve":
            return self.resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        self.refuse("EntryNotFound")

    def repository(self, name):
        found = self.server.repositories.get(name)
        if found is None:
            self.refuse("RepoNotFound")
        return found

    def describe(self, name, rest):
        repository = self.repository(name)
        if repository is None:
            return
        if rest[:1] == ["tree"]:
            return self.send(200, {"Content-Type": "application/json"}, json.dumps(list(repository.tree())).encode())
        if rest[:1] not in ([], ["revision"]):
            return self.refuse("EntryNotFound")
        info = {"id": name, "modelId": name, "sha": repository.commit, "private": False, "tags": [],
                "siblings": [{"rfilename": file} for file in sorted(repository.files)]}
        self.send(200, {"Content-Type": "application/json"}, json.dumps(info).encode())

    def resolve(self, name, revision, file):
        repository = self.repository(name)
        if repository is None:
            return
        commit = {"X-Repo-Commit": repository.commit}
        if revision not in ("main", repository.commit):
            return self.refuse("RevisionNotFound")
        if file not in repository.files:
            return self.refuse("EntryNotFound", commit)
        size = {"X-Linked-Size": str(len(repository.files[file]))}
        etag = {"X-Linked-Etag": f'"{repository.etag(file)}"'}
        place = urllib.parse.quote(f"{name}/{file}")
        if not repository.is_large(file):
            place = urllib.parse.quote(f"/api/resolve-cache/models/{name}/{repository.commit}/{file}")
            return self.send(307, commit | etag | size | {"Location": place}, b"")
        if file in repository.xet:
            etag |= {"X-Xet-Hash": repository.xet[file],
                     "X-Xet-Refresh-Route": f"/api/models/{name}/xet-read-token/{repository.commit}"}
        where = f"http://127.0.0.1:{self.server.server_port}/cdn/{place}"
        self.send(302, commit | etag | size | {"Location": where}, b"")

    def serve(self, name, file):
        repository = self.server.repositories.get(name)
        if repository is None or file not in repository.files:
            return self.refuse("EntryNotFound")
        headers = {"X-Repo-Commit": repository.commit, "ETag": f'"{repository.etag(file)}"',
                   "Content-Type": "application/octet-stream"}
        self.send(200, headers, repository.files[file])

    def refuse(self, code, headers=None):
        self.send(404, (headers or {}) | {"X-Error-Code": code, "X-Error-Message": code}, b"")

    def send(self, status, headers, body):
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Hub:
    """Serves repositories for as long as the `with` lasts; `endpoint` is what HF_ENDPOINT takes."""

    def __init__(self, repositories):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.repositories = repositories
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
