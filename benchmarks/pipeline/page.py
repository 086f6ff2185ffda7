"""The Markdown page of the pipeline's time and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.pipeline.measure import NoChange, PipelineRun
from benchmarks.pipeline.memory import peak

# Stages whose work is to fit models; the work of the others is to check, judge, explain and draw.
FITTING = ("tune", "train", "cross_validate", "protocols")
AIM_SECONDS = {"telecom": 360, "bank": 720}
AIM_SHARE = 0.25
AIM_RATIO = 2
AIM_GIB = 4
GIB = 2**30

METHOD = """\
- In a fresh clone of the commit with an empty DVC cache, everything runs: `dvc repro --force`.
- *Start and imports*: the time in which any process of a stage (workers too) was starting or \
importing, found by a hook in every Python process that needs no change to the pipeline. While one \
worker imports another may work, so this is an upper bound.
- *DVC*: what passes outside the stages, from the start of `dvc repro` to its end: hashing and \
caching of the outputs, start of commands, shutdown of interpreters.
- *Work*: the rest, by stages that fit models ({fitting}) and the others.
- Memory: resident memory of DVC and all processes below it, sampled five times a second; shared \
pages count once per process, so this is an upper bound too.
- Nothing changed: median of {rounds} runs each, in turns with an empty pipeline (every stage \
copies a file of one line).
"""


@dataclass(frozen=True)
class Shares:
    """Seconds of one run by what they went into."""

    total: float
    dvc: float
    loading: float
    fitting: float
    other: float

    @classmethod
    def of(cls, run: PipelineRun) -> Shares:
        """Return the shares of a run."""
        loading = sum(stage.loading for stage in run.stages)
        work = {stage: stage.seconds - stage.loading for stage in run.stages}
        fitting = sum(
            seconds for stage, seconds in work.items() if stage.name.split()[0] in FITTING
        )
        inside = sum(stage.seconds for stage in run.stages)
        other = inside - loading - fitting
        return cls(run.seconds, run.seconds - inside, loading, fitting, other)

    @property
    def overhead(self) -> float:
        """Share of the time that is no work at all: DVC, process start, imports."""
        return (self.dvc + self.loading) / self.total

    @property
    def not_fitting(self) -> float:
        """Share of the time outside the work of stages that fit models."""
        return 1 - self.fitting / self.total


def page(
    command: str,
    machine: str,
    measured: Mapping[str, tuple[PipelineRun, NoChange]],
    rounds: int,
) -> str:
    """Return the page: command, summary, stages of each study, method."""
    sections = [
        "# Time and memory of the pipeline\n",
        f"```\n{command}\n```\n",
        f"{machine}\n",
        _summary(measured),
    ]
    for study, (run, _) in measured.items():
        sections.append(f"## {study}, by stage\n\n{_stages(run)}")
    method = METHOD.format(fitting=", ".join(FITTING), rounds=rounds)
    return "\n".join([*sections, f"## How it was measured\n\n{method}"])


def _summary(measured: Mapping[str, tuple[PipelineRun, NoChange]]) -> str:
    columns = [_figures(*found) for found in measured.values()]
    rows = [
        [label, *(column[label][0] for column in columns), columns[0][label][1]]
        for label in columns[0]
    ]
    aims = [_aim_seconds(study) for study in measured]
    rows[0][-1] = ", ".join(aim for aim in aims if aim)
    return _table(["", *measured, "aim"], rows)


def _figures(run: PipelineRun, idle: NoChange) -> dict[str, tuple[str, str]]:
    shares = Shares.of(run)
    most = max((size for _, size in run.samples), default=0) / GIB
    return {
        "end to end": (f"{shares.total:.0f} s", ""),
        "DVC": (f"{shares.dvc:.0f} s", ""),
        "start and imports": (f"{shares.loading:.0f} s", ""),
        "work of stages that fit": (f"{shares.fitting:.0f} s", ""),
        "work of other stages": (f"{shares.other:.0f} s", ""),
        "DVC, start and imports": (f"{shares.overhead:.0%}", f"at most {AIM_SHARE:.0%}"),
        "all but the work of stages that fit": (f"{shares.not_fitting:.0%}", ""),
        "peak memory": (f"{most:.1f} GiB", f"below {AIM_GIB} GiB"),
        "nothing changed": (f"{idle.pipeline:.2f} s", ""),
        "the same, empty pipeline of as many stages": (
            f"{idle.empty:.2f} s ({idle.stages} stages)",
            "",
        ),
        "ratio": (f"{idle.pipeline / idle.empty:.2f}", f"at most {AIM_RATIO}"),
    }


def _aim_seconds(study: str) -> str:
    return f"{study} {AIM_SECONDS[study]} s" if study in AIM_SECONDS else ""


def _stages(run: PipelineRun) -> str:
    rows = [
        [
            stage.name,
            f"{stage.seconds:.1f}",
            f"{stage.loading:.1f}",
            f"{stage.seconds - stage.loading:.1f}",
            f"{peak(run.samples, stage.begin, stage.end) / GIB:.2f}",
        ]
        for stage in run.stages
    ]
    return _table(["stage", "seconds", "start and imports", "work", "peak GiB"], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
