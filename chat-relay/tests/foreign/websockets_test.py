"""The relay through `websockets` of PyPI: JSON over a WebSocket, by docs/protocol.md alone.

The program of the relay is named by SIGHTLINE_RELAY.
"""

import asyncio
import json
import os
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

# How long the relay may take for any answer.
PATIENCE_SECS = 20


class Relay:
    """A relay of its own, on a free port."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        command = [os.environ["SIGHTLINE_RELAY"], "serve", "--port", "0", "--ready-json", "--data", self.folder.name]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = json.loads(self.process.stdout.readline())["url"].rstrip("/")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def post(self, path, body):
        """Calls over HTTP; gives the status and the answer."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECS) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    async def open(self, room):
        url = self.url.replace("http", "ws", 1) + "/v1/ws?room=" + room
        return await connect(url, subprotocols=["sightline.v1.json"], open_timeout=PATIENCE_SECS)


class Connection:
    """A connection that was welcomed."""

    def __init__(self, socket):
        self.socket = socket
        self.welcome = None

    @classmethod
    async def greeted(cls, relay, place, token, **more):
        one = cls(await relay.open(place["room"]))
        await one.send(type="hello", version=1, token=token, name="", **more)
        one.welcome = await one.next("welcome")
        return one

    async def send(self, **message):
        await self.socket.send(json.dumps(message))

    async def op(self, place, counter, **body):
        op_id = {"device": place["device"], "counter": counter}
        await self.send(type="op", op_id=op_id, body=body)

    async def next(self, kind):
        """The next message of a type, past others."""
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_SECS))
            if message["type"] == kind:
                return message

    async def events(self, count):
        """The next so many events, however they are batched."""
        events = []
        while len(events) < count:
            events += (await self.next("events"))["events"]
        return events


class ForeignClient(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.relay = Relay()
        self.addCleanup(self.relay.close)

    def room(self):
        """A room's owner and a second member."""
        status, ada = self.relay.post("/v1/rooms", {"name": "Ada"})
        self.assertEqual((status, ada["role"]), (201, "owner"))
        code = ada["code"].lower()
        status, ben = self.relay.post("/v1/rooms/join", {"code": f" {code[:3]} {code[3:]}", "name": "Ben"})
        self.assertEqual((status, ben["role"], ben["room"]), (200, "editor", ada["room"]))
        return ada, ben

    async def test_two_members_talk_build_move_whisper_lose_each_other_and_go_on(self):
        ada, ben = self.room()
        one = await Connection.greeted(self.relay, ada, ada["secret"])
        two = await Connection.greeted(self.relay, ben, ben["token"], presence_millis=33)
        self.assertEqual(two.welcome["you"]["device"], ben["device"])
        self.assertEqual((await one.next("joined"))["member"]["name"], "Ben")

        await one.op(ada, 1, kind="chat", text="Guten Tag 👋")
        [said] = await one.events(1)
        self.assertEqual(await two.events(1), [said])
        self.assertEqual((said["seq"], said["from"], said["body"]["text"]), (1, ada["member"], "Guten Tag 👋"))

        stroke = f"{ben['device']}-1"
        fields = {"kind": "stroke", "parent": "room", "points": [[0.0, 1.0, 0.0]]}
        await two.op(ben, 1, kind="scene", op={"type": "put", "id": stroke, "fields": fields})
        more = {"type": "append", "id": stroke, "field": "points", "values": [[0.25, 1.0, 0.0]]}
        await two.op(ben, 2, kind="scene", op=more)
        built = await one.events(2)
        self.assertEqual([event["seq"] for event in built], [2, 3])
        self.assertEqual(built[0]["body"]["op"]["fields"], fields)
        self.assertEqual(built[1]["body"]["op"], more)
        await two.events(2)

        head = [1.0, 1.6, 0.0, 0.0, 0.0, 0.0, 1.0]
        here = {"mode": "ar", "tracking": "good", "aligned": True, "typing": False, "room_from_head": head}
        await one.send(type="presence", **here)
        told = await two.next("presence")
        self.assertIn({"device": ada["device"], "presence": here}, told["members"])

        whisper = {"device": ada["device"], "counter": 2}
        await one.send(type="direct", op_id=whisper, to=ben["member"], text="Psst")
        [direct] = (await two.next("inbox"))["entries"]
        self.assertEqual((direct["from"], direct["to"], direct["text"]), (ada["member"], ben["member"], "Psst"))

        # The connection breaks while an op is under way, and the world goes on.
        await two.op(ben, 3, kind="chat", text="Did this arrive?")
        [first] = await one.events(1)
        two.socket.transport.abort()
        self.assertEqual((await one.next("left"))["device"], ben["device"])
        await one.op(ada, 3, kind="chat", text="It did.")
        [second] = await one.events(1)

        resume = {"epoch": two.welcome["epoch"], "seq": 3, "inbox": direct["seq"]}
        again = await Connection.greeted(self.relay, ben, ben["secret"], resume=resume)
        self.assertFalse(again.welcome["from_start"])
        self.assertEqual(await again.events(2), [first, second])

        # It did arrive; sent again, it is acknowledged once, and stands in the log once.
        await again.op(ben, 3, kind="chat", text="Did this arrive?")
        ack = await again.next("ack")
        self.assertEqual(ack, {"type": "ack", "op_id": first["op_id"], "seq": first["seq"]})
        await again.op(ben, 4, kind="chat", text="So it did.")
        [last] = await again.events(1)
        self.assertEqual(last["seq"], second["seq"] + 1)

        await again.op(ben, 5, kind="chat", text="")
        refused = await again.next("error")
        self.assertEqual((refused["code"], refused["retry"]), ("invalid_op", "never"))
        self.assertEqual(refused["op_id"], {"device": ben["device"], "counter": 5})
        await one.socket.close()
        await again.socket.close()

    async def test_a_wrong_code_and_a_wrong_token_are_refused_in_words(self):
        status, unknown = self.relay.post("/v1/rooms/join", {"code": "CCC-CCC", "name": "Eve"})
        self.assertEqual((status, unknown["code"]), (404, "room_not_found"))
        ada, _ = self.room()
        eve = Connection(await self.relay.open(ada["room"]))
        await eve.send(type="hello", version=1, token="made up")
        self.assertEqual((await eve.next("error"))["code"], "unauthorized")
        with self.assertRaises(ConnectionClosed) as closed:
            await eve.next("nothing more")
        self.assertEqual((closed.exception.rcvd.code, closed.exception.rcvd.reason), (1008, "unauthorized"))


if __name__ == "__main__":
    unittest.main()
