import json
import os
import subprocess
import sys
import time

import pytest
from benchmarks.pipeline.events import StageTime, covered, read_events, stage_times
from benchmarks.pipeline.measure import HOOK, NoChange, PipelineRun
from benchmarks.pipeline.memory import MemorySampler, peak
from benchmarks.pipeline.page import Shares, page

STAGE = """
import sys, time, subprocess
import slow_module
begin = time.monotonic()
while time.monotonic() - begin < 0.3:
    pass
subprocess.run([sys.executable, "-c", "import slow_module"], check=True)
"""


def measured(tmp_path, name, *arguments):
    script = tmp_path / name
    script.write_text(STAGE)
    (tmp_path / "slow_module.py").write_text("import time\ntime.sleep(0.4)\n")
    events = tmp_path / "events.jsonl"
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HOOK), str(tmp_path)]),
        "CHURNLAB_BENCH_EVENTS": str(events),
    }
    begin = time.monotonic()
    subprocess.run([sys.executable, str(script), *arguments], env=variables, check=True)
    return read_events(events), time.monotonic() - begin


def test_the_hook_tells_imports_of_a_stage_and_its_workers_from_its_work(tmp_path):
    events, seconds = measured(tmp_path, "stage.py", "tune", "telecom", "rf")
    (stage,) = stage_times(events)
    assert stage.name == "tune rf"
    # The kernel tells the birth of a process in hundredths of a second: the worker's may seem to
    # reach into the loop before it.
    tick = 0.02
    # Two processes sleep 0.4 s each in an import; the loop of 0.3 s is work.
    assert 0.8 <= stage.loading <= stage.seconds - 0.3 + tick
    assert stage.seconds <= seconds + tick


def test_processes_that_are_no_stage_are_not_taken_for_one(tmp_path):
    events, _ = measured(tmp_path, "other.py", "tune", "telecom", "rf")
    assert stage_times(events) == []


def test_without_a_file_for_events_the_hook_does_nothing():
    variables = {**os.environ, "PYTHONPATH": str(HOOK)}
    variables.pop("CHURNLAB_BENCH_EVENTS", None)
    code = "import _frozen_importlib as f; print(f._find_and_load.__name__)"
    found = subprocess.run(
        [sys.executable, "-c", code], env=variables, check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "_find_and_load"


def test_imports_of_dvc_and_outside_a_stage_do_not_count(tmp_path):
    lines = [
        {"event": "start", "pid": 1, "begin": 0.0, "end": 0.1, "command": ["dvc", "repro"]},
        {
            "event": "start",
            "pid": 2,
            "begin": 1.0,
            "end": 1.5,
            "command": ["src/stage.py", "blend", "bank"],
        },
        {"event": "import", "pid": 1, "begin": 2.0, "end": 3.0},
        {"event": "import", "pid": 3, "begin": 4.5, "end": 6.0},
        {"event": "end", "pid": 2, "begin": 5.0, "end": 5.0},
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in reversed(lines)))
    (stage,) = stage_times(read_events(file))
    assert stage == StageTime("blend", 1.0, 5.0, loading=1.0)


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([], 0.0),
        ([(1, 2), (1, 2)], 1.0),
        ([(1, 4), (2, 3), (3, 6)], 5.0),
        ([(-5, 1), (9, 20)], 2.0),
        ([(11, 12), (-3, -1)], 0.0),
    ],
)
def test_overlapping_intervals_count_once_and_only_inside_the_window(intervals, expected):
    assert covered(intervals, (0.0, 10.0)) == expected


def test_memory_of_children_counts():
    code = (
        "import subprocess, sys; "
        "subprocess.run([sys.executable, '-c', 'x = bytearray(200_000_000); input()'])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    begin = time.monotonic()
    with MemorySampler(process.pid, interval=0.05) as sampler:
        while peak(sampler.samples, begin, time.monotonic()) < 200_000_000:
            assert time.monotonic() - begin < 30
            time.sleep(0.05)
    process.communicate(b"\n")
    assert peak(sampler.samples, 0.0, begin - 1) == 0


def test_shares_add_up_and_the_page_shows_them():
    stages = [
        StageTime("prepare", 1.0, 3.0, loading=1.0),
        StageTime("tune rf", 4.0, 10.0, loading=1.5),
    ]
    run = PipelineRun(12.0, stages, [(2.0, 2**30), (5.0, 2**31)])
    shares = Shares.of(run)
    assert (shares.dvc, shares.loading, shares.fitting, shares.other) == (4.0, 2.5, 4.5, 1.0)
    assert shares.overhead == pytest.approx(6.5 / 12)
    text = page("the command", "A machine.", {"telecom": (run, NoChange(3.0, 2.0, 2))}, rounds=5)
    assert "| ratio | 1.50 | at most 2 |" in text
    assert "| DVC, start and imports | 54% | at most 25% |" in text
    assert "| tune rf | 6.0 | 1.5 | 4.5 | 2.00 |" in text
