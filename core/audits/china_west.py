"""China and the West: where models stand between the people of China and of the USA, by three measures.

The published models and every model of the store answer the same 19 questions (Q177-Q195, 1..10). Each measure gives a
*lean*, positive where the USA is nearer: ``distance`` = mean absolute distance to China's mean answer less that to the
USA's (scale points); ``items`` = share of questions nearer to the USA less share nearer to China (-1..1); ``rank`` =
Spearman correlation with the USA over the questions less that with China (-2..2). They may disagree, and where they do
the disagreement is the finding.

Models of one developer are not independent, so what is said of an origin is uncertain in two ways, by the choice of
questions and by the choice of developers; both are drawn anew and their variances added (two-way clustering: Cameron,
Gelbach and Miller 2011). A plain bootstrap over few clusters is too narrow (the same, 2008), so the ends are those of a
t interval, see :func:`interval`; below :data:`FEW_DEVELOPERS` developers they are called rough all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from core.errors import DataError, said
from core.metrics.distances import Array
from core.settings import DATA
from core.surveys.published import ITEMS, item_table, model_means
from core.surveys.wvs7 import load
from core.types import LANGUAGES, Model, Persona, Question

MAKERS = DATA / "published" / "published_model_makers.csv"

Measure = Literal["distance", "items", "rank"]
MEASURES: tuple[Measure, ...] = ("distance", "items", "rank")
PERSONAS = ("none", "CHN", "USA")
GROUPS = ("China", "West", "mixed", "other")
"""Origin of a model: built and tuned in China, built and tuned in the West, one of each, or elsewhere and unknown."""

FEWEST_ITEMS = 10
"""A model with fewer of the 19 questions keeps its row, but gets no interval and counts in no origin."""
FEW_DEVELOPERS = 10
"""Below this many developers an interval over developers is called rough."""

Condition = tuple[str, str]
CONTRASTS: dict[str, tuple[Condition, Condition]] = {
    "language": (("en", "none"), ("zh", "none")),
    "persona": (("en", "none"), ("en", "CHN")),
    "both": (("en", "none"), ("zh", "CHN")),
    "persona_usa": (("en", "none"), ("en", "USA")),
}
"""What is changed, from which way of asking to which: (prompt language, persona)."""

SEED = 177195  # of core.surveys.published, so that both pages show the same intervals
RESAMPLES = {"distance": 10_000, "items": 10_000, "rank": 2_000}

ANSWER_COLUMNS = (
    "model_id",
    "name",
    "source",
    "base",
    "tuner",
    "developer",
    "language",
    "persona",
    "item_id",
    "mean",
    "valid_mass",
)


def group_of(base: str, tuner: str) -> str:
    """One of :data:`GROUPS` for an origin pair."""
    if {base, tuner} == {"China", "West"}:
        return "mixed"
    return base if base == tuner and base in ("China", "West") else "other"


@cache
def _makers(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path).set_index("model")[["developer", "origin_base", "origin_tuner"]]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(said("published_makers_unreadable", reason=error)) from error


def published_answers(makers: Path = MAKERS) -> pd.DataFrame:
    """The 17 published models with the columns of :data:`ANSWER_COLUMNS`; ``source`` is ``published``.

    ``mean`` is on 1..10, ``persona`` one of :data:`PERSONAS`. Raises :class:`DataError` where a model has no maker.
    """
    means, known = model_means(), _makers(makers)
    if missing := set(means["model"]) - set(known.index):
        raise DataError(said("published_makers", names=", ".join(sorted(missing))))
    frame = means.join(known, on="model").rename(
        columns={
            "prompt_language": "language",
            "mean_response": "mean",
            "origin_base": "base",
            "origin_tuner": "tuner",
            "model": "name",
        }
    )
    frame = frame.assign(
        model_id="published:" + frame["name"],
        source="published",
        persona=frame["persona_country"].fillna("none"),
        valid_mass=np.nan,
    )
    return frame.loc[:, list(ANSWER_COLUMNS)]


def own_answers(
    table: pd.DataFrame,
    models: Mapping[str, Model],
    questions: Mapping[str, Question],
    shipped: Iterable[str] = (),
) -> pd.DataFrame:
    """Mean answers of the models of a store, from :func:`core.audits.option_table.option_table`; same columns.

    Read are the questions Q177-Q195, asked as no one, as a person of China or of the USA. ``mean`` is the mean code
    under the option probabilities, 1..10. ``source`` is ``shipped`` where all of a model's readings come from the runs
    named in ``shipped``, else ``own``. A model that the catalogue has lost keeps its id and an unknown origin.
    """
    personas = {Persona().key: "none"} | {Persona(country=c).key: c for c in ("CHN", "USA")}
    mine = table[table["question_id"].isin(ITEMS) & table["persona"].isin(list(personas))]
    mine = mine[mine["language"].isin(LANGUAGES)]
    known = {name: models[name] for name in mine["model_id"].unique() if name in models}
    outside = ~mine["run_id"].isin(set(shipped))
    own = set(mine.loc[outside, "model_id"])

    def fact(what: str) -> list[str]:
        facts = {
            name: {"name": m.name, "base": m.origin.base, "tuner": m.origin.tuner, "developer": m.developer}[what]
            for name, m in known.items()
        }
        return [facts.get(name, name if what in ("name", "developer") else "unknown") for name in mine["model_id"]]

    means = [
        float(np.dot(questions[item].codes, probabilities))
        for item, probabilities in zip(mine["question_id"], mine["probabilities"], strict=True)
    ]
    return pd.DataFrame(
        {
            "model_id": mine["model_id"].to_numpy(),
            "name": fact("name"),
            "source": ["own" if name in own else "shipped" for name in mine["model_id"]],
            "base": fact("base"),
            "tuner": fact("tuner"),
            "developer": fact("developer"),
            "language": mine["language"].to_numpy(),
            "persona": mine["persona"].map(personas).to_numpy(),
            "item_id": mine["question_id"].to_numpy(),
            "mean": means,
            "valid_mass": mine["valid_mass"].to_numpy(float),
        },
        columns=list(ANSWER_COLUMNS),
    )


def models_of(answers: pd.DataFrame) -> pd.DataFrame:
    """One row per model of ``answers``: name, source, developer, base, tuner and ``group``; indexed by model_id."""
    facts = answers.drop_duplicates("model_id").set_index("model_id")
    facts = facts[["name", "source", "developer", "base", "tuner"]]
    return facts.assign(group=[group_of(b, t) for b, t in zip(facts["base"], facts["tuner"], strict=True)])


@cache
def _publics() -> tuple[Array, Array]:
    table = item_table()
    return table["chn_mean"].to_numpy(float), table["usa_mean"].to_numpy(float)


class Publics(NamedTuple):
    """Mean answers of the two publics, each (19,), in the order of ``ITEMS``."""

    china: Array
    usa: Array


def publics() -> Publics:
    """The two publics of the shipped survey."""
    return Publics(*(part.copy() for part in _publics()))


def wide(answers: pd.DataFrame, language: str, persona: str) -> pd.DataFrame:
    """Models x questions asked this way, NaN where not asked; every model of ``answers`` keeps its row."""
    part = answers[(answers["language"] == language) & (answers["persona"] == persona)]
    table = part.pivot_table(index="model_id", columns="item_id", values="mean", aggfunc="mean")
    return table.reindex(index=list(dict.fromkeys(answers["model_id"])), columns=list(ITEMS))


@cache
def _counts(n: int, resamples: int) -> Array:
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=10_000)[:resamples]
    return np.asarray(drawn, dtype=np.float64)


@cache
def _picks(n: int, resamples: int) -> Array:
    """The questions behind :func:`_counts` by place, (resamples, n)."""
    places = np.arange(n)
    return np.array([np.repeat(places, row) for row in _counts(n, resamples).astype(int)])


def _ranks(values: Array) -> Array:
    """Ranks along the last axis, ties averaged, centred, of length 1; NaN where constant or under 3 values."""
    ranks = np.asarray(stats.rankdata(values, axis=-1), dtype=np.float64)
    ranks -= ranks.mean(axis=-1, keepdims=True)
    size = np.sqrt((ranks**2).sum(axis=-1, keepdims=True))
    told = (size > 1e-9) & (values.shape[-1] > 2)
    return np.asarray(
        np.divide(ranks, size, out=np.full(ranks.shape, np.nan), where=np.broadcast_to(told, ranks.shape))
    )


def _correlations(answers: Array, people: Publics) -> Array:
    """Spearman's rho (2,) of answers (19,) with China and with the USA, over the questions that were asked."""
    known = ~np.isnan(answers)
    mine = _ranks(answers[known])
    return np.array([(mine * _ranks(public[known])).sum() for public in people])


