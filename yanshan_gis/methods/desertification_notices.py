"""What a reader must know of a screening: whose limits, what was not at hand, what was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.raster.grading import EndMembers
    from yanshan_gis.scheme import FactorName, Scheme

_SCALED = {
    "soil_depth": N_("Soil depth is not given: limits of the score shrink in proportion."),
    "cover": N_("Land cover is not given: the kind of plants has no say, limits of the score "
                "shrink in proportion, and the strictest cover counts for potential."),
    "slope": N_("Slope is not given: limits of the score shrink in proportion."),
}  # fmt: skip
_SILENT = {
    "soil_depth": N_("Soil depth is not given: it has no say in the grade."),
    "cover": N_("Land cover is not given: the kind of plants has no say in the grade."),
    "slope": N_("Slope is not given: it has no say in the grade."),
}


def notices_of(
    scheme: Scheme,
    missing: Sequence[FactorName],
    members: EndMembers,
    unseen_ha: float,
    *,
    lithology: bool,
    cover: bool,
    quality: bool,
    stated: bool,
) -> list[Notice]:
    """Say what a screening rests on.

    Parameters
    ----------
    scheme
        Whose limits counted.
    missing
        Its factors that were not at hand.
    members
        End members that were used.
    unseen_ha
        Land that nobody saw, hectares.
    lithology, cover, quality
        Whether these were at hand.
    stated
        Whether the file itself told scale and offset.

    Returns
    -------
    list of Notice
        The scheme first.
    """
    text = N_("A screening from imagery by the scheme {scheme} ({title}); no survey, and no "
              "official figure. Bands hold their lower limit.")  # fmt: skip
    found = [Notice("screening", text, {"scheme": scheme.name, "title": scheme.title.zh})]
    texts = _SCALED if scheme.combine == "sum" else _SILENT
    found += [Notice(f"factor-missing-{name}", texts[name]) for name in missing if name in texts]
    ends = N_("End members: NDVI {soil:.3f} (soil) and {plants:.3f} (plants), NDRI {low:.3f} (no "
              "rock) and {high:.3f} (rock).")  # fmt: skip
    values = {"soil": members.soil, "plants": members.plants, "low": members.low,
              "high": members.high}  # fmt: skip
    found.append(Notice("end-members-used", ends, values))
    if not lithology:
        text = N_("No map of rocks is given: all land was graded, though only carbonate rock can "
                  "be karst.")  # fmt: skip
        found.append(Notice("lithology-missing", text))
    if not cover:
        text = N_("Without land cover, built-up land may pass for bare rock.")
        found.append(Notice("built-up-unmasked", text))
    if not quality:
        text = N_("No band tells clouds: they may pass for anything.")
        found.append(Notice("clouds-unmasked", text))
    if stated:
        text = N_("Scale and offset of the imagery are those its file states.")
        found.append(Notice("scale-from-file", text))
    if unseen_ha > 0:
        text = N_("{area:.1f} ha were not seen (clouds, shadow, no image) and have no grade.")
        found.append(Notice("unseen", text, {"area": unseen_ha}))
    return found
