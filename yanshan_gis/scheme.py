"""Schemes that grade rocky desertification: whose limits, read from TOML.

A scheme either adds up points of its factors, or takes the lowest of the grades that its factors
reach. Schemes disagree on the same cell by up to two grades, so a grade is nothing without the
name of its scheme.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.content import Title
from yanshan_gis.errors import ContentError
from yanshan_gis.messages import Notice
from yanshan_gis.toml_file import read_toml

Grade = Literal["none", "potential", "light", "moderate", "severe", "extreme"]
Cover = Literal["tree", "shrub", "grass", "crop", "terrace", "bare"]
FactorName = Literal["rock", "vegetation", "cover", "slope", "soil_depth"]
GRADES: tuple[Grade, ...] = get_args(Grade)
COVERS: tuple[Cover, ...] = get_args(Cover)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Factor(_Strict):
    """Bands of one factor: rock and vegetation in %, slope in °, soil depth in cm."""

    breaks: tuple[float, ...] = ()
    points: tuple[int, ...] = ()
    grades: tuple[Grade, ...] = ()
    points_of: dict[Cover, int] = {}

    @model_validator(mode="after")
    def _one_more_band_than_breaks(self) -> Factor:
        bands = self.points or self.grades
        if self.points_of:
            if self.breaks or bands or set(self.points_of) != set(COVERS):
                raise ValueError(f"points_of gives points for each of {', '.join(COVERS)}")
            return self
        if len(bands) != len(self.breaks) + 1:
            raise ValueError("a factor has one more band than breaks")
        if list(self.breaks) != sorted(set(self.breaks)):
            raise ValueError("breaks ascend")
        if any(abs(10 * value - round(10 * value)) > 1e-9 for value in self.breaks):
            raise ValueError("breaks are given to one decimal")
        return self


class Scheme(_Strict):
    """A way to grade."""

    name: str
    title: Title
    source: Title
    note: Title | None = None
    combine: Literal["sum", "lowest"]
    exposed_from: float = Field(default=0.0, ge=0, le=100)  # % of bare rock; below, the grade none
    factors: dict[FactorName, Factor]
    potential: dict[Cover, float] = {}  # % of vegetation from which land is only in danger
    grades: dict[Grade, float] = {}  # the highest sum of each grade

    @model_validator(mode="after")
    def _fits_how_it_combines(self) -> Scheme:
        summed = self.combine == "sum"
        if "rock" not in self.factors:
            raise ValueError("a scheme looks at the factor rock")
        for name, factor in self.factors.items():
            if (name == "cover") != bool(factor.points_of):
                raise ValueError("the factor cover, and no other, has points_of")
            if summed == bool(factor.grades):
                raise ValueError("factors that are added up have points, others have grades")
        limits = [self.grades[grade] for grade in GRADES if grade in self.grades]
        if summed != bool(limits) or limits != sorted(limits):
            raise ValueError("a scheme of points says the highest sum of each grade, ascending")
        if summed and limits[-1] < self.most_points(tuple(self.factors)):
            raise ValueError("the last grade reaches up to the highest sum")
        return self

    def most_points(self, factors: tuple[FactorName, ...]) -> int:
        """Return the highest sum that factors can give.

        Parameters
        ----------
        factors
            Which.

        Returns
        -------
        int
            Points.
        """
        chosen = [self.factors[name] for name in factors]
        return sum(max((*f.points, *f.points_of.values()), default=0) for f in chosen)


def read_schemes(*own: Path) -> dict[str, Scheme]:
    """Read the schemes.

    Parameters
    ----------
    *own
        Folders searched before the bundled one, such as a workspace's ``analyses/schemes``.

    Returns
    -------
    dict
        By name, sorted.

    Raises
    ------
    ContentError
        With every problem of every file.
    """
    found: dict[str, Scheme] = {}
    problems: list[Notice] = []
    for folder in (*own, bundled_content() / "analyses" / "schemes"):
        for path in sorted(folder.glob("*.toml")):
            try:
                scheme = read_toml(path, Scheme, shown=f"schemes/{path.name}", name=path.stem)
                found.setdefault(path.stem, scheme)
            except ContentError as error:
                problems.extend(error.problems)
    if problems:
        raise ContentError(problems)
    return dict(sorted(found.items()))
