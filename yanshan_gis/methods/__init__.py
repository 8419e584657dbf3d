"""Methods: one module per question, pure functions from layers to a result.

A method is called with keyword arguments only: its inputs by the names its recipe gives them, its
parameters with their unit as the end of the name (``limit_min``), and, where it asks for it, the
``county``. It declares beside itself what its inputs must offer (`yanshan_gis.needs`).
"""
