"""What a method needs, declared beside it and checked before it is called.

A recipe whose inputs do not offer what its method needs is *not computable*, with the missing
layers and fields by name. That is an answer, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pandas as pd

    from yanshan_gis.layer import Layer
    from yanshan_gis.result import Result

Method = TypeVar("Method", bound="Callable[..., Result]")


@dataclass(frozen=True)
class Need:
    """What one input must offer.

    Parameters
    ----------
    fields
        Fields that must exist and hold a value somewhere.
    any_of
        Groups of fields, of each of which one must exist and hold a value.
    optional
        True when the method can do without the whole input.
    rows
        True when at least one row must be there.
    unless
        Fields such as ``villages.ledger_5g``; where all of them hold a value, the method can do
        without this input.
    """

    fields: tuple[str, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    optional: bool = False
    rows: bool = True
    unless: tuple[str, ...] = ()


def needs(**inputs: Need) -> Callable[[Method], Method]:
    """Declare what a method needs, by the names of its inputs.

    Parameters
    ----------
    **inputs
        One `Need` per input.

    Returns
    -------
    Callable
        A decorator that attaches the needs to the method and changes nothing else.
    """

    def declare(method: Method) -> Method:
        method.needs = inputs  # type: ignore[attr-defined]
        return method

    return declare


def missing_for(
    method: Callable[..., Result],
    inputs: Mapping[str, Layer | None],
    *,
    only: tuple[str, ...] | None = None,
) -> list[str]:
    """List what a method needs and the inputs do not offer.

    Parameters
    ----------
    method
        A function declared with `needs`.
    inputs
        The layers about to be given to it; None for an absent one.
    only
        Names of the inputs to look at; all when not given.

    Returns
    -------
    list of str
        Layer names, and ``layer.field`` for missing fields; empty when all is there.
    """
    missing: list[str] = []
    spared = dispensable(method, inputs)
    for name, need in _declared(method).items():
        if only is not None and name not in only:
            continue
        layer = inputs.get(name)
        if layer is None or (need.rows and not len(layer)):
            if name not in spared:
                missing.append(name if layer is None else f"{name} (0)")
            continue
        missing.extend(_missing_fields(name, need, layer.frame))
    return missing


def dispensable(method: Callable[..., Result], inputs: Mapping[str, Layer | None]) -> set[str]:
    """Tell which inputs a method can do without, given the others.

    Parameters
    ----------
    method
        A function declared with `needs`.
    inputs
        The layers about to be given to it; None for an absent one.

    Returns
    -------
    set of str
        Names of inputs.
    """

    def told(field: str) -> bool:
        name, _, column = field.partition(".")
        layer = inputs.get(name)
        return layer is not None and layer.has(column)

    return {
        name
        for name, need in _declared(method).items()
        if need.optional or (need.unless and all(told(field) for field in need.unless))
    }


def _declared(method: Callable[..., Result]) -> Mapping[str, Need]:
    declared: Mapping[str, Need] = getattr(method, "needs", {})
    return declared


def _missing_fields(name: str, need: Need, frame: pd.DataFrame) -> list[str]:
    def offered(field: str) -> bool:
        return field in frame and bool(frame[field].notna().any())

    missing = [f"{name}.{field}" for field in need.fields if not offered(field)]
    groups = [group for group in need.any_of if not any(offered(field) for field in group)]
    return missing + [f"{name}.{'|'.join(group)}" for group in groups]
