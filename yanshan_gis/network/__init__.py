"""Lines become a routable graph, with an audit of what does not fit together.

The way through the room: `topology` nodes the lines, `impedance` gives the edges minutes, `graph`
holds them, `attach` brings villages to the nearest edge, `paths` searches, `audit` reports gaps.
"""
