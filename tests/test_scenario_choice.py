"""What was chosen, written as a scenario, on a town that can be worked out by hand.

      P o                        ==  cement, hardened        K the committee, on the cement road
        |  1 km of earth, then   --  earth
        |  2 km more to Q        P at 1000 m, Q at 3000 m of the one earth road of 4 km
K ======+====                    with 1 km of budget P is joined, and the road is cut there
"""

import geopandas as gpd
import pytest
import shapely
from towns import CRS, layer, points, roads, small_county

from yanshan_gis.choice_job import write_choice
from yanshan_gis.chosen_lines import take_apart
from yanshan_gis.compare import compare
from yanshan_gis.errors import DataError, UsageError
from yanshan_gis.job import run_job
from yanshan_gis.overlay import open_as
from yanshan_gis.scenario import Scenario, read_scenario, write_scenario
from yanshan_gis.workspace import open_workspace
from workspaces import make_workspace

LINE = shapely.LineString([(0, 0), (10, 0), (10, 20)])
