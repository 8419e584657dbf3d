"""A county's rural-revitalisation plan on a map.

The way through the house: files → layers → network or grid → method → result → publish.
Nothing heavy is imported here; each room loads what it needs when it is entered.
"""

__version__ = "0.1.0"
