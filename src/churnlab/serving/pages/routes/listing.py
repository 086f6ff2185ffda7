"""The studies, and the ordered list of one."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from churnlab.errors import ChurnlabError
from churnlab.lists import ListName
from churnlab.serving.faults import RequestError
from churnlab.serving.pages import ordered_list
from churnlab.serving.pages.rendering import page
from churnlab.serving.pages.visits import PREFIX, Signed, Visit

router = APIRouter(include_in_schema=False)
STUDY = f"{PREFIX}/studies/{{study}}"


@router.get(f"{PREFIX}/")
def studies(signed: Signed) -> Response:
    """Show the studies; lead to the only one."""
    names = signed.service.models.studies
    out = sorted(set(signed.service.models.errors) - set(names))
    if len(names) == 1 and not out:
        return RedirectResponse(f"{PREFIX}/studies/{names[0]}", 303)
    models = [signed.service.models.of(name) for name in names]
    latest = {name: signed.lists.latest(name) for name in names}
    return page(signed, "studies.html.j2", models=models, latest=latest, out=out)


@router.get(STUDY)
def listed(study: str, signed: Signed) -> Response:
    """Show the list of a study: filtered, sorted, a page at a time."""
    model = signed.service.models.of(study)
    names = signed.lists.all(study)
    if not names:
        return page(signed, "no_list.html.j2", study=study, model=model)
    name = chosen_list(signed, study, names)
    table = ordered_list.read_list(signed.lists, study, name)
    wanted = ordered_list.Wanted.of(signed.request.query_params)
    found = ordered_list.select(table, wanted)
    rows, number, last = ordered_list.page_of(found, wanted.page)
    return page(
        signed,
        "list.html.j2",
        study=study,
        model=model,
        names=names,
        name=name,
        wanted=wanted,
        rows=rows,
        number=number,
        last=last,
        all=ordered_list.total(table),
        shown=ordered_list.total(found),
        totals=ordered_list.totals(table),
        reasons_of=ordered_list.reasons_of,
    )


@router.get(f"{STUDY}/list.csv")
def download(study: str, signed: Signed) -> Response:
    """Give the filtered list, all pages of it, as a CSV file."""
    signed.service.models.of(study)
    name = chosen_list(signed, study, signed.lists.all(study))
    table = ordered_list.read_list(signed.lists, study, name)
    wanted = ordered_list.Wanted.of(signed.request.query_params)
    found = ordered_list.select(table, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{study}_{name.id}.csv"'}
    return Response(ordered_list.as_csv(found), 200, headers, "text/csv; charset=utf-8")


def chosen_list(signed: Visit, study: str, names: list[ListName]) -> ListName:
    """Return the list that an address names; the newest where it names none.

    Raises:
        RequestError: 404; there is no such list, or none at all.
    """
    asked = signed.request.query_params.get("list", "")
    try:
        name = ListName.of(asked) if asked else next(iter(names), None)
    except ChurnlabError:
        name = None
    if name not in names:
        raise RequestError(404, "no_list", f"{study}: there is no such list")
    assert name is not None
    return name
