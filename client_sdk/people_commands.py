"""The commands of `cunyi field` about who is who: find a resident, see who may be registered twice, decide it, undo it."""

from __future__ import annotations

import click

from client_sdk import printing
from client_sdk.client import Client
from client_sdk.console import as_json, on_phone, tell
from client_sdk.view import View


@click.command()
@click.argument("text", required=False, default="")
@click.option("--group", help="Only who belongs to it: a population group such as elder_65, or a disease under management.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most.")
@as_json
@on_phone
def find(client: Client, text: str, group: str | None, limit: int, to_json: bool) -> None:
    """Residents by name, pinyin or its initials (wxl), or the last digits of a telephone or identity number."""
    found = client.search(text, group, limit)
    tell(to_json, [printing.view_json(view) for view in found], map(person_line, found))


@click.command()
@as_json
@on_phone
def candidates(client: Client, to_json: bool) -> None:
    """Residents who may be one person, the likeliest first, with the reasons. Decide with `link` or `unlink`."""
    found = client.candidates()
    lines = []
    for pair in found if not to_json else ():
        lines += [f"{pair.points:>4}  {', '.join(pair.reasons)}"]
        lines += [f"      {person_line(client.get(resident))}" for resident in (pair.first, pair.second)]
    tell(to_json, [pair._asdict() for pair in found], lines)


@click.command()
@click.argument("duplicate")
@click.argument("same_as")
@click.option("--reason", default="", help="How it is known.")
@as_json
@on_phone
def link(client: Client, duplicate: str, same_as: str, reason: str, to_json: bool) -> None:
    """Decide that DUPLICATE and SAME_AS (ids of residents) are one person, whose record is that of SAME_AS."""
    view = client.link(duplicate, same_as, reason)
    tell(to_json, printing.view_json(view), printing.page(view, []))


@click.command()
@click.argument("duplicate")
@click.argument("same_as")
@click.option("--reason", default="", help="How it is known.")
@as_json
@on_phone
def unlink(client: Client, duplicate: str, same_as: str, reason: str, to_json: bool) -> None:
    """Decide that DUPLICATE and SAME_AS are two persons: undo their link, or keep that somebody looked."""
    views = client.unlink(duplicate, same_as, reason)
    tell(to_json, [printing.view_json(view) for view in views], (line for view in views for line in printing.page(view, [])))


@click.command()
@as_json
@on_phone
def persons(client: Client, to_json: bool) -> None:
    """Who counts as whom: each linked resident and the one whose record stands for that person."""
    same = client.persons()
    tell(to_json, same, (f"{resident}  counts as  {survivor}" for resident, survivor in same.items() if resident != survivor))


COMMANDS = (find, candidates, link, unlink, persons)


def person_line(view: View) -> str:
    """A resident in one line, with the day of birth and the telephone, which tell two of one name apart."""
    words = [printing.line(view)]
    for section, name in (("identity", "birth_date"), ("contact", "phone")):
        if section not in view.conflicts and (value := (view.sections.get(section) or {}).get(name)):
            words.append(str(value))
    return "  ".join(words)
