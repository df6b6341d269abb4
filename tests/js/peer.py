"""The small server of tests/client_sdk/peer.py for the JavaScript client: over HTTP, each peer below a path of its own.

`POST /new` with scopes makes one; `POST /<n>/control` runs words of a test on it, as `peer`, and tells what `told` is then.
Prints its address and serves until its standard input ends.
"""

import json
import sys

from client_sdk import Reply
from sync.record import shown
from tests.client_sdk.peer import Peer, a_record, changed_by
from tests.client_sdk.test_syncing import VISITS, clone, colleagues_visits
from tests.client_sdk.web import Answer, on_behalf_of, serving


class TypedPeer(Peer):
    """A peer that gives a catalogue, which knows no type, and names, of nobody."""

    def on_types(self, _body):
        return Reply(200, {"version": "none", "types": [], "codes": {}})

    def on_names(self, _body):
        return Reply(200, {"version": "none", "area": {}, "team": {}, "organization": {}, "person": {}})


def main():
    peers, words = [], {"shown": shown, "a_record": a_record, "changed_by": changed_by, "VISITS": VISITS}
    words |= {"clone": clone, "colleagues_visits": colleagues_visits, "Reply": Reply}

    def answer(method, path, headers, body):
        if path == "/new":
            peers.append(TypedPeer(*json.loads(body)))
            return Answer(200, {"peer": len(peers) - 1})
        number, _, below = path.removeprefix("/").partition("/")
        peer = peers[int(number)]
        if below != "control":
            return on_behalf_of(peer)(method, f"/{below}", headers, body)
        names = {**words, "peer": peer, "told": None}
        exec(json.loads(body), names)  # the words of a test of ours
        return Answer(200, {"told": names["told"]})

    with serving(answer) as url:
        print(url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
