"""The plan as data: its projects as typed records, its places, its targets."""
