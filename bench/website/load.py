"""`python -m bench.website.load ADDRESS SITE USERS SECONDS PAUSE < told.json`: users who read, think, and read again.

45 % lists, 25 % files, 20 % searches (one in three with a typo), 10 % registrations. A user who waits for a page asks
for nothing else: the pause comes after the answer. Prints the milliseconds of every request, by kind, and the errors.
"""

import http.client
import json
import re
import sys
import threading
import time
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from bench.website.people import with_a_slip

# Seconds that are not counted: each thread learns its reads, the database fills its memory.
WARM = 10.0
KINDS = (("list", 45), ("file", 25), ("search", 20), ("register", 10))
_TOKEN = re.compile(rb'name="(csrfmiddlewaretoken|form_token)" value="([^"]+)"')


class User(threading.Thread):
    """One agent at their desk."""

    def __init__(self, number: int, told: dict[str, Any], address: str, site: str, pause: float, until: float) -> None:
        super().__init__(daemon=True)
        self.random, self.told, self.site, self.pause, self.until = Random(number), told, site, pause, until
        self.agent = told["users"][number % len(told["users"])]
        self.host, _, port = address.removeprefix("http://").strip("/").partition(":")
        self.port = int(port)
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        self.cookies = {told["cookie_name"]: self.agent["cookie"]}
        self.times: dict[str, list[tuple[float, float]]] = {kind: [] for kind, _ in KINDS}
        self.errors: list[str] = []

    def run(self) -> None:
        time.sleep(self.random.random() * max(self.pause, 0.2))
        names, weights = zip(*KINDS, strict=True)
        while time.monotonic() < self.until:
            kind = self.random.choices(names, weights)[0]
            try:
                getattr(self, kind)()
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.errors.append(f"{kind}: {error!r}"[:200])
                self.connection.close()
            time.sleep(self.pause * (0.5 + self.random.random()))

    def list(self) -> None:
        if self.site == "naive":
            path = f"/?page={self.random.choice((1, 1, 1, 2, 3, 10, 200))}"
        else:
            path = f"/demandes/?avant={self.mine()}" if self.random.random() < 0.4 else "/demandes/"
        self.timed("list", "GET", path)

    def file(self) -> None:
        pk = self.mine()
        self.timed("file", "GET", f"/{pk}/" if self.site == "naive" else f"/demandes/{pk}/")

    def search(self) -> None:
        surname, first, _ = self.random.choice(self.told["people"])
        if self.random.random() < 0.34:
            surname = with_a_slip(surname, self.random)
        typed = self.random.choice((surname, f"{surname} {first}", f"{first} {surname[:4]}"))
        where = "/recherche/" if self.site == "naive" else "/bureau/recherche/"
        self.timed("search", "GET", f"{where}?q={quote(typed)}", wanted=(200, 302))

    def register(self) -> None:
        surname, _, born = self.random.choice(self.told["people"])
        person = {
            "birth_name": f"{surname}-Banc",
            "first_names": f"Test {self.random.random():.6f}"[:12],
            "birth_date": born,
        }
        if self.site == "naive":
            self.timed("register", "POST", "/nouvelle/", urlencode(person), wanted=(302,))
            return
        body = self.ask("GET", "/demandes/nouvelle/", wanted=(200,))
        hidden = {name.decode(): value.decode() for name, value in _TOKEN.findall(body)}
        self.timed(
            "register", "POST", "/demandes/nouvelle/", urlencode(person | hidden | {"phone": "", "anyway": "1"}),
            wanted=(302,),
        )  # fmt: skip

    def mine(self) -> int:
        """A file of this agent's own place, line-by-line score included."""
        first, last = self.told["files"]
        places = self.agent["places"]
        pk = self.random.randrange(first, last - places)
        return int(pk + (self.agent["rest"] - pk) % places)

    def timed(self, kind: str, method: str, path: str, body: str = "", wanted: tuple[int, ...] = (200,)) -> None:
        started = time.monotonic()
        self.ask(method, path, body, wanted)
        self.times[kind].append((started, (time.monotonic() - started) * 1000))

    def ask(self, method: str, path: str, body: str = "", wanted: tuple[int, ...] = (200,)) -> bytes:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for line in answer.msg.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status not in wanted:
            raise AssertionError(f"{method} {path} answered {answer.status}")
        return content


def main(address: str, site: str, users: int, seconds: float, pause: float) -> None:
    """Let the users work, and print what they saw after the first seconds."""
    told = json.load(sys.stdin)
    begun = time.monotonic()
    agents = [User(number, told, address, site, pause, begun + WARM + seconds) for number in range(users)]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join(120)
    kept = {
        kind: [round(ms, 2) for agent in agents for at, ms in agent.times[kind] if at > begun + WARM]
        for kind, _ in KINDS
    }
    json.dump({"times": kept, "errors": [error for agent in agents for error in agent.errors][:20]}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
