"""Random numbers: every stage of the model has its own, so one may change without the others."""

from __future__ import annotations

import numpy as np


def numbers(seed: int, stage: str) -> np.random.Generator:
    """Return the numbers of a stage.

    Parameters
    ----------
    seed
        Of the model.
    stage
        Its name.

    Returns
    -------
    numpy.random.Generator
        Always the same for the same seed and stage.
    """
    return np.random.default_rng([seed, *stage.encode()])
