"""How often the intervals of each rule hold the truth, and how often a planted zero is called a finding.

Run with ``python -m tests.bench.coverage``: writes ``data/method/coverage.json``, which the Method page reads. The
tests run the same worlds, fewer of them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np

from core.settings import DATA
from core.stats.agreement import excess_instability, sampling_variance
from core.stats.clustered import mean_columns, ratio_columns
from core.stats.gaps import widest_contrasts
from core.stats.signs import sign_flip_columns
from core.stats.two_way import two_way

OUT = DATA / "method" / "coverage.json"
ICCS = (0.0, 0.3, 0.5)
SIZES = (13, 9, 8, 6, 5, 4, 4, 3, 3, 2, 1, 1, 1)
"""Sixty questions in thirteen batteries, as unequal as those of a survey are."""
EVEN = (5,) * 8 + (4,) * 5


def batteries(sizes=SIZES):
    return np.repeat(np.arange(len(sizes)), sizes)


def values(icc, worlds, rng, sizes=SIZES):
    """Questions x worlds with mean 0, variance 1 and intraclass correlation ``icc`` within batteries."""
    blocks = batteries(sizes)
    shared = rng.normal(size=(len(sizes), worlds))[blocks]
    return np.sqrt(icc) * shared + np.sqrt(1 - icc) * rng.normal(size=(len(blocks), worlds))


def holds(low, high, truth=0.0):
    """Share of intervals that hold ``truth``."""
    return float(np.mean((low <= truth) & (truth <= high)))


def mean_coverage(icc, worlds, rng, sizes=SIZES):
    found = mean_columns(values(icc, worlds, rng, sizes), batteries(sizes))
    return holds(found.low, found.high)


def false_findings(icc, worlds, rng, sizes=SIZES):
    """Share of planted zeros that are called a finding: interval off 0 and sign test under .05."""
    rows = values(icc, worlds, rng, sizes)
    found = mean_columns(rows, batteries(sizes))
    off = (found.low > 0) | (found.high < 0)
    return float(np.mean(off & (sign_flip_columns(rows, batteries(sizes)) < 0.05)))


def skill_coverage(icc, worlds, rng, sizes=SIZES):
    """Skill 1 - sum(distance) / sum(baseline): distances that are skewed and never negative, as real ones are."""
    blocks = batteries(sizes)
    far, base = (np.exp(0.4 * values(icc, worlds, rng, sizes)) for _ in range(2))
    found = ratio_columns(0.2 * far, 0.25 * base, blocks)
    return holds(1 - found.high, 1 - found.low, 1 - 0.2 / 0.25)


def share_coverage(icc, worlds, rng, sizes=SIZES):
    """Share of content in all that moves answers, half of it: sums of squares that are skewed, more than distances."""
    content, order = (np.exp(0.8 * values(icc, worlds, rng, sizes)) for _ in range(2))
    found = ratio_columns(content, content + order, batteries(sizes))
    return holds(found.low, found.high, 0.5)


def false_contrasts(icc, worlds, rng, groups=6, sizes=SIZES):
    """Share of worlds in which the widest of all contrasts of ``groups`` that do not differ leaves out 0."""
    rows = np.stack([values(icc, worlds, rng, sizes) for _ in range(groups)], axis=-1)
    found = widest_contrasts(np.swapaxes(rows, 0, 1), batteries(sizes))
    return float(np.mean([one.low > 0 or one.high < 0 for one in found]))


def excess(dilemmas, worlds, rng, answers=20, place=0.2):
    """Excess instability of a model that prefers the first place by ``place`` and never turns: the truth is 0.

    Each of two variants is asked ``answers`` times in both orders, and the orders are averaged.
    """
    own = rng.uniform(0.3, 0.7, size=(dilemmas, worlds))

    def asked():
        shares = [rng.binomial(answers, own + shift) / answers for shift in (place, -place)]
        return sum(shares) / 2, sum(sampling_variance(share, answers) for share in shares) / 4

    (p, v), (q, w) = asked(), asked()
    return mean_columns(excess_instability(p, q, v, w))


def excess_coverage(dilemmas, worlds, rng):
    found = excess(dilemmas, worlds, rng)
    return holds(found.low, found.high)


def false_turns(dilemmas, worlds, rng):
    """Share of worlds in which that model is said to turn: the whole interval lies above 0."""
    return float(np.mean(excess(dilemmas, worlds, rng).low > 0))


def percentile_coverage(icc, worlds, rng, sizes=SIZES, resamples=2_000):
    """What a percentile bootstrap over questions, blind to batteries, would cover: the former rule."""
    rows = values(icc, worlds, rng, sizes)
    n = len(rows)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=resamples) @ rows / n
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return holds(low, high)


def small_coverage(n, worlds, rng):
    """Mean over ``n`` questions of their own, values as skewed as distances are; interval of the one rule."""
    skewed = np.exp(0.4 * rng.normal(size=(n, worlds)))
    found = mean_columns(skewed)
    return holds(found.low, found.high, np.exp(0.08))


def two_way_coverage(developers, each, questions, worlds, rng):
    """Mean over models of ``developers`` with ``each`` models, uncertain by developer and by question."""
    makers = np.repeat(np.arange(developers), each)
    hits = 0
    for _ in range(worlds):
        rows = rng.normal(size=developers)[makers][:, None] + rng.normal(size=questions)
        found = two_way(rows + rng.normal(size=(len(makers), questions)), makers)
        hits += found.low <= 0 <= found.high
    return hits / worlds


def table(worlds=4_000, seed=18):
    """All figures that the Method page shows, by rule."""
    rng = np.random.default_rng(seed)
    by_icc = {
        "mean": mean_coverage,
        "skill": skill_coverage,
        "percentile": percentile_coverage,
        "false_findings": false_findings,
    }
    found = {rule: {f"{icc:g}": of(icc, worlds, rng) for icc in ICCS} for rule, of in by_icc.items()}
    apart = np.random.default_rng(seed + 1)
    found["share"] = {f"{icc:g}": share_coverage(icc, worlds, apart) for icc in ICCS}
    late = np.random.default_rng(seed + 2)
    found["false_contrasts"] = {f"{icc:g}": false_contrasts(icc, worlds, late) for icc in ICCS}
    found["excess"] = {str(n): excess_coverage(n, worlds, late) for n in (30, 55, 88)}
    found["false_turns"] = {str(n): false_turns(n, worlds, late) for n in (30, 55, 88)}
    found["small"] = {str(n): small_coverage(n, worlds, rng) for n in (5, 10, 20)}
    found["two_way"] = {f"{d}x{m}": two_way_coverage(d, m, 19, worlds // 4, rng) for d, m in ((4, 2), (8, 1), (12, 2))}
    return {"date": datetime.now(UTC).date().isoformat(), "worlds": worlds, "rules": found}


if __name__ == "__main__":
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(table(), indent=1) + "\n", encoding="utf-8")
