"""Workspaces at the edge of what a county may look like, made of the tiny towns."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import shapely
from towns import COUNTY, layer, points, roads, small_county

from yanshan_gis.content import Title
from yanshan_gis.workspace import create_workspace

LONG = "云南省文山壮族苗族自治州砚山县" * 5 + "长名村委会"  # 80 characters
ODD_NAMES = (
    "𠮷寨", "㵲阳村", "🚜拖拉机站", "=SUM(A1)", "甲/乙:丙*丁?戊", "+1村", "-2村", "@村", "<b>&村",
    "CON", "第\x0b五\n村", "$x^2$\x01村",
)  # fmt: skip
RECIPES = ("road-hardening", "logistics-reach", "column-4")


def county_called(name, english="Tiny"):
    return COUNTY.model_copy(update={"name": Title(zh=name, en=english)})


def odd_county(root):
    """Make a county whose names are long, rare and dangerous, with a township of no villages."""
    county = county_called("=小/县:*?🚜", '="Tiny"/<county>')
    boxes = [shapely.box(x, -3000, x + 4000, 3000) for x in (0, 4000, 8000)]
    townships = [LONG, "=乙/乡:*?", "空乡🚜"]
    homes = [(townships[i % 2], 400 + 3900 * (i % 2) + 350 * (i // 2)) for i in range(13)]
    names = [LONG, *ODD_NAMES]
    villages = points(
        "villages",
        *[
            (name, x, 60 + 400 * (i % 3), {
                "level": "committee", "township": home, "population": 300.0 + i,
                "households": 80.0,
            })
            for i, (name, (home, x)) in enumerate(zip(names, homes, strict=True))
        ],
    )  # fmt: skip
    seats = [
        (name, 500 + 4000 * i, 100, {"level": "township", "township": name})
        for i, name in enumerate(townships)
    ]
    stores = [
        (name, x, 90, {"committee": f"V{i + 1:06d}", "status": "existing", "township": home})
        for i, (name, (home, x)) in enumerate(zip(names, homes, strict=True))
    ]
    made = create_workspace(root, county)
    made.store([
        layer("county", [{"name": county.name.zh, "code": "532699"}], [shapely.union_all(boxes)]),
        layer("townships", [{"name": name} for name in townships], boxes),
        points("seats", *seats),
        roads(
            ("cement", [(100, 0), (6000, 60), (11500, 0)], {"name": LONG}),
            ("earth", [(800, 800), (6500, 800)], {"name": "=路/🚜"}),
        ),
        villages,
        points("outlets", *stores[:4]),
        points("cold_storage", *[
            (name, x, y, more | {"volume_m3": 10.0 * len(name)}) for name, x, y, more in stores
        ]),
        odd_plan(townships, names),
    ])  # fmt: skip
    return made


def odd_plan(townships, names):
    """Plan a cold store in every village, under its village's name."""
    from towns import plan

    from yanshan_gis.plan.registry import Amount, Project

    projects = [
        Project(
            f"P0401{i:02d}", name, "cold_storage", 4,
            townships=(townships[i % 2],), committees=(name,), place=name,
            amounts=(Amount("quantity", 50.0, "m³", "total", "库容"),),
        )
        for i, name in enumerate(names, start=1)
    ]  # fmt: skip
    places = {p.id: ("committee", 400 + 900 * i, 500) for i, p in enumerate(projects[:6])}
    return plan(*projects, places=places)


def one_village(root):
    """Make a county of one township with one village, one road and one outlet."""
    made = create_workspace(root, county_called(LONG))
    box = shapely.box(0, -3000, 5000, 3000)
    home = {"township": "甲镇"}
    made.store([
        layer("county", [{"name": LONG, "code": "532699"}], [box]),
        layer("townships", [{"name": "甲镇"}], [box]),
        roads(("cement", [(500, 0), (4000, 60)])),
        points("villages", ("甲村委会", 2000, 50, {"level": "committee", "population": 900.0,
                                               "households": 220.0, **home})),
        points("outlets", ("甲村网点", 2000, 60, {"committee": "V000001", "status": "existing",
                                              **home})),
    ])  # fmt: skip
    return made


def empty_layers(root):
    """Make the small county with layers that have columns and no rows."""
    made = create_workspace(root, COUNTY)
    gone = {"outlets", "cold_storage", "base_stations", "farm_bases", "seats", "projects"}
    made.store([
        replace(each, frame=each.frame.iloc[:0]) if each.name in gone else each
        for each in small_county()
    ])  # fmt: skip
    return made


def only_an_outline(root):
    """Make a county of which only the outline is known: every other layer is empty."""
    made = create_workspace(root, COUNTY)
    made.store([
        each if each.name == "county" else replace(each, frame=each.frame.iloc[:0])
        for each in small_county()
        if isinstance(each.frame, gpd.GeoDataFrame)
    ])  # fmt: skip
    return made
