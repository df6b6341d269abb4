"""The server: `create_app` is the only place where its parts meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Flask
from flask_smorest import Api
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server import app as field_app
from server import dashboard, problems, proxies, rewound
from server.access import Access
from server.accounts.signing_in import SignIn
from server.api import (
    Doors,
    bodies,
    decisions_door,
    describe,
    devices_door,
    indicators_door,
    pages,
    reference_door,
    reports_door,
    residents_door,
    sync_door,
    work_door,
)
from server.config import Config
from server.decisions import decisions_of
from server.exchange import Exchange
from server.indicators.reading import Indicators
from server.journal import Journal
from server.reports import Reports
from server.reports.reading import ReportReading
from server.standings import Standings
from server.store.engine import engine_options, follow, prepare
from server.store.tables import metadata
from sync.types import CATALOGUE
from sync.types.catalogue import Catalogue
from sync.wire import MAX_BODY_BYTES

db = SQLAlchemy(metadata=metadata)


def utc_now() -> dt.datetime:
    """The server's clock."""
    return dt.datetime.now(dt.UTC)


def create_app(config: Config, catalogue: Catalogue = CATALOGUE, now: Callable[[], dt.datetime] = utc_now) -> Flask:
    """The application of one deployment. The database must have been migrated before it is asked anything."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        **describe.SETTINGS,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    proxies.believe(app, config.proxies)
    db.init_app(app)
    with app.app_context():
        engine = prepare(db.engine, config.sealing_key)
    follow(engine, Journal(engine, config.data_dir, now).watch)
    exchange, standings = Exchange(engine, catalogue, config, now), Standings(engine, catalogue, config, now)
    doors = Doors(
        Access(engine, config, now),
        exchange,
        standings,
        catalogue,
        engine,
        config,
        decisions=decisions_of(engine, exchange, standings, catalogue, config, now),
        signing_in=SignIn(engine, config, now),
        reports=Reports(engine, catalogue, config, now),
        report_reading=ReportReading(engine),
        indicators=Indicators(engine, catalogue, config, now),
        now=now,
    )
    app.extensions["cunyi"] = doors
    api = Api(app)
    for door in (
        sync_door,
        reference_door,
        devices_door,
        residents_door,
        indicators_door,
        decisions_door,
        work_door,
        reports_door,
    ):
        api.register_blueprint(door.blueprint(doors))
    app.register_blueprint(pages.blueprint(doors))
    app.register_blueprint(dashboard.blueprint(doors, now))
    app.register_blueprint(field_app.blueprint(catalogue))
    describe.complete(api)
    rewound.guard(app, engine)
    exchange.soundness.guard(app)
    problems.register(app, unavailable=(DBAPIError, PoolTimeoutError))
    bodies.compress(app)
    return app