@cache
def _public_ranks(china: bytes, usa: bytes) -> Array:
    """Rank of the USA less rank of China over the drawn questions, (resamples, n)."""
    left, right = (np.frombuffer(part) for part in (china, usa))
    picks = _picks(len(left), RESAMPLES["rank"])
    return _ranks(right[picks]) - _ranks(left[picks])


@lru_cache(maxsize=1_024)
def _drawn_ranks(answers: bytes, china: bytes, usa: bytes) -> Array:
    """Drawn leans by rank, (resamples,); kept, because ways of asking are compared with each other."""
    mine = np.frombuffer(answers)
    drawn = (_ranks(mine[_picks(len(mine), RESAMPLES["rank"])]) * _public_ranks(china, usa)).sum(axis=-1)
    drawn.setflags(write=False)
    return np.asarray(drawn)


def _by_item(answers: Array, people: Publics, measure: Measure) -> Array:
    """Lean of each question, same shape as ``answers`` (..., 19); for ``distance`` and ``items``."""
    gap = np.abs(answers - people.china) - np.abs(answers - people.usa)
    return gap if measure == "distance" else np.sign(gap)


def lean(answers: Array, people: Publics, measure: Measure) -> float:
    """Lean of one model's mean answers (19,), NaN where not asked; NaN where nothing can be said."""
    known = ~np.isnan(answers)
    if not known.any():
        return float("nan")
    if measure == "rank":
        china, usa = _correlations(answers, people)
        return float(usa - china)
    return float(_by_item(answers, people, measure)[known].mean())


