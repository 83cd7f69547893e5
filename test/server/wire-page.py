"""A client of the native API written from docs/wire.md alone, with nothing but Python's standard library: raw sockets, HTTP/1.1.

Usage: wire-page.py PORT. Exits 0 when everything on the page that it tries is true; else says what is not.
"""

import base64
import hashlib
import json
import socket
import struct
import sys
import zlib

PORT = int(sys.argv[1])


class Connection:
    """One HTTP/1.1 connection."""

    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=20)
        self.buffer = b""

    def fill(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise EOFError("the broker closed the connection")
        self.buffer += chunk

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def head(self, method, path, headers):
        lines = [f"{method} {path} HTTP/1.1", "host: broker"] + [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def answer(self):
        status = int(self.line().split(" ")[1])
        headers = {}
        while True:
            line = self.line()
            if line == "":
                return status, headers
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()

    def chunk(self):
        """The next chunk of a chunked body; empty at its end."""
        size = int(self.line(), 16)
        data = self.take(size)
        self.line()
        return data

    def send_chunk(self, data):
        self.socket.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def call(self, method, path, body=None):
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"content-length": len(sent)}
        if body is not None:
            headers["content-type"] = "application/json"
        self.head(method, path, headers)
        self.socket.sendall(sent)
        status, headers = self.answer()
        received = self.take(int(headers.get("content-length", 0)))
        return status, json.loads(received) if received else None


class Frames:
    """The frames in a chunked body: CRC checked where it is given."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""

    def next(self):
        """(type, shard, payload), or None at the end."""
        while True:
            if len(self.buffer) >= 20:
                crc, length, kind, reserved, stream, shard = struct.unpack(">IIB3sII", self.buffer[:20])
                if len(self.buffer) >= 20 + length:
                    frame, self.buffer = self.buffer[: 20 + length], self.buffer[20 + length :]
                    equal(reserved, b"\0\0\0", "reserved bytes of a frame")
                    if crc != 0:
                        equal(zlib.crc32(frame[4:]), crc, "the CRC of a frame")
                    return kind, shard, frame[20:]
            chunk = self.connection.chunk()
            if not chunk:
                equal(self.buffer, b"", "a stream ends at a frame's border")
                return None
            self.buffer += chunk


def equal(actual, expected, what):
    if actual != expected:
        sys.exit(f"{what}: it is {actual!r} and the page says {expected!r}")


def true(condition, what):
    if not condition:
        sys.exit(f"not true: {what}")


# Block -----------------------------------------------------------------------------------------------------------------


def packed_text(text):
    data = text.encode()
    return b"\xda" + struct.pack(">H", len(data)) + data


def block(records, producer, sequence):
    """`records`: (key, data) or (key, data, headers)."""
    body = b""
    for record in records:
        body += b"\x93" if len(record) == 3 else b"\x92"
        body += packed_text(record[0])
        body += b"\xc6" + struct.pack(">I", len(record[1])) + record[1]
        if len(record) == 3:
            body += b"\xde" + struct.pack(">H", len(record[2]))
            for name, value in record[2].items():
                body += packed_text(name) + packed_text(value)
    covered = struct.pack(">BBHQQ", 0, 0, len(records), producer, sequence) + body
    head = struct.pack(">HBBIQQI", 0x4D52, 1, 0, 48 + len(body), 0, 0, zlib.crc32(covered))
    return head + covered


def unpacked(data, at):
    """The MessagePack value at `at` of what records are made of, and where it ends."""
    kind = data[at]
    at += 1
    if kind & 0xE0 == 0xA0:
        return data[at : at + (kind & 0x1F)].decode(), at + (kind & 0x1F)
    for code, form, size in ((0xD9, ">B", 1), (0xDA, ">H", 2), (0xC4, ">B", 1), (0xC5, ">H", 2), (0xC6, ">I", 4)):
        if kind == code:
            length = struct.unpack(form, data[at : at + size])[0]
            at += size
            value = data[at : at + length]
            return (value.decode() if code > 0xD0 else value), at + length
    if kind & 0xF0 == 0x90:
        values = []
        for _ in range(kind & 0x0F):
            value, at = unpacked(data, at)
            values.append(value)
        return values, at
    if kind & 0xF0 == 0x80 or kind == 0xDE:
        count = kind & 0x0F
        if kind == 0xDE:
            count = struct.unpack(">H", data[at : at + 2])[0]
            at += 2
        pairs = {}
        for _ in range(count):
            name, at = unpacked(data, at)
            pairs[name], at = unpacked(data, at)
        return pairs, at
    sys.exit(f"a record holds MessagePack type {kind:#x}, which the page does not name")


def records_of(payload):
    """(sequence, time, record) of all blocks in the payload of a blocks frame."""
    found = []
    while payload:
        magic, version, _, length, base, time, crc = struct.unpack(">HBBIQQI", payload[:28])
        flags, _, count, producer, sequence = struct.unpack(">BBHQQ", payload[28:48])
        equal((magic, version, flags), (0x4D52, 1, 0), "magic, version, flags of a block")
        equal(zlib.crc32(payload[28:length]), crc, "the CRC of a block")
        at = 48
        for i in range(count):
            record, at = unpacked(payload, at)
            found.append((base + i, time, record))
        equal(at, length, "the length of a block")
        payload = payload[length:]
    return found


# The page, from top to bottom ------------------------------------------------------------------------------------------


def conventions(connection):
    equal(connection.call("GET", "/healthz"), (200, {"status": "ok"}), "GET /healthz")
    status, info = connection.call("GET", "/v1")
    equal((status, info["name"]), (200, "millrace"), "GET /v1")
    equal(sorted(info), ["clock", "limits", "name", "now", "version"], "fields of GET /v1")
    status, error = connection.call("GET", "/v1/streams/nothing")
    equal((status, sorted(error)), (404, ["code", "details", "fix", "message", "retryable"]), "an error")
    equal(error["code"], "stream_not_found", "an error's code")


def shard_of(key, shards):
    number = int.from_bytes(hashlib.md5(key.encode()).digest(), "big")
    for shard in shards:
        bounds = shard["hashRange"]
        if shard["status"] == "open" and int(bounds["start"]) <= number <= int(bounds["end"]):
            return shard["shard"]
    sys.exit(f"no open shard holds the hash of {key}")


def resources(connection):
    status, stream = connection.call("PUT", "/v1/streams/page", {"shards": 4})
    equal(status, 201, "PUT stream")
    equal(
        sorted(stream),
        ["createdAt", "name", "number", "recordBytesMax", "retentionMillis", "shards", "status"],
        "fields of a description",
    )
    equal(
        sorted(stream["shards"][0]),
        ["children", "first", "hashRange", "next", "parents", "shard", "status"],
        "fields of a shard",
    )
    records = [{"key": f"user-{i}", "text": f"text {i}"} for i in range(50)]
    status, put = connection.call("POST", "/v1/streams/page/records", {"records": records})
    equal(status, 200, "POST records")
    for record, result in zip(records, put["records"]):
        equal(sorted(result), ["sequence", "shard", "time"], "fields of a put record")
        equal(result["shard"], shard_of(record["key"], stream["shards"]), f"the shard of {record['key']}")
    status, page = connection.call("GET", "/v1/streams/page/records?shard=0&from=horizon&limit=100")
    equal(status, 200, "GET records")
    equal(page["next"], len(page["records"]), "next of a page from horizon")
    for record in page["records"]:
        equal(base64.b64decode(record["data"]).decode(), "text " + record["key"][5:], "the data of a record")
    status, _ = connection.call("PATCH", "/v1/streams/page", {"recordBytesMax": 2000})
    equal(status, 200, "PATCH stream")
    status, listed = connection.call("GET", "/v1/streams?limit=100")
    equal([each["openShards"] for each in listed["streams"] if each["name"] == "page"], [4], "GET streams")
    status, split = connection.call("POST", "/v1/streams/page/split", {"shard": 0})
    equal((status, split["shards"][0]["children"]), (200, [4, 5]), "POST split")
    status, merged = connection.call("POST", "/v1/streams/page/merge", {"shard": 4, "with": 5})
    equal((status, merged["shards"][6]["parents"]), (200, [4, 5]), "POST merge")
    status, page = connection.call("GET", f"/v1/streams/page/records?shard=0&from={page['next']}")
    equal((page["records"], page["children"]), ([], [4, 5]), "a closed shard read to its end")
    status, seen = connection.call("GET", "/v1/inspect")
    equal(status, 200, "GET inspect")


def consumers(connection):
    path = "/v1/streams/page/consumers/billing"
    status, consumer = connection.call("POST", f"{path}/checkpoints", {"shards": {"1": {"next": 1}}})
    equal((status, consumer["consumer"], consumer["shards"][0]["next"]), (200, "billing", 1), "POST checkpoints")
    equal(connection.call("GET", path), (200, consumer), "GET consumer")
    equal(connection.call("GET", "/v1/streams/page/consumers"), (200, {"consumers": [consumer]}), "GET consumers")
    equal(connection.call("DELETE", path), (204, None), "DELETE consumer")


def groups(connection):
    path = "/v1/streams/page/groups/workers/members"
    ask = {"leaseMillis": 10000, "version": 0, "waitMillis": 0, "released": [], "from": "horizon"}
    status, one = connection.call("PUT", f"{path}/one", ask)
    equal((status, sorted(one)), (200, ["leaseMillis", "revoke", "shards", "version"]), "PUT member")
    equal(sorted(one["shards"][0]), ["fence", "next", "shard"], "an assigned shard")
    connection.call("PUT", f"{path}/two", ask)
    status, one = connection.call("PUT", f"{path}/one", {**ask, "version": one["version"], "waitMillis": 3000})
    true(len(one["revoke"]) > 0, "a member is asked to give shards back when another joins")
    status, one = connection.call("PUT", f"{path}/one", {**ask, "version": one["version"], "released": one["revoke"]})
    status, two = connection.call("PUT", f"{path}/two", ask)
    held = sorted(each["shard"] for each in one["shards"] + two["shards"])
    true(len(held) == len(set(held)) and len(two["shards"]) > 0, "each shard is with one member")
    old = {"member": "one", "shards": {str(two["shards"][0]["shard"]): {"next": 0, "fence": 1}}}
    status, error = connection.call("POST", "/v1/streams/page/consumers/workers/checkpoints", old)
    equal((status, error["code"]), (409, "lease_lost"), "a checkpoint with an old fence")
    equal(connection.call("DELETE", f"{path}/two"), (204, None), "DELETE member")


FRAMES = "application/vnd.millrace.frames"
BLOCKS, ACK, REJECT, POSITION, HEARTBEAT, SHARD_END, DRAIN, ERROR = range(1, 9)


def blocks_frame(shard, blocks):
    payload = b"".join(blocks)
    return struct.pack(">IIB3sII", 0, len(payload), BLOCKS, b"", 0, shard) + payload


def append(shard, sent):
    """Sends frames in a session of their own; returns what became of each block."""
    connection = Connection()
    connection.head("POST", "/v1/streams/wire/append", {"content-type": FRAMES, "transfer-encoding": "chunked"})
    equal(connection.answer()[0], 200, "POST append, before anything is sent")
    for frame in sent:
        connection.send_chunk(frame)
    connection.socket.sendall(b"0\r\n\r\n")
    outcomes = {}
    frames = Frames(connection)
    while (frame := frames.next()) is not None:
        kind, _, payload = frame
        if kind == ACK:
            equal(len(payload) % 20, 0, "the length of an ack's payload")
            for at in range(0, len(payload), 20):
                number, base, _ = struct.unpack(">IQQ", payload[at : at + 20])
                outcomes[number] = base
        elif kind == REJECT:
            reject = json.loads(payload)
            outcomes[reject["block"]] = reject["error"]["code"]
        elif kind == ERROR:
            outcomes["error"] = json.loads(payload)["code"]
    connection.socket.close()
    return outcomes


def sessions(connection):
    connection.call("PUT", "/v1/streams/wire")
    blocks = [block([(f"key-{i}", b"data"), (f"key-{i}", b"", {"trace": "é"})], 12345, i) for i in range(3)]
    first = append(0, [blocks_frame(0, blocks[:2]), blocks_frame(0, blocks[2:])])
    equal(first, {0: 0, 1: 2, 2: 4}, "an append session")
    again = append(0, [blocks_frame(0, blocks + [block([("key", b"late")], 12345, 7)])])
    equal(again, {0: 0, 1: 2, 2: 4, 3: "out_of_order"}, "blocks sent again, and one that skips ahead")
    damaged = bytearray(block([("key", b"data")], 0, 0))
    damaged[-1] ^= 1
    outcome = append(0, [blocks_frame(0, [bytes(damaged)]), blocks_frame(9, [block([("key", b"data")], 0, 0)])])
    equal(outcome, {0: "block_crc", 1: "shard_not_found"}, "blocks that are bad")
    unknown = struct.pack(">IIB3sII", 0, 3, 99, b"", 0, 0) + b"new"
    outcome = append(0, [unknown, blocks_frame(0, [block([("key", b"data")], 0, 0)]), b"\0" * 10])
    equal(outcome, {0: 6, "error": "frame_malformed"}, "a frame of an unknown type, and an end inside a frame")


def subscriptions(connection):
    reader = Connection()
    body = json.dumps({"from": {"sequences": {"0": 3}}}).encode()
    reader.head("POST", "/v1/streams/wire/subscribe", {"content-length": len(body)})
    reader.socket.sendall(body)
    status, headers = reader.answer()
    equal((status, headers["content-type"]), (200, FRAMES), "POST subscribe")
    frames = Frames(reader)
    kind, shard, payload = frames.next()
    equal((kind, shard, json.loads(payload)), (POSITION, 0, {"sequence": 3}), "the first frame of a shard")
    seen = []
    while len(seen) < 4:
        kind, shard, payload = frames.next()
        if kind == BLOCKS:
            seen += [each for each in records_of(payload) if each[0] >= 3]
    equal([sequence for sequence, _, _ in seen], [3, 4, 5, 6], "sequences from the position on")
    equal(seen[0][2], ["key-1", b"", {"trace": "é"}], "a record with headers")
    equal(seen[1][2], ["key-2", b"data"], "a record without")
    connection.call("POST", "/v1/streams/wire/records", {"records": [{"key": "k", "json": {"live": True}}]})
    kind, shard, payload = frames.next()
    equal(records_of(payload)[0][2], ["k", b'{"live":true}'], "a record that is pushed")
    connection.call("POST", "/v1/streams/wire/split", {"shard": 0})
    kind, shard, payload = frames.next()
    equal((kind, shard, json.loads(payload)), (SHARD_END, 0, {"children": [1, 2]}), "the end of a shard")
    begun = sorted((frames.next()[0], frames.next()[0]))
    equal(begun, [POSITION, POSITION], "the children begin")
    status, moved = connection.call("POST", "/v1/clock/advance", {"millis": 20000})
    equal(status, 200, "POST clock/advance")
    kind, _, payload = frames.next()
    equal(kind, HEARTBEAT, "what comes when nothing else did")
    equal(sorted(json.loads(payload)), ["shards", "time"], "a heartbeat")
    equal([each[0] for each in json.loads(payload)["shards"]], [1, 2], "the shards of a heartbeat")
    connection.call("DELETE", "/v1/streams/wire")
    kind, _, payload = frames.next()
    equal((kind, json.loads(payload)["code"]), (ERROR, "stream_not_found"), "a stream that is deleted")
    equal(frames.next(), None, "what comes behind an error")


connection = Connection()
for part in (conventions, resources, consumers, groups, sessions, subscriptions):
    part(connection)
    print(f"{part.__name__}: as the page says")
