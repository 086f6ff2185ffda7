"""Bodies of requests, read no further than the limit."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from churnlab.serving.faults import RequestError


async def read_body(request: Request, most_bytes: int) -> bytes:
    """Return the body.

    Raises:
        RequestError: 413 where it is too large, before it is read whole; 400 where it ended early.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most_bytes:
        raise _too_large(most_bytes)
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most_bytes:
                raise _too_large(most_bytes)
            parts.append(part)
    except ClientDisconnect:
        raise RequestError(400, "disconnected", "the body ended early") from None
    return b"".join(parts)


def _too_large(most_bytes: int) -> RequestError:
    return RequestError(
        413,
        "too_large",
        f"the body is larger than {most_bytes:,} bytes; send several requests, or Arrow, which is "
        "smaller",
        headers={"Connection": "close"},
    )