def _drawn(answers: Array, people: Publics, measure: Measure) -> Array:
    """Leans of one model with its questions drawn anew, (resamples,)."""
    known = ~np.isnan(answers)
    n, resamples = int(known.sum()), RESAMPLES[measure]
    if n < FEWEST_ITEMS:
        return np.full(resamples, np.nan)
    if measure == "rank":
        return _drawn_ranks(*(part[known].tobytes() for part in (answers, *people)))
    return np.asarray(_counts(n, resamples) @ _by_item(answers, people, measure)[known] / n)


def _ends(draws: Array) -> tuple[float, float]:
    """95 % percentile ends; NaN where more than one draw in twenty says nothing."""
    known = draws[~np.isnan(draws)]
    if known.size < 0.95 * draws.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def places(answers: pd.DataFrame, language: str, persona: str, people: Publics | None = None) -> pd.DataFrame:
    """Every model asked this way, by all three measures; one row a model, all models of ``answers`` keep theirs.

    Columns: model_id, those of :func:`models_of`, valid_mass (mean, NaN for published figures), n_items, d_chn, d_usa,
    near_chn, near_usa (counts of questions), rho_chn, rho_usa, and for each measure ``lean_M``, ``lean_M_low``,
    ``lean_M_high`` (95 % over questions).
    """
    between = people or publics()
    table = wide(answers, language, persona)
    facts = models_of(answers)
    part = answers[(answers["language"] == language) & (answers["persona"] == persona)]
    facts = facts.assign(valid_mass=part.groupby("model_id")["valid_mass"].mean().reindex(facts.index))
    rows = [
        {"model_id": model, **facts.loc[str(model)].to_dict(), **_row(values.to_numpy(float), between)}
        for model, values in table.iterrows()
    ]
    frame = pd.DataFrame(rows, columns=["model_id", *facts.columns, *_row(np.full(len(ITEMS), np.nan), between)])
    return frame.sort_values(["lean_distance", "name"], ascending=[False, True], ignore_index=True)


