"""Contenders timed against each other: each in a process of its own, in rounds that take turns.

Whoever is timed answers in a process started afresh (nobody inherits another's memory), which
waits while others run. The first call of all is a warm-up; then come rounds in which each is called
once, and the median over the rounds counts. A contender whose warm-up was slow is not called again:
that one time counts. One that is not done in time is ended, and its time is a lower bound.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import statistics
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# Set in every contender's process before anything is imported there.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
CAP_S = 60.0
# Loading a library, a network, and building what is not timed.
_LOAD_S = 900.0
# For a process that broke off to be gone.
_END_S = 5.0
# A warm-up as long as this is the only run, of ours and of a peer.
_SLOW_S = {True: 20.0, False: 5.0}
# So many rounds, then more of them while there is time, but not all of those that take long.
_ROUNDS, _MOST_ROUNDS, _ROUNDS_OF_LONG = 5, 21, 3
_BUDGET_S, _LONG_S = 5.0, 30.0


class ContenderError(Exception):
    """A contender failed, or is not there: the message says which and why."""


class CapError(ContenderError):
    """A contender was not done in time."""


@dataclass
class Timed:
    """Seconds a contender took.

    Parameters
    ----------
    seconds
        One per round.
    lower_bound
        True where it was ended before it was done.
    why
        Why there are no seconds; empty where there are.
    """

    seconds: list[float] = field(default_factory=list)
    lower_bound: bool = False
    why: str = ""

    @property
    def median(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds else None


class Contender:
    """A class in a process of its own, made there from a workload's file.

    Parameters
    ----------
    made_by
        ``module:Class``; made with the path of the workload.
    path
        The workload.
    environment
        Variables set beside those that keep it to its threads.
    threads
        With one thread it is also kept to one processor, which no library gets around.
    """

    def __init__(
        self,
        made_by: str,
        path: Path,
        environment: Mapping[str, str] | None = None,
        *,
        threads: int = 1,
    ) -> None:
        self._made_by, self._path, self._threads = made_by, path, threads
        limits = dict.fromkeys(_THREADS, str(threads))
        self._environment = limits | dict(environment or {})
        self._process: Any = None
        self._pipe: Any = None

    def call(self, method: str, *arguments: Any, within_s: float = _LOAD_S) -> Any:
        """Call a method there; raise `CapError` when it is not done in time."""
        if self._process is None:
            self._start()
        self._pipe.send((method, arguments))
        return self._receive(within_s, f"{self._made_by} {method} {' '.join(map(str, arguments))}")

    def time(self, task: str, within_s: float = CAP_S) -> float:
        """Return the seconds of one run of a task, made ready first outside the time."""
        self.call("ready", task)
        return float(self.call("_time", task, within_s=within_s))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = self._pipe = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        with _environment(self._environment):
            self._process = context.Process(
                target=_serve, args=(theirs, self._made_by, self._path, self._threads), daemon=True
            )
            self._process.start()
        theirs.close()
        self._receive(_LOAD_S, self._made_by)

    def _receive(self, within_s: float, what: str) -> Any:
        if not self._pipe.poll(within_s):
            self.close()
            raise CapError(f"{what}: not done within {within_s:g} s")
        try:
            failed, answer = self._pipe.recv()
        except EOFError:
            self._process.join(_END_S)
            code = self._process.exitcode
            self.close()
            raise ContenderError(f"{what}: the process ended ({code})") from None
        if failed:
            raise ContenderError(f"{what}: {answer}")
        return answer


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(pipe: Connection, made_by: str, path: Path, threads: int) -> None:
    """Answer calls until nobody asks; stdout belongs to the process that asks."""
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")  # a peer's own
    module, _, name = made_by.partition(":")
    one: Any = None
    task, arguments = "_made", ()
    while True:
        try:
            if task == "_made":
                one = getattr(importlib.import_module(module), name)(path)
                answer: Any = None
            elif task == "_time":
                answer = _time(one, *arguments)
            else:
                answer = getattr(one, task)(*arguments)
            pipe.send((False, answer))
        except ImportError as error:
            pipe.send((True, f"not installed ({error.name or error})"))
        except Exception as error:  # noqa: BLE001  (whatever it is: it goes to whoever asked)
            pipe.send((True, _told(error)))
        try:
            task, arguments = pipe.recv()
        except EOFError:
            return


def _told(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})"


def _time(one: Any, task: str) -> float:
    run = one.runner(task)
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    answer = run()
    seconds = time.perf_counter() - began
    gc.enable()
    one.answered = answer
    return seconds


def take_turns(
    contenders: Mapping[str, Contender], task: str, *, uncapped: Sequence[str] = ()
) -> dict[str, Timed]:
    """Time a task in rounds.

    Parameters
    ----------
    contenders
        By name; each round calls them in this order.
    task
        Of all of them.
    uncapped
        Names of those that are waited for, however long they take; where one of them fails,
        nobody else is timed.

    Returns
    -------
    dict
        By name.
    """
    found = {name: Timed() for name in contenders}
    quick = []
    for name, one in contenders.items():
        within = _LOAD_S if name in uncapped else CAP_S
        try:
            first = one.time(task, within)
        except CapError:
            found[name] = Timed([within], lower_bound=True)
        except ContenderError as error:
            found[name] = Timed(why=str(error))
            if name in uncapped:
                return found
        else:
            if first > _SLOW_S[name in uncapped]:
                found[name].seconds.append(first)
            else:
                quick.append(name)
    began = time.perf_counter()
    for done in range(_MOST_ROUNDS):
        spent = time.perf_counter() - began
        enough = _ROUNDS_OF_LONG if spent > _LONG_S else _ROUNDS
        if done >= enough and spent > _BUDGET_S:
            break
        for name in quick:
            found[name].seconds.append(contenders[name].time(task))
    return found
