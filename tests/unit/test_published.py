import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.stats import benjamini_hochberg, mean_columns
from core.surveys.published import ITEMS, baselines, item_table, lean_counts, model_means, positions
from core.surveys.wvs7 import MARGINALS, load


def test_the_file_holds_what_its_description_says():
    means = model_means()
    assert len(means) == 1_824
    origins = means.groupby("model")["origin"].first()
    assert origins.value_counts().to_dict() == {"USA": 9, "China": 8}
    assert set(means["item_id"]) == set(ITEMS)
    assert set(means["n_repeats"]) == {20}
    keys = ["model", "prompt_language", "persona_country", "item_id"]
    assert not means.duplicated(keys).any()


def test_what_a_caller_does_to_the_frame_stays_with_the_caller():
    mine = model_means()
    mine["mean_response"] = 0
    assert model_means()["mean_response"].min() >= 1


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("persona", [None, "CHN", "USA"])
def test_no_model_is_ever_dropped(language, persona):
    frame = positions(language, persona)
    assert frame["model"].nunique() == len(frame) == 17
    without = {"Claude-Opus-4", "Ernie-4.5", "GPT-4o"} if persona is None else set()
    assert set(frame.loc[frame["n_items"] == 0, "model"]) == without
    empty, full = frame[frame["n_items"] == 0], frame[frame["n_items"] == 19]
    assert len(empty) + len(full) == 17
    measured = ["d_chn", "d_usa", "lean", "lean_low", "lean_high", "items_nearer_usa"]
    assert empty[measured].isna().all(axis=None)
    assert full[measured].notna().all(axis=None)
    assert full["d_chn"].between(0, 9).all()
    assert full["d_usa"].between(0, 9).all()
    assert full["lean"].to_numpy() == pytest.approx((full["d_chn"] - full["d_usa"]).to_numpy())
    assert (full["lean_low"] < full["lean"]).all()
    assert (full["lean"] < full["lean_high"]).all()
    assert full["lean"].is_monotonic_decreasing


def test_positions_follow_from_the_item_table():
    table, row = item_table("en", "CHN"), positions("en", "CHN").set_index("model").loc["Qwen3"]
    to_china, to_usa = (table["Qwen3"] - table["chn_mean"]).abs(), (table["Qwen3"] - table["usa_mean"]).abs()
    assert row["d_chn"] == pytest.approx(to_china.mean())
    assert row["d_usa"] == pytest.approx(to_usa.mean())
    assert row["items_nearer_usa"] == (to_usa < to_china).sum()


def test_the_item_table_carries_both_publics_as_they_are():
    table = item_table("zh").set_index("item_id")
    assert tuple(table.index) == ITEMS
    assert len(table.columns) == 2 * 4 + 17
    # Straight from the shipped shares, past the survey module.
    frame = pd.read_parquet(MARGINALS)
    for country in ("CHN", "USA"):
        part = frame[(frame["country_iso3"] == country) & (frame["item_id"] == "Q182") & (frame["group_dim"] == "all")]
        mean = (part["option_code"] * part["share"]).sum()
        assert table.loc["Q182", f"{country.lower()}_mean"] == pytest.approx(mean, abs=1e-3)
        assert table.loc["Q182", f"{country.lower()}_n"] == part["n"].iloc[0]
    assert set(table["chn_weight_status"]) == {"none"}
    assert set(table["usa_weight_status"]) == {"applied"}
    assert table["GPT-4o"].isna().all()


def test_asking_twice_gives_the_same_and_a_frame_of_ones_own():
    first, again = positions("en"), positions("en")
    pd.testing.assert_frame_equal(first, again)
    first["lean"] = 0
    assert positions("en")["lean"].max() > 0


def test_a_public_is_nearest_to_itself(tmp_path):
    usa = load().means(ITEMS, "USA").set_index("question_id")["mean"]
    means = model_means()
    echo = means["model"] == "Qwen3"
    means.loc[echo, "mean_response"] = means.loc[echo, "item_id"].map(usa)
    path = tmp_path / "means.csv"
    means.to_csv(path, index=False)
    row = positions(path=path).set_index("model").loc["Qwen3"]
    assert row["d_usa"] == pytest.approx(0, abs=1e-9)
    assert row["lean"] == pytest.approx(row["d_chn"])
    assert row["lean_low"] > 0
    assert row["items_nearer_usa"] == 19


def test_counts_by_origin_add_up():
    frame = pd.DataFrame(
        {
            "origin": ["China", "China", "USA", "USA"],
            "n_items": [19, 19, 19, 0],
            "lean": [0.5, 0.2, -0.4, np.nan],
            "lean_low": [0.1, -0.1, -0.7, np.nan],
            "lean_high": [0.9, 0.5, -0.1, np.nan],
            "lean_p": [0.01, 0.2, 0.03, np.nan],
        }
    )
    counts = lean_counts(frame).set_index("origin")
    assert counts.loc["China"].to_dict() == {
        "models": 2, "measured": 2, "nearer_usa": 2, "clearly_usa": 1, "nearer_chn": 0, "clearly_chn": 0,
    }  # fmt: skip
    assert counts.loc["USA", ["models", "measured", "nearer_chn", "clearly_chn"]].tolist() == [2, 1, 1, 1]
    assert counts.loc["all", "measured"] == 3


def test_a_lean_is_clear_by_its_adjusted_p_and_the_least_that_matters():
    lean = np.array([0.3, 0.3, 0.2, -0.2])
    frame = pd.DataFrame({"origin": "China", "n_items": 19, "lean": lean, "lean_p": [0.04, 0.06, 0, 0]})
    frame = frame.assign(lean_low=lean - 0.1, lean_high=lean + 0.1)
    assert lean_counts(frame).set_index("origin").loc["all", ["clearly_usa", "clearly_chn"]].tolist() == [1, 0]


def test_the_p_of_a_published_lean_is_adjusted_over_all_that_were_asked_this_way():
    found = positions().dropna(subset=["lean"])
    table = item_table()
    leans = {
        model: (table[model] - table["chn_mean"]).abs() - (table[model] - table["usa_mean"]).abs()
        for model in found["model"]
    }
    alone = np.array([mean_columns(lean.to_numpy(float)[:, None]).p[0] for lean in leans.values()])
    assert len(alone) == 14
    assert found["lean_p"].to_numpy() == pytest.approx(benjamini_hochberg(alone))
    assert (found["lean_p"].to_numpy() > alone + 1e-6).any()


def test_baselines_need_no_model():
    frame = baselines().set_index("baseline")
    assert list(frame.index) == ["middle", "others"]
    table = item_table()
    middle = (5.5 - table["chn_mean"]).abs().mean() - (5.5 - table["usa_mean"]).abs().mean()
    assert frame.loc["middle", "lean"] == pytest.approx(middle)
    assert (frame["n_items"] == 19).all()


@pytest.mark.parametrize("text", ["", "model,origin\na,b\n"])
def test_a_damaged_file_is_said_in_words(tmp_path, text):
    path = tmp_path / "means.csv"
    path.write_text(text)
    with pytest.raises(DataError, match="published model answers"):
        model_means(path)


def test_answers_off_the_scale_are_refused(tmp_path):
    path = tmp_path / "means.csv"
    model_means().assign(mean_response=11).to_csv(path, index=False)
    with pytest.raises(DataError, match="scale"):
        model_means(path)
