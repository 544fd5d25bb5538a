"""Published figures: their files as they came, their facts, and ten of them computed anew from the raw CSV files."""

import csv
import hashlib
import math
import shutil
from collections import defaultdict
from statistics import mean

import pytest
import scipy.stats

from core.errors import DataError
from core.findings.segments import segment_fit
from core.settings import DATA
from core.surveys.published import FIGURE_COLUMNS, QUOTED, STUDIES, cultural_axes, figures, foundation_means, study
from core.surveys.published.figures import LANGUAGES
from core.surveys.published.studies import read_file

FOLDER = DATA / "published"
MODELS = [name for name in STUDIES if name != "people"]


def rows(file):
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("name", [*STUDIES, *QUOTED])
def test_each_file_is_the_one_whose_hash_is_stated(name):
    known = study(name)
    assert hashlib.sha256((FOLDER / known.file).read_bytes()).hexdigest() == known.sha256
    assert known.link.startswith("https://")
    assert known.file in (DATA / "SOURCES.md").read_text("utf-8")


def test_a_file_that_was_changed_is_refused(tmp_path):
    copy = shutil.copytree(FOLDER, tmp_path / "published")
    with (copy / "dtef_segments.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(DataError, match="hash"):
        read_file("segments", copy)


@pytest.mark.parametrize("name", MODELS)
def test_every_figure_tells_study_model_language_and_who_made_it(name):
    frame = figures(name)
    assert tuple(frame.columns) == FIGURE_COLUMNS
    assert len(frame) == len(rows(study(name).file))
    assert frame["value"].notna().all()
    assert set(frame["persona"]) <= {"none", "CHN", "USA"}
    models = frame[~frame["base"].isin(["human", "baseline"])]
    assert (models["developer"] != "").all()
    assert set(models["base"]) <= {"China", "West", "unknown"}
    assert set(models["language"]) <= set(LANGUAGES)


@pytest.mark.parametrize(
    ("name", "models", "chinese"),
    [
        ("moral_machine", 75, 36),
        ("criticism", 37, 16),
        ("mfq2", 20, 10),
        ("mfq2_2026", 14, 5),
        ("segments", 24, 3),
        ("lean", 8, 0),
        ("value_scores", 33, 7),
    ],
)
def test_models_and_origins_are_as_many_as_the_notes_say(name, models, chinese):
    frame = figures(name)
    each = frame[~frame["base"].isin(["human", "baseline"])].drop_duplicates("model")
    assert len(each) == models
    assert ((each["base"] == "China") & (each["tuner"] == "China")).sum() == chinese


def test_a_distance_of_another_model_is_computed_anew_and_closed_sizes_are_left_out():
    frame = figures("moral_machine")
    distance = frame[frame["statistic"].str.startswith("distance")].set_index("model")
    assert distance["value"].notna().all()
    raw = {r["model"]: float(r["value"]) for r in rows("moral_machine_scaling.csv") if r["statistic"][:8] == "distance"}
    apart = {name for name, value in raw.items() if abs(distance.loc[name, "value"] - value) > 1e-4}
    assert apart == {"Qwen3 32B"}
    assert raw["QwQ 32B"] == raw["Qwen3 32B"]
    assert distance.loc[["GPT-4", "o1", "Claude 3.5 Sonnet"], "size_b"].isna().all()
    assert distance.loc["Llama 3 70B", "size_b"] == 70


def test_a_year_that_cannot_be_is_no_date():
    assert any(row["date"].startswith("0029") for row in rows("mfq2_made_in_china.csv"))
    assert not figures("mfq2")["date"].str.startswith("00").any()


def test_the_second_cultural_axis_is_turned():
    axes = cultural_axes().set_index(["place", "year"])
    assert axes.loc[("SWEDEN", 2017), "expression"] == pytest.approx(3.1101)
    assert axes.loc[("SWEDEN", 2017), "secular"] == pytest.approx(1.2086)
    assert foundation_means().shape == (21, 6)


# Ten published figures, computed anew from the CSV files without the reader.


def test_moral_machine_distance_of_gpt_4_from_its_nine_weights():
    weights = defaultdict(dict)
    for row in rows("moral_machine_scaling.csv"):
        if row["statistic"].startswith("preference"):
            weights[row["model"]][row["item"]] = float(row["value"])
    people = weights["Human (Moral Machine, worldwide)"]
    far = math.sqrt(sum((weights["GPT-4"][item] - people[item]) ** 2 for item in people))
    assert far == pytest.approx(0.762262, abs=5e-6)


def complete(language, country, base, tuner):
    frame = figures("criticism")
    mine = frame[(frame["base"] == base) & (frame["tuner"] == tuner) & (frame["language"] == language)]
    mine = mine[mine["item"].str.endswith(f" {country}") & (mine["statistic"] == "share judged complete")]
    return mine["value"].mean()


@pytest.mark.parametrize(
    ("language", "country", "side", "share"),
    [
        ("en", "China", "China", 0.68),
        ("zh", "China", "China", 0.41),
        ("en", "USA", "China", 0.96),
        ("en", "China", "West", 0.91),
        ("zh", "China", "West", 0.83),
        ("en", "USA", "West", 0.95),
    ],
)
def test_shares_of_complete_criticism(language, country, side, share):
    raw = [
        float(row["value"])
        for row in rows("speechmap_government_criticism.csv")
        if row["origin"] == side
        and row["prompt_language"] == language
        and row["item"].endswith(f" {country}")
        and row["statistic"] == "share judged complete"
    ]
    assert mean(raw) == pytest.approx(share, abs=0.005)
    assert complete(language, country, side, side) == pytest.approx(mean(raw))


def test_no_model_beats_the_answer_of_the_whole_population_for_every_group():
    values = {row["model"]: float(row["value"]) for row in rows("dtef_segments.csv")}
    whole = values.pop("baseline: answers of the whole population")
    best = max(value for name, value in values.items() if not name.startswith("baseline"))
    assert (whole, best) == (0.833, 0.768)


def test_the_shown_scores_beside_segments_are_those_of_the_file():
    """What Who is left out shows: every row of the file, the nearest first, and no model beyond the population's."""
    raw = {row["model"]: float(row["value"]) for row in rows("dtef_segments.csv")}
    plain = {name for name in raw if name.startswith("baseline")}
    found = segment_fit()
    assert found.rows["value"].tolist() == sorted(raw.values(), reverse=True)
    assert found.beyond["whole"] == 0
    for name, value in (("whole", 0.833), ("shuffled", 0.761), ("uniform", 0.647)):
        assert found.baseline(name) == value
        assert found.beyond[name] == sum(score > value for key, score in raw.items() if key not in plain)
    assert len(found.models) == 24
    assert (found.models["group"] == "China/China").sum() == 3


def test_size_and_distance_rank_against_each_other_over_all_models_with_a_size():
    raw = [row for row in rows("moral_machine_scaling.csv") if row["statistic"].startswith("distance")]
    frame = figures("moral_machine")
    fresh = frame[frame["statistic"].str.startswith("distance")].set_index("model")["value"]
    sizes, far = zip(*((float(r["size_b"]), fresh[r["model"]]) for r in raw if r["size_b"]), strict=True)
    assert scipy.stats.spearmanr(sizes, far).statistic == pytest.approx(-0.74, abs=0.03)


def test_lean_of_a_model_of_the_first_month():
    first = {row["model"]: row for row in rows("political_lean_monthly.csv") if row["date"] == "2026-03"}
    assert float(first["gpt-5.4"]["value"]) == pytest.approx(0.2119)
    frame = figures("lean")
    mean_lean = frame[(frame["model"] == "gpt-5.4") & (frame["date"] == "2026-03")].set_index("statistic")["value"]
    assert mean_lean["lean, mean of judges (0 right .. 1 left)"] == 0.7754
