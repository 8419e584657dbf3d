"""Mixed-integer linear programs on sparse arrays, and their answers with bound and gap.

minimise or maximise   c · x
subject to             row_lower ≤ A x ≤ row_upper,  lower ≤ x ≤ upper,  x_j ∈ ℤ where said
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

AnswerStatus = Literal["optimal", "time_limit", "infeasible"]


@dataclass(frozen=True, eq=False)
class Program:
    """A program in n variables and m rows.

    Parameters
    ----------
    cost
        Of length n.
    matrix
        Of shape (m, n).
    row_lower, row_upper
        Of length m; ±inf for no bound.
    lower, upper
        Of length n; 0 and 1 when None.
    integer
        True for the variables that are whole numbers; all of them when None.
    maximise
        Look for the largest objective instead of the smallest.
    """

    cost: NDArray[np.float64]
    matrix: sp.csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None
    integer: NDArray[np.bool_] | None = None
    maximise: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """What is known of a program after solving it.

    Parameters
    ----------
    status
        ``optimal`` when proven within the gap asked for; ``time_limit`` when time ran out before;
        ``infeasible`` when no answer exists.
    values
        The best answer found; None where none was.
    objective
        Its value; NaN without an answer.
    bound
        No answer is better than this.
    """

    status: AnswerStatus
    values: NDArray[np.float64] | None
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """Distance between objective and bound, relative to the objective; NaN without one."""
        return abs(self.bound - self.objective) / max(abs(self.objective), 1e-9)

    def chosen(self, begin: int, end: int) -> NDArray[np.int64]:
        """Tell which of some yes-or-no variables are set.

        Parameters
        ----------
        begin, end
            The variables' range.

        Returns
        -------
        numpy.ndarray
            Ascending indices, counted from `begin`; empty without an answer.
        """
        if self.values is None:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(self.values[begin:end] > 0.5)


class QuietHighs(highspy.Highs):  # type: ignore[misc]
    """HiGHS that writes nothing to standard output, which belongs to results."""

    def enableCallbacks(self) -> None:  # noqa: N802
        """Silence the solver before its first word, which the base class provokes here."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


Listener = Callable[[float, float], None]


def solve(
    program: Program,
    *,
    gap: float = 0.0,
    time_limit_s: float = 60.0,
    start: NDArray[np.float64] | None = None,
    listener: Listener | None = None,
) -> Answer:
    """Solve a program with HiGHS.

    Parameters
    ----------
    program
        The program.
    gap
        Relative distance between answer and bound that is good enough; 0 for a full proof.
    time_limit_s
        After which the best answer and its bound are returned. What is found by then depends on
        the machine; what is proven before does not.
    start
        An answer to begin with, of length n.
    listener
        Told the best objective and the bound from time to time.

    Returns
    -------
    Answer
        With status, bound and gap.
    """
    began = time.monotonic()
    answer = _solved(program, gap, time_limit_s, start, listener)
    if start is None or _consistent(program, answer):
        return answer
    left = max(time_limit_s - (time.monotonic() - began), 0.0)
    return _better(program, _solved(program, gap, left, None, listener), start)


def _solved(
    program: Program,
    gap: float,
    time_limit_s: float,
    start: NDArray[np.float64] | None,
    listener: Listener | None,
) -> Answer:
    solver = QuietHighs()
    options = {
        "threads": 1,  # the same answer on every machine
        "time_limit": float(time_limit_s),
        "mip_rel_gap": float(gap),
        "mip_abs_gap": 0.0,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(program))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start
        solver.setSolution(solution)
    if listener is not None:
        _listen(solver, listener)
    solver.run()
    return _answer(solver, program)


def _consistent(program: Program, answer: Answer) -> bool:
    """Tell whether the values have the objective that goes with them.

    HiGHS 1.16 takes some starts into the presolved model at an objective they do not have, finds
    nothing better than that, and gives the start back as optimal.
    """
    if answer.values is None:
        return True
    value = float(program.cost @ answer.values)
    return bool(np.isclose(value, answer.objective, rtol=1e-6, atol=1e-6))


def _better(program: Program, answer: Answer, start: NDArray[np.float64]) -> Answer:
    """Keep the start where time ran out before anything as good was found."""
    value = float(program.cost @ start)
    sign = -1 if program.maximise else 1
    if answer.status == "time_limit" and not sign * answer.objective <= sign * value:
        return Answer("time_limit", start, value, answer.bound)
    return answer


def _model(program: Program) -> Any:
    rows, columns = program.matrix.shape
    matrix = sp.csr_array(program.matrix)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_ = program.cost
    model.col_lower_ = np.zeros(columns) if program.lower is None else program.lower
    model.col_upper_ = np.ones(columns) if program.upper is None else program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    whole = np.ones(columns, bool) if program.integer is None else program.integer
    model.integrality_ = [kinds[int(one)] for one in whole]
    if program.maximise:
        model.sense_ = highspy.ObjSense.kMaximize
    return model


def _listen(solver: Any, listener: Listener) -> None:
    told = (np.nan, np.nan)

    def hear(event: Any) -> None:
        nonlocal told
        now = (event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
        if now != told:
            told = now
            listener(*now)

    solver.cbMipInterrupt += hear  # asked at every node; the logging one hears seconds apart


def _answer(solver: Any, program: Program) -> Answer:
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        worst = -np.inf if program.maximise else np.inf
        return Answer("infeasible", None, np.nan, worst)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.asarray(solver.getSolution().col_value) if found else None
    objective = float(info.objective_function_value) if found else np.nan
    proven = status == highspy.HighsModelStatus.kOptimal
    continuous = program.integer is not None and not program.integer.any()
    bound = objective if proven and continuous else float(info.mip_dual_bound)
    return Answer("optimal" if proven else "time_limit", values, objective, bound)
