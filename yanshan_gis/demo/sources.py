"""Where the rows of the bundled county come from: real facts, or the model and its seed."""

from __future__ import annotations

from datetime import date

from yanshan_gis.layer import Quality, Source

DATA_DATE = date(2025, 12, 31)
MODEL, CODES, ADCODE, PLAN = "model", "codes", "adcode", "plan"
STATED, RESETTLED, REGISTRY = "plan-targets", "plan-column-6", "plan-registry"
_FACTS_DATE = date(2022, 12, 31)
_CODES_ORIGIN = "统计用区划代码2022年（国家统计局）"
_ADCODE_ORIGIN = "统计用区划代码2022年（国家统计局）；位置 Vonng/adcode（高德2018，GCJ-02转WGS 84）"
_CC_BY = "CC BY 4.0"


def model_origin(seed: int, scale: float) -> str:
    """Name the model run.

    Parameters
    ----------
    seed, scale
        As given to `build_demo`.

    Returns
    -------
    str
        What stands as a source's origin.
    """
    grown = "" if scale == 1 else f" scale={scale:g}"
    return f"砚山县示例模型 seed={seed}{grown}"


def modelled(seed: int, scale: float) -> Source:
    """Describe rows of which nothing is known.

    Parameters
    ----------
    seed, scale
        Of the model.

    Returns
    -------
    Source
        Attributes and positions modelled.
    """
    return Source(MODEL, model_origin(seed, scale), as_of=DATA_DATE,
                  attributes=Quality.MODELLED, position=Quality.MODELLED)  # fmt: skip


def named(seed: int, scale: float, attributes: Quality = Quality.REPORTED) -> Source:
    """Describe rows whose names and codes are real and whose positions are modelled.

    Parameters
    ----------
    seed, scale
        Of the model.
    attributes
        Modelled where people and ledger stand beside the real name and code.

    Returns
    -------
    Source
        Names from the division register.
    """
    origin = f"名称和代码：{_CODES_ORIGIN}；其余：{model_origin(seed, scale)}"
    return Source(CODES, origin, as_of=_FACTS_DATE, attributes=attributes,
                  position=Quality.MODELLED)  # fmt: skip


def located(attributes: Quality = Quality.REPORTED, rest: str = "") -> Source:
    """Describe rows whose names, codes and positions are real.

    Parameters
    ----------
    attributes
        Modelled where people and ledger stand beside the real name and code.
    rest
        Where those come from.

    Returns
    -------
    Source
        Positions from Vonng/adcode.
    """
    origin = f"{_ADCODE_ORIGIN}；其余：{rest}" if rest else _ADCODE_ORIGIN
    return Source(ADCODE, origin, as_of=_FACTS_DATE, licence=_CC_BY, attributes=attributes,
                  position=Quality.REPORTED)  # fmt: skip


def planned(seed: int, scale: float) -> Source:
    """Describe the plan's projects, placed by the model.

    Parameters
    ----------
    seed, scale
        Of the model.

    Returns
    -------
    Source
        Attributes from the plan.
    """
    origin = (
        "砚山县“十四五”巩固拓展脱贫攻坚成果同乡村振兴有效衔接规划，专栏4；"
        f"位置：{model_origin(seed, scale)}"
    )
    return Source(PLAN, origin, as_of=_FACTS_DATE, attributes=Quality.REPORTED,
                  position=Quality.MODELLED)  # fmt: skip


def registry() -> Source:
    """Describe the registry of the plan's projects.

    Returns
    -------
    Source
        Read from the plan; a position is that of the place a project names.
    """
    origin = "砚山县“十四五”巩固拓展脱贫攻坚成果同乡村振兴有效衔接规划（项目登记）"
    return Source(REGISTRY, origin, as_of=_FACTS_DATE, position=Quality.DERIVED)


def stated() -> Source:
    """Describe what the plan states itself: targets, baselines, programmes.

    Returns
    -------
    Source
        Of a table; nothing in it is modelled.
    """
    origin = "砚山县“十四五”巩固拓展脱贫攻坚成果同乡村振兴有效衔接规划，表2-1和第一、三章"
    return Source(STATED, origin, as_of=_FACTS_DATE)


def resettled(seed: int, scale: float) -> Source:
    """Describe relocation sites the plan names, with modelled people, progress and positions.

    Parameters
    ----------
    seed, scale
        Of the model.

    Returns
    -------
    Source
        Names from the plan.
    """
    origin = (
        "砚山县“十四五”巩固拓展脱贫攻坚成果同乡村振兴有效衔接规划，专栏6（名称）；"
        f"其余：{model_origin(seed, scale)}"
    )
    return Source(RESETTLED, origin, as_of=_FACTS_DATE, attributes=Quality.MODELLED,
                  position=Quality.MODELLED)  # fmt: skip
