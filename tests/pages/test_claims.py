"""The Claims page: a verdict with its n on every card, and none without."""

from core.findings.claims.sources import STUDIES, rules_of
from core.findings.claims.verdicts import CLAIMS
from core.runs.bank import load_bank
from core.settings import settings
from core.store import Store
from core.surveys.published import ITEMS, item_table, study
from core.types import Response
from tests.pages.test_pages import texts
from tests.pages.test_representation import bare, measured
from tests.unit.store_rows import info, row

__all__ = ["bare", "measured"]


def test_every_claim_has_a_card_with_rule_verdict_and_n(app):
    test = app("claims")
    shown = texts(test)
    assert not test.exception
    assert shown.count("Counted: ") == len(CLAIMS)
    assert "63 publics, each taken for a model" in shown
    assert "it would take about" in shown
    assert shown.count("Rule: at least") == sum(len(rules_of(claim)) for claim in CLAIMS)
    # Each published body of evidence is one click from its source, those too that stand beside a verdict.
    for study_name in {*STUDIES.values(), "def_figures"}:
        assert f"]({study(study_name).link})" in shown
    assert "0 of 8 claims are supported, 2 not, and for 6" in shown


def test_without_runs_only_published_figures_speak(bare):
    test = bare("claims")
    assert not test.exception
    assert "Counted: 0 models" in texts(test)
    assert "Counted: models 10, developers 4, questions 36" in texts(test)


def test_a_run_of_ones_own_is_counted(measured):
    test = measured("claims")
    assert not test.exception
    assert "models 1," in texts(test)


def answers_of_the_usa(run_id: str) -> list[Response]:
    """One Western model a developer that answers the 19 published questions as people in the USA do on average."""
    bank = load_bank()
    western = [model for model in bank.models.values() if model.origin.base == model.origin.tuner == "West"]
    each = list({model.developer: model for model in western}.values())
    usa = item_table().set_index("item_id")["usa_mean"]
    made = []
    for model in each:
        for item in ITEMS:
            question, mean = bank.questions[item], float(usa[item])
            low = int(mean)
            shares = {low: low + 1 - mean, low + 1: mean - low}
            made.append(
                row(
                    len(made),
                    run_id,
                    model_id=model.id,
                    provider=model.provider,
                    question_id=item,
                    country=None,
                    sex=None,
                    language="en",
                    prompt_version="options-1",
                    codes=question.codes,
                    mass=tuple(shares.get(code, 0.0) for code in question.codes),
                    valid_mass=1.0,
                )
            )
    return made


def test_a_verdict_is_computed_anew_when_a_run_is_added(app):
    test = app("claims", clo="mfq2")
    before = test.dataframe[0].value.set_index("Claim").loc["Western models are U.S.-centric"]
    assert (before["Verdict"], before["Models"]) == ("Not supported", 8)
    made = answers_of_the_usa("added")
    store = Store(settings().runs_dir)
    with store.create(info("added")) as folder:
        store.append(folder, made)
    store.close()
    test.run()
    assert not test.exception
    after = test.dataframe[0].value.set_index("Claim").loc["Western models are U.S.-centric"]
    assert after["Models"] == 8 + len({line.model_id for line in made})
    # Models that answer as the USA does stand far beyond other publics, but not all of the spread is theirs.
    assert after["Verdict"] == "Cannot tell"


def test_every_claim_of_the_paper_has_its_card():
    # As the abstract of arXiv 2511.17256 lists them.
    assert set(CLAIMS) == {
        "unstable",
        "youth",
        "scale",
        "multilingual",
        "us_centric",
        "mistral",
        "tuning",
        "neither",
    }


def test_a_reader_takes_a_source_out_and_the_verdict_changes(app):
    test = app("claims")
    before = test.dataframe[0].value.set_index("Claim").loc["Western models are U.S.-centric"]
    assert before["Verdict"] == "Not supported"
    test.multiselect(key="clo").set_value(["mfq2", "published"]).run()
    assert not test.exception
    after = test.dataframe[0].value.set_index("Claim").loc["Western models are U.S.-centric"]
    assert after["Verdict"] == "Cannot tell"
    assert "Left out by you: " in texts(test)


def test_what_is_left_out_comes_from_the_link(app):
    test = app("claims", clo="mfq2")
    assert test.multiselect(key="clo").value == ["mfq2"]


def test_every_verdict_names_its_sources_and_each_is_one_click_away(app):
    shown = texts(app("claims"))
    assert shown.count("Rests on: ") == len(CLAIMS)
    assert "(https://arxiv.org/abs/2601.17637)" in shown
    assert "version of" in shown
