"""The style, the script and the picture of the pages."""

from __future__ import annotations

from fastapi import APIRouter, Response

from churnlab.serving.faults import RequestError
from churnlab.serving.pages.rendering import ASSETS
from churnlab.serving.pages.visits import PREFIX

router = APIRouter(include_in_schema=False)
TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@router.get(f"{PREFIX}/assets/{{name}}")
async def asset(name: str) -> Response:
    """Return a file, which browsers keep: its address changes with what is in it.

    Raises:
        RequestError: 404; there is none of the name.
    """
    if name not in TYPES:
        raise RequestError(404, "no_page", "there is no such file")
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response((ASSETS / name).read_bytes(), 200, kept, TYPES[name])
