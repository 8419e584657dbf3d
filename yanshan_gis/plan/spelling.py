"""Amounts as a reader of plans writes them: 库容 3,000 m³；投资 500 万元；受益 5,411 人."""

from __future__ import annotations

from collections.abc import Iterable

from yanshan_gis.plan.registry import Amount, Basis, Nature

_LEAD: dict[Nature, str] = {"quantity": "", "money": "投资", "beneficiaries": "受益"}
_PER: dict[Basis, str] = {"total": "", "per_year": "/年", "per_unit": "/单位", "monthly": "/月"}
_TEN_THOUSAND = 10_000.0


def number_text(value: float) -> str:
    """Write a number with thousands separators and no needless decimals.

    Parameters
    ----------
    value
        The number.

    Returns
    -------
    str
        Such as ``33,130`` or ``0.05``.
    """
    return f"{value:,.10g}" if abs(value) < _TEN_THOUSAND else f"{round(value, 4):,.12g}"


def amount_text(amount: Amount, *, lead: bool = True) -> str:
    """Write one amount.

    Parameters
    ----------
    amount
        With unit and basis.
    lead
        False to leave out what is counted.

    Returns
    -------
    str
        What is counted, number, unit and, unless it is a total, per what.
    """
    value, unit = amount.value, amount.unit
    if unit == "万元" and 0 < value < 1:
        value, unit = round(value * _TEN_THOUSAND, 4), "元"
    per = f"（{amount.note}）" if amount.basis == "per_unit" and amount.note else _PER[amount.basis]
    number = f"{number_text(value)} {unit}{per}"
    words = (amount.what or _LEAD[amount.nature]) if lead else ""
    return f"{words} {number}".strip()


def amounts_text(amounts: Iterable[Amount]) -> str:
    """Write several amounts; equal ones once, with how many there are.

    Parameters
    ----------
    amounts
        Of one project.

    Returns
    -------
    str
        Joined by ；, empty for none.
    """
    texts = [amount_text(amount) for amount in amounts]
    return "；".join(
        text if texts.count(text) == 1 else f"{text} × {texts.count(text)}"
        for text in dict.fromkeys(texts)
    )
