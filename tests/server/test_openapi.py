"""The document at /openapi.json: valid OpenAPI 3.1, of every route, and true of what the server answers."""

import re

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from server.problems import CATALOGUE
from tests.server.phone import new_key, vitals
from tests.village import ANA, VILLAGE


@pytest.fixture
def document(village):
    answer = village.client().get("/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.get_json()


def test_it_is_valid(document):
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_names_every_route_of_the_protocol(village, document):
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in village.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    named = {(path, method) for path, item in document["paths"].items() for method in item if method != "parameters"}
    assert named == routes
    assert len(routes) > 20


def test_it_tells_which_doors_need_no_token(document):
    open_ = {
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("security") == []
    }
    assert open_ == {"/v1/enrol", "/v1/token", "/v1/deposit"}
    assert document["security"] == [{"device": []}]
    assert document["components"]["securitySchemes"]["device"]["scheme"] == "bearer"


def test_it_lists_every_problem_and_the_form_of_an_edit(document):
    schemas = document["components"]["schemas"]
    assert schemas["Problem"]["properties"]["type"]["enum"] == sorted(f"/problems/{name}" for name in CATALOGUE)
    assert {"record", "type", "subject", "scope", "dot", "context", "written_at", "author", "sections"} == set(
        schemas["Edit"]["properties"]
    )


def test_what_the_server_answers_is_what_it_says(village, document, ana):
    def fits(path, method, status, answer):
        assert answer.status_code == status
        schema = document["paths"][path][method]["responses"][str(status)]["content"]["application/json"]["schema"]
        errors = OAS31Validator({**schema, "components": document["components"]}).iter_errors(answer.get_json())
        assert [f"{list(error.path)}: {error.message}" for error in errors] == []

    ana.save(vitals(900))
    ana.outbox.append(5)
    fits("/v1/sync", "post", 200, ana.post("/v1/sync", ana.request(records=[{}])))
    ana.outbox.clear()
    for way in ("digest", "records"):
        fits(f"/v1/scopes/{{scope}}/{way}", "get", 200, ana.get(f"/v1/scopes/{VILLAGE}/{way}"))
    fits("/v1/me", "get", 200, ana.get("/v1/me"))
    fits("/v1/token", "post", 200, ana.post("/v1/token", {"assertion": ana.fresh_assertion()}, None))
    fits("/v1/actors", "post", 201, ana.post("/v1/actors", {}))
    fits(
        "/v1/enrol",
        "post",
        201,
        ana.post("/v1/enrol", {"code": village.access.new_code(ANA), "public_key": new_key()[1], "device": "x"}, None),
    )
    assertion = ana.fresh_assertion()
    village.set_status(ana, "revoked")
    fits("/v1/deposit", "post", 200, ana.post("/v1/deposit", {"assertion": assertion, "edits": [5]}, None))
