"""The raster benchmark: every task runs on a small scene and tells equal answers from others."""

import importlib

import numpy as np
import pytest

from benchmarks import raster

SIDE = 96


def contender(named, folder):
    module, kind = named.split(":")
    engine = getattr(importlib.import_module(module), kind)(folder)
    engine.ready("")
    engine.answered = engine.run()
    return engine.answer()


@pytest.mark.parametrize("name", raster.TASKS)
def test_ours_runs_and_equals_itself(name, tmp_path):
    task = raster.REGISTRY[name]
    task.make(tmp_path, SIDE)
    answer = contender(task.ours, tmp_path)
    assert task.compare(answer, answer)["exact"]


def test_other_minutes_are_not_the_same(tmp_path):
    task = raster.REGISTRY["walking"]
    task.make(tmp_path, SIDE)
    answer = contender(task.ours, tmp_path)
    minutes = np.load(answer)
    assert (minutes.shape, minutes.min()) == ((SIDE, SIDE), 0)
    longer = tmp_path / "longer.npy"
    np.save(longer, minutes * 1.01)
    said = task.compare(answer, longer)
    assert not said["exact"]
    assert said["error"] == pytest.approx(0.01 / 1.01)


def test_a_size_is_measured_by_the_tasks_that_have_it():
    assert raster.measure(["100MP"], ["walking"]) is None


def test_the_page_states_peers_targets_and_differences():
    peer = {"s": 3.0, "ratio": 1.5, "mb": 800, "exact": True, "error": 2e-9}
    row = {"task": "walking", "size": "16MP", "ours_s": 2.0, "ours_mb": 900.0}
    row |= {"exact": True, "peers": {"scikit-image": peer}}
    last = raster.table({"rows": [row]}).splitlines()[-1]
    assert last == "|  |  | scikit-image | 3.00 | 1.50× | 800 | yes (2e-09) | ≥ 1.3× |"
