"""Logistic regression with a ridge, by Newton's steps: small and exact for some dozens of columns.

Written here, not taken from scikit-learn, since the search fits hundreds of times with shares between 0 and 1
as its targets, starts each time from the last weights, and needs the errors of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nurture.learn.table import Floats

_LEAST_CURVE = 1e-6


@dataclass(frozen=True)
class Weights:
    """What each column adds to the log-odds; `errors` are the standard errors of `each`."""

    base: float
    each: Floats
    errors: Floats

    def apply(self, columns: Floats) -> Floats:
        """The log-odds of each lead."""
        found: Floats = self.base + columns @ self.each
        return found


def share_of(log_odds: Floats) -> Floats:
    """The share that log-odds stand for."""
    found: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return found


def start(target: Floats) -> Weights:
    """The weights of no columns at all: the average."""
    share = float(np.clip(target.mean(), _LEAST_CURVE, 1 - _LEAST_CURVE))
    return Weights(float(np.log(share / (1 - share))), np.zeros(0), np.zeros(0))


def fit(columns: Floats, target: Floats, ridge: float, begin: Weights, rounds: int) -> Weights:
    """The weights after `rounds` of Newton's steps from `begin`, whose missing last weights are 0."""
    each = np.append(begin.each, np.zeros(columns.shape[1] - len(begin.each)))
    weights = np.append(begin.base, each)
    design = np.hstack([np.ones((len(columns), 1)), columns])
    penalty = np.full(len(weights), ridge)
    penalty[0] = _LEAST_CURVE
    for _ in range(rounds):
        share = share_of(design @ weights)
        curve = np.maximum(share * (1 - share), _LEAST_CURVE)
        curvature = (design * curve[:, None]).T @ design + np.diag(penalty)
        weights = weights - np.linalg.solve(curvature, design.T @ (share - target) + penalty * weights)
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return Weights(float(weights[0]), weights[1:], errors[1:])


def misfit(columns: Floats, target: Floats, ridge: float, weights: Weights) -> float:
    """What the fit makes small: the negative log-likelihood, and the ridge."""
    log_odds = weights.apply(columns)
    likelihood = np.logaddexp(0, log_odds).sum() - target @ log_odds
    return float(likelihood + ridge / 2 * (weights.each**2).sum())
