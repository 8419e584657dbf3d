"""Maps, QGIS styles and tables from results and layers; nothing is computed here."""
