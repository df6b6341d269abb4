"""What stands outside the protocol: the front page, and whether the server lives and can work."""

from __future__ import annotations

import base64
import hashlib

from flask import Blueprint, Response, request
from markupsafe import escape
from sqlalchemy import text

from server.access import here
from server.api import Doors
from server.store.engine import reading
from server.store.figures import counts

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>村医 Cunyi</title><style>
body { margin: 0; font: 18px/1.6 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1b1f23; background: #f5f7f6; }
main { max-width: 40rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; } h1 small { font-weight: 400; color: #4a5651; font-size: 1.25rem; }
.state { display: inline-block; margin: 1.25rem 0; padding: .5rem 1rem; border: 2px solid #1c6b3c; border-radius: .5rem; color: #14502d; background: #fff; font-weight: 600; }
.state::before { content: "● "; } .state.down { border-color: #a3261b; color: #a3261b; } .state.down::before { content: "■ "; }
ul { padding: 0; list-style: none; } li { margin: .5rem 0; } a { color: #0b5394; display: inline-block; padding: .35rem 0; }
p.en { color: #4a5651; }
</style></head><body><main>
<h1>村医 <small>Cunyi</small></h1>
<p>乡村家庭医生团队的离线同步服务器。</p><p class="en">The sync server of village family-doctor teams.</p>
<p class="state STATE">SAYS</p>
<ul><li><a href="ROOT/dashboard/"><strong>工作台</strong></a> 组长与主管 · the dashboard of leaders and supervisors</li>
<li><a href="ROOT/app/"><strong>手机应用</strong></a> 村医外出随访 · the app of the village doctors</li>
<li><a href="ROOT/readyz">/readyz</a> 能否工作 · is it ready</li>
<li><a href="ROOT/openapi.json">/openapi.json</a> 接口说明 · the API in OpenAPI 3.1</li></ul>
</main></body></html>
"""
_STYLE = _PAGE.partition("<style>")[2].partition("</style>")[0]
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def blueprint(doors: Doors) -> Blueprint:
    """The routes."""
    routes = Blueprint("pages", __name__)

    def ready() -> bool:
        with reading(doors.engine) as connection:
            connection.execute(text("SELECT 1"))
            return bool(here(connection).epoch)

    @routes.get("/")
    def front() -> Response:
        try:
            up = ready()
        except Exception:  # noqa: BLE001 - the page is there to say so
            up = False
        state, says = ("", "服务正常 · ready") if up else ("down", "暂时不能工作 · cannot work at the moment")
        body = _PAGE.replace("STATE", state).replace("SAYS", says).replace("ROOT", escape(request.script_root))
        page = Response(body, 200 if up else 503, mimetype="text/html")
        page.headers["Content-Security-Policy"] = _POLICY
        return page

    @routes.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return Response('{"status":"ok"}', mimetype="application/json")

    @routes.get("/readyz")
    def readyz() -> Response:
        """The database answers and is migrated."""
        ready()
        return Response('{"status":"ready"}', mimetype="application/json")

    @routes.get("/metrics")
    def metrics() -> Response:
        """Counts for a monitor, in the text format of Prometheus. No word of any person."""
        with reading(doors.engine) as connection:
            lines = [f"cunyi_{name} {value}" for name, value in counts(connection, doors.now()).items()]
        return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")

    return routes
