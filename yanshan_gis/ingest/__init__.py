"""Bureau files come in here: formats, encodings, heads, coordinates, repair and salvage.

Entering this room clears foreign GDAL settings from the environment, because everything in it
loads GDAL.
"""

from yanshan_gis.gdal_env import clear_foreign_gdal

clear_foreign_gdal()