def _row(answers: Array, people: Publics) -> dict[str, float]:
    known = ~np.isnan(answers)
    asked = bool(known.any())
    row: dict[str, float] = {"n_items": int(known.sum())}
    rho = _correlations(answers, people) if asked else np.full(2, np.nan)
    for code, public, correlation in zip(("chn", "usa"), people, rho, strict=True):
        row[f"d_{code}"] = float(np.abs(answers - public)[known].mean()) if asked else np.nan
        row[f"rho_{code}"] = float(correlation)
    signs = _by_item(answers, people, "items")
    row["near_chn"] = int((signs == -1).sum()) if asked else np.nan
    row["near_usa"] = int((signs == 1).sum()) if asked else np.nan
    for measure in MEASURES:
        low, high = _ends(_drawn(answers, people, measure))
        row |= {f"lean_{measure}": lean(answers, people, measure)}
        row |= {f"lean_{measure}_low": low, f"lean_{measure}_high": high}
    return row


@cache
def _plain() -> pd.DataFrame:
    survey = load()
    elsewhere = [c for c in survey.countries() if c not in ("CHN", "USA")]
    means = [survey.means(ITEMS, country)["mean"].to_numpy() for country in elsewhere]
    answers = {"middle": np.full(len(ITEMS), 5.5), "others": np.nanmean(means, axis=0)}
    return pd.DataFrame([{"baseline": name, **_row(values, publics())} for name, values in answers.items()])


def plain_places() -> pd.DataFrame:
    """Where answers that need no model stand, columns of :func:`places` from ``n_items`` on, and ``baseline``.

    ``middle`` answers 5.5 to everything, so it has no order of questions and no rank correlation; ``others`` is the
    unweighted mean of all countries but the two.
    """
    return _plain().copy()


def directions(frame: pd.DataFrame) -> pd.DataFrame:
    """Which public is nearer by each measure, for the rows of :func:`places` with at least :data:`FEWEST_ITEMS`.

    One column a measure: ``USA``, ``CHN`` or ``even``; and ``agree`` where all three name the same.
    """
    counted = frame[frame["n_items"] >= FEWEST_ITEMS]
    names = {-1.0: "CHN", 1.0: "USA", 0.0: "even"}
    out = counted[["model_id", "name", "group"]].copy()
    for measure in MEASURES:
        rounded = np.sign(counted[f"lean_{measure}"].round(9))
        out[measure] = [names.get(value, "even") for value in rounded]
    out["agree"] = out[list(MEASURES)].nunique(axis=1).eq(1) if len(out) else pd.Series(dtype=bool)
    return out.reset_index(drop=True)


