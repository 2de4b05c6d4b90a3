"""The pages for people: what was asked, what is held, and the knobs."""

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as BaseResponse

from sandbox import faults, seen
from sandbox.changes import NothingToChange, do_at_once
from sandbox.faults import BadFault, Fault
from sandbox.fhir import resources
from sandbox.people import people_of
from sandbox.research import intake
from sandbox.system import now_s, this_system

pages = Blueprint("desk", __name__)
_SHOWN = 50


@pages.get("/")
def index() -> str:
    """Show the whole system on one page."""
    system = this_system()
    is_program = system.kind == "program"
    with system.store.reading() as db:
        return render_template(
            "program.html" if is_program else "index.html",
            system=system,
            faults=faults.all_set(db),
            sights=seen.newest(db, _SHOWN),
            people=people_of(system.store),
            reports=[] if is_program else resources.everything(db, "DiagnosticReport"),
            held=resources.everything(db) if is_program else [],
            rules=current_app.extensions.get("sandbox_rules"),
            received=intake.all_received(db),
            notices=intake.all_notices(db),
        )


@pages.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify({"status": "ok", "kind": this_system().kind})


@pages.get("/_seen")
def sights() -> Response:
    """List what was asked, newest first."""
    limit = min(request.args.get("limit", 500, type=int), 5000)
    with this_system().store.reading() as db:
        return jsonify(seen.newest(db, limit))


@pages.get("/_faults")
def fault_list() -> Response:
    """List the knobs that are set."""
    with this_system().store.reading() as db:
        return jsonify([_as_json(fault) for fault in faults.all_set(db)])


@pages.post("/_faults")
def turn_knob() -> BaseResponse:
    """Turn a knob, by JSON or by form."""
    system = this_system()
    asked = request.get_json() if request.is_json else {**request.form}
    try:
        fault = faults.read_fault(asked)
        if fault.kind in faults.AT_ONCE:
            changed = do_at_once(system, fault, at_s=now_s())
        else:
            faults.set_fault(system.store, fault)
            changed = {}
    except (BadFault, NothingToChange) as error:
        return make_response(jsonify({"error": str(error)}), 400)
    if request.is_json:
        return make_response(jsonify({**_as_json(fault), **changed}), 201)
    return redirect("/", 303)


@pages.post("/_faults/clear")
def turn_back() -> BaseResponse:
    """Turn all knobs back."""
    faults.clear(this_system().store)
    return jsonify([]) if request.is_json else redirect("/", 303)


def _as_json(fault: Fault) -> dict[str, object]:
    return {
        "kind": fault.kind,
        "method": fault.method,
        "path": fault.path,
        "left": fault.left_over,
        **fault.fields,
    }
