"""A village of phones around the real server, without a network between: for stories that several phones tell."""

import datetime as dt
import json

from client_sdk import Client, Reply
from server import create_app
from server.store.deployment import establish
from server.store.engine import reading, retried
from server.store.feed import states
from server.store.verify import verify
from tests.client_sdk.conftest import PIN, Clock
from tests.village import VILLAGE, settle

MORNING = dt.datetime(2026, 11, 21, 0, 15, tzinfo=dt.UTC)


class Door:
    """A line to the application without a socket between."""

    def __init__(self, app):
        self._http = app.test_client()

    def request(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        text = None if body is None else json.dumps(body)
        answer = self._http.open(path, method=method, data=text, content_type="application/json", headers=headers)
        return Reply(answer.status_code, json.loads(answer.get_data()))

    def close(self):
        pass


class Village:
    def __init__(self, config, folder):
        self.time = MORNING
        self.app = create_app(config, now=lambda: self.time)
        self.doors, self._folder, self.phones = self.app.extensions["cunyi"], folder, []
        self.engine = self.doors.engine
        retried(self.engine, lambda c: establish(c, config.identity_key))
        retried(self.engine, settle)

    def phone(self, person):
        code, path = self.doors.access.new_code(person), self._folder / f"{person}.db"
        client = Client.enrol("http://here", code, path, pin=PIN, transport=Door(self.app), now=Clock())
        self.phones.append(client)
        return client

    def client(self):
        """A browser, or a program, that asks the application."""
        return self.app.test_client()

    def write(self, work):
        """Change what the office keeps."""
        return retried(self.engine, work)

    def meet(self):
        """Both phones sync until each has what the other sent."""
        for _ in range(2):
            assert all(phone.sync().complete for phone in self.phones)

    def records(self, *leave):
        """Every record of the village, byte for byte, but those of the types to leave out."""
        with reading(self.engine) as connection:
            return {text for text in states(connection, VILLAGE, "") if json.loads(text)["type"] not in leave}

    def faults(self):
        with reading(self.engine) as connection:
            return verify(connection).faults

    def close(self):
        for phone in self.phones:
            phone.close()
        self.engine.dispose()