def measure_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Per measure: models, and how many stand nearer to each public, and clearly so (interval leaves out 0)."""
    counted, found = frame[frame["n_items"] >= FEWEST_ITEMS], directions(frame)
    rows = [
        {
            "measure": measure,
            "models": len(counted),
            "near_usa": int((found[measure] == "USA").sum()),
            "clear_usa": int((counted[f"lean_{measure}_low"] > 0).sum()),
            "near_chn": int((found[measure] == "CHN").sum()),
            "clear_chn": int((counted[f"lean_{measure}_high"] < 0).sum()),
        }
        for measure in MEASURES
    ]
    return pd.DataFrame(rows)


class Component(NamedTuple):
    """One source of uncertainty of a mean: its variance and degrees of freedom."""

    variance: float
    freedom: int


def component(draws: Array, n: int) -> Component:
    """What ``n`` questions or clusters contribute, from the means that drawing them anew gave.

    The variance is widened by n / (n - 1), as drawing from few with replacement makes it too small. NaN below two, or
    where more than one draw in twenty is NaN.
    """
    known = draws[~np.isnan(draws)]
    if n < 2 or known.size < max(2.0, 0.95 * draws.size):
        return Component(float("nan"), 0)
    return Component(float(known.var(ddof=1)) * n / (n - 1), n - 1)


def interval(mean: float, parts: Iterable[Component], level: float = 0.95) -> tuple[float, float]:
    """Ends of the t interval around ``mean`` with the summed variance of independent ``parts``.

    Degrees of freedom by Satterthwaite (1946). NaN where a part is NaN; no width where all variances are 0.
    """
    listed = list(parts)
    total = sum(part.variance for part in listed)
    if not listed or np.isnan(total) or np.isnan(mean):
        return float("nan"), float("nan")
    if total == 0:
        return mean, mean
    freedom = 1 / sum((part.variance / total) ** 2 / part.freedom for part in listed)
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * total**0.5
    return mean - reach, mean + reach


def cluster_component(values: Array, clusters: pd.Series, seed: int, resamples: int = 2_000) -> Component:
    """What the choice of clusters (developers) contributes to the mean of ``values`` (models,)."""
    codes, names = pd.factorize(clusters)
    d = len(names)
    if d < 2:
        return Component(float("nan"), 0)
    drawn = np.random.default_rng(seed).multinomial(d, np.full(d, 1 / d), size=resamples)[:, codes]
    return component(drawn @ values / drawn.sum(axis=1), d)


class _Side(NamedTuple):
    facts: pd.DataFrame
    point: Array
    draws: Array
    items: int


def _side(answers: pd.DataFrame, condition: Condition, people: Publics, measure: Measure) -> _Side:
    """The models that count when asked this way: their facts, leans (m,) and drawn leans (resamples, m)."""
    table = wide(answers, *condition)
    table = table[table.notna().sum(axis=1) >= FEWEST_ITEMS]
    values = table.to_numpy(float)
    draws = [_drawn(row, people, measure) for row in values]
    return _Side(
        models_of(answers).reindex(table.index),
        np.array([lean(row, people, measure) for row in values]),
        np.column_stack(draws) if draws else np.empty((RESAMPLES[measure], 0)),
        int(table.notna().sum(axis=1).min()) if len(table) else 0,
    )


def origins(
    answers: pd.DataFrame, language: str, persona: str, measure: Measure = "distance", people: Publics | None = None
) -> pd.DataFrame:
    """Mean lean of each origin with its interval over developers and questions; then China less West.

    Columns: group (of :data:`GROUPS`, ``difference`` last), models (of that origin in ``answers``), measured (asked
    this way, enough questions), developers (of those), mean, low, high, few (fewer than :data:`FEW_DEVELOPERS`). In
    the row ``difference`` both origins keep the same drawn questions. Origins without a model are left out.
    """
    side = _side(answers, (language, persona), people or publics(), measure)
    every = models_of(answers)
    rows, drawn, makers = [], {}, {}
    for place, group in enumerate(GROUPS):
        if not (every["group"] == group).any():
            continue
        inside = (side.facts["group"] == group).to_numpy() & ~np.isnan(side.point)
        developers = side.facts.loc[inside, "developer"]
        mean = float(side.point[inside].mean()) if inside.any() else float("nan")
        drawn[group] = side.draws[:, inside].mean(axis=1) if inside.any() else np.full(len(side.draws), np.nan)
        makers[group] = cluster_component(side.point[inside], developers, SEED + place + 1)
        low, high = interval(mean, (component(drawn[group], side.items), makers[group]))
        rows.append(
            {
                "group": group,
                "models": int((every["group"] == group).sum()),
                "measured": int(inside.sum()),
                "developers": int(developers.nunique()),
                "mean": mean,
                "low": low,
                "high": high,
                "few": bool(developers.nunique() < FEW_DEVELOPERS),
            }
        )
    frame = pd.DataFrame(rows, columns=["group", "models", "measured", "developers", "mean", "low", "high", "few"])
    if not {"China", "West"} <= set(drawn):
        return frame
    china, west = (frame[frame["group"] == group].iloc[0] for group in ("China", "West"))
    mean = float(china["mean"] - west["mean"])
    parts = (component(drawn["China"] - drawn["West"], side.items), makers["China"], makers["West"])
    low, high = interval(mean, parts)
    counts = {name: int(china[name] + west[name]) for name in ("models", "measured", "developers")}
    few = bool(china["few"] or west["few"])
    last = {"group": "difference", **counts, "mean": mean, "low": low, "high": high, "few": few}
    return pd.concat([frame, pd.DataFrame([last])], ignore_index=True)


def effects(answers: pd.DataFrame, measure: Measure = "distance", people: Publics | None = None) -> pd.DataFrame:
    """What a prompt in Chinese and a persona change, paired: the same models, the same questions, asked both ways.

    One row per contrast of :data:`CONTRASTS` and group (``all``, ``China``, ``West``): models, developers, items
    (fewest a model has in both), change of the lean (after less before; below 0 = towards China) with low and high
    over developers and questions, toward_chn (models whose lean falls), and d_chn, d_usa (change of the mean distance
    to each public in scale points). Models asked only one way are left out; mixed origins count in ``all`` only.
    """
    between = people or publics()
    facts = models_of(answers)
    rows = []
    for name, (before, after) in CONTRASTS.items():
        first, second = (wide(answers, *condition) for condition in (before, after))
        shared = first.notna() & second.notna()
        counted = shared.sum(axis=1) >= FEWEST_ITEMS
        a, b = (table.where(shared)[counted].to_numpy(float) for table in (first, second))
        mine, items = facts.reindex(first.index[counted]), shared[counted].sum(axis=1).to_numpy()
        point = np.array([lean(y, between, measure) - lean(x, between, measure) for x, y in zip(a, b, strict=True)])
        drawn = [_drawn(y, between, measure) - _drawn(x, between, measure) for x, y in zip(a, b, strict=True)]
        draws = np.column_stack(drawn) if drawn else np.empty((RESAMPLES[measure], 0))
        moved = [np.nanmean(np.abs(b - public) - np.abs(a - public), axis=1) for public in between] if len(a) else None
        for place, group in enumerate(("all", "China", "West")):
            inside = np.ones(len(mine), bool) if group == "all" else (mine["group"] == group).to_numpy()
            inside = inside & ~np.isnan(point)
            some, makers = bool(inside.any()), mine.loc[inside, "developer"]
            change = float(point[inside].mean()) if some else float("nan")
            fewest = int(items[inside].min()) if some else 0
            asked_anew = component(draws[:, inside].mean(axis=1), fewest) if some else Component(float("nan"), 0)
            low, high = interval(change, (asked_anew, cluster_component(point[inside], makers, SEED + 11 + place)))
            rows.append(
                {
                    "contrast": name,
                    "group": group,
                    "models": int(inside.sum()),
                    "developers": int(makers.nunique()),
                    "items": fewest,
                    "change": change,
                    "low": low,
                    "high": high,
                    "toward_chn": int((point[inside] < -1e-9).sum()),
                    "d_chn": float(moved[0][inside].mean()) if moved and some else np.nan,
                    "d_usa": float(moved[1][inside].mean()) if moved and some else np.nan,
                }
            )
    return pd.DataFrame(rows)
