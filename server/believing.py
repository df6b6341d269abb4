"""What of a record state is believed: a device may bring what is its own, and after a restore what others had written."""

from __future__ import annotations

from sqlalchemy import Connection

from server.placing import fits
from server.received import Talk
from server.store import devices, journal
from server.store.scope import logged
from sync.codec import stamp
from sync.record import Record
from sync.version import SERVER_ACTOR, Dot

MOST_SINCE_A_BACKUP = 100_000  # edits of one phone


def may_bring(connection: Connection, talk: Talk, sent: Record, here: Record, joined: Record) -> bool:
    """May the device bring this state? `sent`: by the scope it is to lie in; `joined`: what it and the server's amount to.

    The device's own unknown edits always; others' only while healing is open; nothing that may not lie there.
    """
    if sent.type != here.type or not all(fits(talk.catalogue, sent.type, edit.sections, sent.scope) for edit in sent.edits):
        return False
    if talk.here.healing(stamp(talk.now)):
        return not _forged(connection, talk, sent, here) and not _beyond_reason(connection, sent, here)
    unknown = {actor for actor, n in sent.seen.items() if n > here.seen.upto(actor)}
    brought = [edit for edit in sent.edits if not here.seen.covers(edit.dot)]
    if unknown - talk.own or any(edit.author != talk.caller.person for edit in brought):
        return False
    # what the server holds may give way only to words that the device brings
    replaced = {name for edit in brought for name in edit.sections}
    held = {(edit.dot, name) for edit in joined.edits for name in edit.sections}
    return all((edit.dot, name) in held or name in replaced for edit in here.edits for name in edit.sections)


def _beyond_reason(connection: Connection, sent: Record, here: Record) -> bool:
    """True when a state names an edit that its actor cannot have come to since any backup.

    It would cover whatever that actor writes from now on: nobody would ever see it.
    """
    for actor, n in sent.seen.items():
        if n > here.seen.upto(actor) + MOST_SINCE_A_BACKUP:
            known = devices.said_by(connection, actor).get(actor)
            if n > (known.counter if known else 0) + MOST_SINCE_A_BACKUP:
                return True
    return False


def _forged(connection: Connection, talk: Talk, sent: Record, here: Record) -> bool:
    """True when a state has edits of a server's own actor that this server does not have, and cannot have lost.

    Those of its present actor it has all; of the actor of an epoch before a restore, all that its log has, and up to
    where the backup was made all but those whose number had been set aside just then. An epoch that was lost whole, when
    the server was put back to what lies before an earlier restore, is in the journal, and any edit may be of it.
    """
    claimed = {Dot(actor, n) for actor, n in sent.seen.items()} | {edit.dot for edit in sent.edits}
    for dot in claimed:
        if SERVER_ACTOR.fullmatch(dot.actor) and not here.seen.covers(dot):
            if dot.actor == talk.here.actor:
                return True
            known = devices.said_by(connection, dot.actor).get(dot.actor)
            if known is None and not journal.may_have_been_ours(connection, dot.actor):
                return True
            if known is not None and dot.counter <= known.counter and logged(connection, [dot]):
                return True
    return False
