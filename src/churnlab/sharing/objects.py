"""Whether every object that the outputs here need is in the remote, whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from churnlab.sharing.remote import Remote

CHUNK = 1 << 20


@dataclass(frozen=True)
class Damage:
    """An object that the remote lacks or holds with other bytes.

    Attributes:
        output: The pipeline's output that it belongs to.
        object_id: Its MD5, with `.dir` behind it for a listing of a folder.
        problem: `missing` or `altered` (half-uploaded, corrupted).
        path: Where the remote keeps it.
    """

    output: str
    object_id: str
    problem: Literal["missing", "altered"]
    path: str


def damaged(remote: Remote) -> tuple[int, list[Damage]]:
    """Return how many objects the outputs of the workspace need, and which are not whole.

    Downloads every object once and compares its MD5 with its name: sizes alone would miss a flipped
    bit.
    """
    needed = _needed(remote)
    return len(needed), list(_damages(remote, needed))


def _needed(remote: Remote) -> dict[str, str]:
    """Return the output that each object belongs to, by object."""
    outputs = [out for out in remote.repository.index.outs if out.use_cache and out.hash_info]
    return {
        info.value: str(out)
        for out in outputs
        for infos in out.get_used_objs(remote=remote.name).values()
        for info in infos
    }


def _damages(remote: Remote, needed: dict[str, str]) -> Iterator[Damage]:
    for object_id, output in sorted(needed.items(), key=lambda item: (item[1], item[0])):
        path = remote.store.oid_to_path(object_id)
        # Not `exists`: it says no, too, when the remote is down.
        try:
            if not _whole(remote.store, object_id):
                yield Damage(output, object_id, "altered", path)
        except FileNotFoundError:
            yield Damage(output, object_id, "missing", path)


def _whole(store: Any, object_id: str) -> bool:
    digest = hashlib.md5(usedforsecurity=False)
    with store.fs.open(store.oid_to_path(object_id), "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == object_id.removesuffix(".dir")


def repair(remote: Remote, damages: list[Damage]) -> list[Damage]:
    """Upload the objects anew from the cache here; return those of which it has no whole copy."""
    local = remote.repository.cache.local
    hopeless = []
    for damage in damages:
        if not local.exists(damage.object_id) or not _whole(local, damage.object_id):
            hopeless.append(damage)
            continue
        # DVC does not upload what is already there under its name.
        if damage.problem == "altered":
            remote.store.fs.remove(damage.path)
        source = local.oid_to_path(damage.object_id)
        remote.store.add(source, local.fs, damage.object_id)
    return hopeless
