"""Tuning: what is trained on whose answers, what is kept apart, and that a tuned model is a model like any other."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.catalogue import load_catalogue, tuned_model
from core.cli import main
from core.errors import Cancelled, DataError, InputError, Unreachable
from core.prompts.render import printed_order
from core.providers.local.hub import find_revision, is_here
from core.providers.local.provider import LocalProvider
from core.providers.local.tokenizer import TEXTS
from core.providers.local.tuned import ADAPTER, read_card
from core.surveys import shipped_survey
from core.surveys.batteries import battery_of
from core.tuning.checkpoint import Progress
from core.tuning.learner import Learner
from core.tuning.make import tune
from core.tuning.parts import Drawer, divide, example, variants
from core.tuning.spec import Tuning, TuningOrder, read_tuning
from core.tuning.train import _judge, baselines
from core.types import Capabilities, LocalText, LossPoint, Message, Model, OptionRequest, Origin, Persona, Variant

SPECS = sorted((Path(__file__).parents[2] / "data" / "specs").glob("tune-*.toml"))
TINY = {
    "train_batteries": ("neighbours", "environment_economy"),
    "validation_batteries": ("moral_rules",),
    "countries": ("CHN", "USA"),
    "validation_countries": ("DEU",),
    "languages": ("en",),
    "steps": 6,
    "prompts_per_step": 4,
    "check_every": 2,
    "check_prompts": 4,
    "warmup": 0,
    "rate": 0.02,
    "patience": 5,
    "targets": ("q_proj", "v_proj", "down_proj"),
}
WORDS = LocalText(en="Tiny", zh="小")


def order(name: str = "tuned-tiny", **changes: Any) -> TuningOrder:
    return TuningOrder(id=name, title=WORDS, note=WORDS, spec=Tuning(model="tiny", **{**TINY, **changes}))


@pytest.fixture(scope="module")
def tiny(builtin_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = AutoTokenizer.from_pretrained(builtin_model_dir)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2}
    config = LlamaConfig(vocab_size=len(vocabulary), num_hidden_layers=2, initializer_range=0.3, **sizes)
    LlamaForCausalLM(config).save_pretrained(folder)
    vocabulary.save_pretrained(folder)
    return Model(
        id="tiny",
        name="Tiny",
        provider="local",
        remote_id=str(folder),
        origin=Origin(base="West", tuner="West"),
        developer="Nobody",
        family="Tiny",
        capabilities=Capabilities(logprobs="full"),
        link="https://example.org",
    )


@pytest.fixture
def place(tmp_path: Path, configure: Callable[..., None]) -> Path:
    configure(adapters_dir=tmp_path / "adapters", offline=True)
    return tmp_path / "adapters"


def ask(provider: LocalProvider, model: Model) -> list[tuple[float, ...]]:
    texts = ("Is tea good?", "Is rain good?")
    requests = [
        OptionRequest(model=model, messages=(Message(role="user", content=text),), labels=("A", "B"), codes=(1, 2))
        for text in texts
    ]
    return [answer.distribution.mass for answer in provider.option_distribution(requests)]


# Whose answers, and which questions


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_shipped_spec_keeps_test_countries_and_near_twins_out_of_training(path: Path) -> None:
    from core.cli.specs import read_values

    found, survey = read_tuning(read_values(path), path.name), shipped_survey()
    parts = divide(found.spec, survey)
    trained = {battery_of(target.question) for target in parts.train}
    assert trained == set(found.spec.train_batteries)
    assert not trained & {*found.spec.validation_batteries, *found.spec.test_batteries}
    assert not {t.persona.country for t in parts.train} & {*parts.countries["test"], *parts.countries["validation"]}
    assert all(t.persona.country in found.spec.validation_countries for t in parts.watched.get("countries", ()))
    watched = {battery_of(t.question) for t in parts.watched.get("questions", ())}
    assert watched == set(found.spec.validation_batteries)


def test_what_is_in_two_parts_or_unknown_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="religion: in two parts"):
        Tuning(model="m", train_batteries=("religion",), test_batteries=("religion",))
    survey = shipped_survey()
    for changes, words in (
        ({"train_batteries": ("nothing",)}, "block of questions called “nothing”"),
        ({"countries": ("XXX",)}, "Nobody from “XXX”"),
        ({"group": "teens"}, "group of people called “teens”"),
        ({"validation_countries": (), "stop_on": ("countries",)}, "the part “countries”"),
    ):
        with pytest.raises(InputError, match=words):
            divide(order(**changes).spec, survey)


def test_a_share_stands_at_the_label_of_its_option_in_every_printed_order() -> None:
    spec = order().spec
    for target in divide(spec, shipped_survey()).train[:4]:
        by_text = {o.text.en: share for o, share in zip(target.question.options, target.shares, strict=True)}
        for variant in variants(target.question, spec, "en"):
            made = example(target, variant, spec, target.n_eff)
            printed = [target.question.options[place].text.en for place in printed_order(target.question, variant)]
            assert made.shares == tuple(by_text[text] for text in printed)
            assert all(
                f"{label}. {text}" in made.messages[0].content for label, text in zip(made.labels, printed, strict=True)
            )
            assert made.weight == 1


def test_the_country_is_named_or_nobody() -> None:
    survey = shipped_survey()
    for told, named in (("country", True), ("nobody", False)):
        spec = order(told=told, countries=("CHN",)).spec
        made = example(divide(spec, survey).train[0], Variant(), spec, 1.0)
        assert ("China" in made.messages[0].content) is named


def test_a_group_is_trained_on_its_own_answers_and_never_on_those_of_the_whole_country() -> None:
    survey = shipped_survey()
    parts = divide(
        order(group="18-29", countries=("CAN",), validation_countries=()).spec.model_copy(
            update={"stop_on": ("seen",)}
        ),
        survey,
    )
    for target in parts.train:
        young = survey.reference(target.question.id, Persona(country="CAN", age="18-29"))
        assert target.shares == young.shares
        assert target.shares != survey.reference(target.question.id, Persona(country="CAN")).shares


def test_shuffled_countries_have_each_others_answers_and_none_its_own() -> None:
    survey, spec = shipped_survey(), order(countries=(), test_countries=("JPN",), train_batteries=("confidence",)).spec
    plain = divide(spec, survey).train
    mixed = divide(spec.model_copy(update={"shuffle": True}), survey).train
    by_question: dict[str, list[tuple[Any, Any]]] = {}
    own = {(t.question.id, t.persona): t for t in plain}
    for target in mixed:
        by_question.setdefault(target.question.id, []).append((target, own[target.question.id, target.persona]))
    for pairs in by_question.values():
        assert sorted(t.shares for t, _ in pairs) == sorted(t.shares for _, t in pairs)
        assert sum(t.shares == before.shares for t, before in pairs) == 0
    # Anew for each question: the country whose answers China gets is not always the same.
    takes = {
        next(o.persona.country for _, o in pairs if o.shares == t.shares)
        for pairs in by_question.values()
        for t, _ in pairs
        if t.persona.country == "CHN"
    }
    assert len(takes) > 1


def test_a_step_draws_different_questions_and_the_same_again_after_a_restart() -> None:
    spec = order(train_batteries=("confidence",), prompts_per_step=10).spec
    targets = divide(spec, shipped_survey()).train
    drawn = Drawer(targets, spec, 0).draw(10, 3)
    assert len({made.messages[0].content.split("Question: ")[1].split("\n")[0] for made in drawn}) == 10
    assert drawn == Drawer(targets, spec, 0).draw(10, 3) != Drawer(targets, spec, 0).draw(10, 4)


def test_what_needs_no_model_is_measured_on_the_prompts_of_the_losses() -> None:
    spec = order(train_batteries=("confidence",), countries=(), check_prompts=5).spec
    parts = divide(spec, shipped_survey())
    even, average = baselines(parts, spec)
    assert set(even) == set(average) == {"countries", "questions", "seen"}
    for place, (part, targets) in enumerate(parts.watched.items()):
        prompts = Drawer(targets, spec, salt=place + 1).draw(spec.check_prompts, 0)
        shares = [np.array(made.shares) for made in prompts]
        assert even[part] == pytest.approx(np.mean([np.sum(p * np.log(np.maximum(p, 1e-9) * len(p))) for p in shares]))
    alone = order(countries=("CHN",), validation_countries=(), stop_on=("seen",)).spec
    assert baselines(divide(alone, shipped_survey()), alone)[1] == {}


# The loss


def test_the_loss_sums_spellings_and_is_0_where_the_model_gives_the_shares() -> None:
    import torch

    from core.tuning.loss import losses

    p = torch.tensor([[0.1, 0.3, 0.2, 0.2, 0.2]])
    found = losses(p.log(), [[[0, 1], [2]]], [(2 / 3, 1 / 3)])
    assert float(found.divergence[0]) == pytest.approx(0.0, abs=1e-6)
    assert float(found.off_labels[0]) == pytest.approx(-math.log(0.6), abs=1e-6)
    other = losses(p.log(), [[[0, 1], [2]]], [(1.0, 0.0)])
    assert float(other.divergence[0]) == pytest.approx(math.log(3 / 2), abs=1e-6)


# Training, stopping, going on


@pytest.mark.model
@pytest.mark.parametrize("method", ["lora", pytest.param("full", marks=pytest.mark.slow)])
def test_training_lowers_the_divergence_and_keeps_the_best_check(tiny: Model, place: Path, method: str) -> None:
    card = read_card(tune(order(method=method, stop_on=("seen",)), tiny))
    start, kept = card.losses[0], next(point for point in card.losses if point.step == card.kept)
    assert kept.parts["seen"] < start.parts["seen"] * 0.9
    assert kept.parts["seen"] == min(point.parts["seen"] for point in card.losses)
    assert kept.valid_mass > start.valid_mass
    assert card.prompts == 24
    assert {"countries", "questions", "seen"} <= set(card.losses[-1].parts)
    assert 0 < card.average["countries"] < card.even["countries"]


@pytest.mark.model
def test_no_gain_ends_the_training_early_with_the_weights_of_the_base(tiny: Model, place: Path) -> None:
    card = read_card(tune(order(rate=1e-9, patience=2), tiny))
    assert (card.stopped, card.kept, card.losses[-1].step) == ("early", 0, 4)
    provider = LocalProvider()
    tuned, plain = (ask(provider, model) for model in (tuned_model(card), tiny))
    np.testing.assert_allclose(tuned, plain, rtol=1e-3)


@pytest.mark.model
def test_a_stopped_tuning_goes_on_and_ends_as_if_it_had_not_been_stopped(tiny: Model, place: Path) -> None:
    whole = read_card(tune(order("tuned-whole", decay=1.0), tiny))
    stop, told = threading.Event(), []

    def until_three(now: Any) -> None:
        told.append(now)
        if now.step == 3:
            stop.set()

    with pytest.raises(Cancelled):
        tune(order("tuned-parted", decay=1.0), tiny, None, until_three, stop)
    assert load_catalogue().models.keys() & {"tuned-whole", "tuned-parted"} == {"tuned-whole"}
    with pytest.raises(DataError, match="is that of another spec"):
        tune(order("tuned-parted", decay=2.0), tiny)
    seen: list[Any] = []
    parted = read_card(tune(order("tuned-parted", decay=1.0), tiny, None, seen.append))
    assert seen[0].step == 3
    assert seen[-1].seconds_left == 0
    assert parted.prompts == whole.prompts
    for ours, theirs in itertools.zip_longest(parted.losses, whole.losses):
        assert ours.parts == pytest.approx(theirs.parts, abs=1e-5)
    provider = LocalProvider()
    np.testing.assert_allclose(ask(provider, tuned_model(parted)), ask(provider, tuned_model(whole)), rtol=0.02)


def test_checks_are_held_against_the_kept_one_so_small_gains_add_up() -> None:
    spec = order(stop_on=("seen",), patience=9, steps=99).spec
    state = Progress()
    for step, value in enumerate((1.0, 0.9995, 0.9985, 0.998)):
        state.step = step
        state.losses.append(LossPoint(step=step, parts={"seen": value}))
        if step:
            _judge(spec, state, SimpleNamespace(trained={}))
    assert (state.kept, state.waited) == (2, 1)


@pytest.mark.model
def test_prompts_are_learned_as_they_are_read_whatever_class_the_tokenizer_names(tiny: Model, tmp_path: Path) -> None:
    import json
    import shutil

    from core.providers.local.loader import load

    folder = tmp_path / "odd"
    shutil.copytree(tiny.remote_id, folder)
    told = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    told["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    (folder / "tokenizer.json").write_text(json.dumps(told), "utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "tokenizer_class": "GPT2Tokenizer"}), "utf-8")
    learner, reader = Learner(tiny, folder, order().spec), load(tiny, folder)
    for text in TEXTS:
        assert learner.tokenizer(text)["input_ids"] == reader.tokenizer(text)["input_ids"]


@pytest.mark.model
def test_what_cannot_be_written_is_said_and_no_other_error_is_called_that(
    tiny: Model, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.parent.mkdir(exist_ok=True)
    place.write_text("a file", "utf-8")
    with pytest.raises(Unreachable, match="cannot be written to"):
        tune(order(), tiny)
    place.unlink()
    blocked = place / ".tuned-tiny.work" / ".checkpoint.safetensors.new"
    blocked.mkdir(parents=True)  # safetensors fails in its own way where a folder has the name of its file
    stop = threading.Event()
    with pytest.raises(Unreachable, match="cannot be written to"):
        tune(order(), tiny, None, lambda told: stop.set(), stop)

    def broken(*given: Any) -> None:
        raise OSError("no fault of the folder")

    monkeypatch.setattr("core.tuning.make.train", broken)
    with pytest.raises(OSError, match="no fault of the folder"):
        tune(order(), tiny)


# A model like any other


@pytest.mark.model
def test_an_adapter_answers_as_peft_computes_it_beside_its_base_which_is_loaded_once(tiny: Model, place: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from core.providers.chat import render_messages
    from core.providers.labels import label_token_ids

    one, two = (
        tuned_model(read_card(tune(order(name, seed=seed), tiny)))
        for name, seed in (("tuned-one", 1), ("tuned-two", 2))
    )
    provider = LocalProvider()
    plain = ask(provider, tiny)
    answers = {model.id: ask(provider, model) for model in (one, two, one)}
    np.testing.assert_allclose(ask(provider, tiny), plain, rtol=1e-4)
    for other in (plain, answers["tuned-two"]):
        assert np.abs(np.log(np.divide(answers["tuned-one"], other))).max() > 0.05
    assert len(provider._loader._loaded) == 1
    assert provider.revision(one) != provider.revision(two)
    assert provider.revision(one).startswith(provider.revision(tiny))
    weights = AutoModelForCausalLM.from_pretrained(tiny.remote_id, dtype=torch.float32)
    theirs = PeftModel.from_pretrained(weights, place / "tuned-one").eval()
    loaded = provider._loader.get(tiny, provider.revision(tiny))
    ids = render_messages(loaded.tokenizer, [Message(role="user", content="Is tea good?")], True).ids
    with torch.inference_mode():
        p = theirs(torch.tensor([ids])).logits[0, -1].softmax(-1)
    labels = label_token_ids(loaded.tokenizer, ("A", "B"))
    np.testing.assert_allclose(answers["tuned-one"][0], [float(p[list(ids)].sum()) for ids in labels], rtol=1e-3)


@pytest.mark.model
def test_the_version_of_a_tuned_model_is_found_once_until_it_is_tuned_again(
    tiny: Model, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    found = []
    monkeypatch.setattr(
        "core.providers.local.provider.find_revision", lambda model: found.append(model.id) or find_revision(model)
    )
    provider = LocalProvider()
    folder = tune(order(), tiny)
    model = tuned_model(read_card(folder))
    versions = {provider.revision(model) for _ in range(3)}
    assert (len(versions), found) == (1, ["tuned-tiny"])
    shutil.rmtree(folder)
    tune(order(seed=5), tiny)
    assert provider.revision(model) not in versions
    assert model.name_in("zh") == "小"


@pytest.mark.model
def test_the_catalogue_says_that_it_was_tuned_here_and_a_damaged_card_hides_one_model(tiny: Model, place: Path) -> None:
    folder = tune(order(), tiny)
    model = load_catalogue().models["tuned-tiny"]
    assert (model.origin.base, model.origin.tuner, model.origin.label) == ("West", "here", "West/here")
    assert is_here(model)
    with pytest.raises(InputError, match="tuned already"):
        tune(order(), tiny)
    with pytest.raises(InputError, match="cannot be tuned here"):
        tune(order("tuned-again"), model)
    (folder / ADAPTER).write_bytes(b"other")
    with pytest.raises(Unreachable, match="not those that its card names"):
        ask(LocalProvider(), model)
    (folder / ADAPTER).unlink()
    assert not is_here(model)
    with pytest.raises(Unreachable, match="without its weights"):
        ask(LocalProvider(), model)
    (folder / "card.json").write_text("{}", "utf-8")
    found = load_catalogue()
    assert "tuned-tiny" not in found.models
    assert "card of the tuned model “tuned-tiny”" in found.problems[0].message


def test_the_command_names_the_specs_and_refuses_that_of_a_run(capsys: Any, place: Path) -> None:
    assert main(["tune", "nothing"]) == 2
    assert "tune-smollm2-china" in capsys.readouterr().err
    assert main(["tune", "data/specs/alignment-smollm2.toml"]) == 2
    assert "the spec of a run" in capsys.readouterr().err
    assert main(["run", "data/specs/tune-smollm2-china.toml"]) == 2
    assert "python -m core tune" in capsys.readouterr().err
    assert main(["tune", "tune-smollm2-china", "--set", "rate=-1"]) == 2
    assert "spec.rate" in capsys.readouterr().err
