"""The form of a spec: every field of every audit has a widget, and what it says reaches the spec."""

import pytest
from streamlit.testing.v1 import AppTest

from core.audits import AUDITS
from pages.parts.runs.form import linked


def made_up():
    """A page that draws a spec with a field of every shape, and keeps what it said."""
    from typing import Literal

    import streamlit as st
    from pydantic import Field

    from core.audits.traces.types import Options
    from core.types import Frozen
    from pages.parts.runs.spec_field import draw_field

    class Spec(Frozen):
        flag: bool = True
        count: int = Field(default=3, ge=1, le=9)
        needed: int = Field(ge=2)
        share: float = Field(default=0.25, ge=0, le=1)
        words: str = "as it was"
        one: Literal["cyclic", "scale"] = "scale"
        maybe: int | None = None
        some: tuple[Literal["age", "sex"], ...] = ("sex",)
        own: tuple[str, ...] = ("a",)
        numbers: tuple[int, ...] = (7,)
        pair: tuple[float, float] = (0.5, 1.5)
        options: Options = Options(penalty=0.75)
        table: dict[str, int] = Field(default_factory=lambda: {"x": 1})

    found = {name: draw_field(name, info, f"f_{name}") for name, info in Spec.model_fields.items()}
    said = {name: value for name, value in found.items() if value is not None}
    st.session_state["spec"] = Spec.model_validate(said)


def test_a_field_of_every_shape_is_drawn_with_its_default():
    test = AppTest.from_function(made_up, default_timeout=30).run()
    assert not test.exception
    spec = test.session_state["spec"]
    assert (spec.flag, spec.count, spec.needed, spec.share, spec.words, spec.one) == (
        True, 3, 2, 0.25, "as it was", "scale",
    )  # fmt: skip
    assert (spec.maybe, spec.some, spec.own, spec.numbers) == (None, ("sex",), ("a",), (7,))
    assert (spec.pair, spec.table) == ((0.5, 1.5), {"x": 1})
    assert (spec.options.penalty, spec.options.base, spec.options.intervention) == (0.75, (0.4, 0.3, 0.2, 0.1), "none")


def test_what_the_widgets_say_reaches_the_spec_nested_ones_too():
    test = AppTest.from_function(made_up, default_timeout=30).run()
    test.toggle(key="f_flag").set_value(False)
    test.number_input(key="f_count").set_value(9)
    test.number_input(key="f_maybe").set_value(5)
    test.text_input(key="f_words").set_value("new")
    test.number_input(key="f_pair_2").set_value(2.5)
    test.multiselect(key="f_some").set_value(["age"])
    test.selectbox(key="f_options_intervention").set_value("no_stress")
    test.number_input(key="f_options_base_1").set_value(0.9)
    test.number_input(key="f_options_samples").set_value(40)
    test.text_area(key="f_table").set_value('{"y": 2}').run()
    assert not test.exception
    spec = test.session_state["spec"]
    assert (spec.flag, spec.count, spec.maybe, spec.words, spec.pair) == (False, 9, 5, "new", (0.5, 2.5))
    assert (spec.some, spec.table) == (("age",), {"y": 2})
    assert (spec.options.intervention, spec.options.base[0], spec.options.samples) == ("no_stress", 0.9, 40)


@pytest.mark.parametrize("audit", list(AUDITS))
def test_every_field_of_every_audit_has_a_widget(app, audit):
    test = app("runs", view="new", audit=audit)
    assert not test.exception
    kinds = ("toggle", "number_input", "text_input", "selectbox", "multiselect", "text_area", "button_group")
    keys = {str(element.key) for kind in kinds for element in getattr(test, kind)}
    pickers = {"models": "m", "languages": "lang", "personas": "country", "countries": "country", "questions": "ask"}
    for name in AUDITS[audit]().Spec.model_fields:
        expected = pickers.get(name, f"spec_{audit}_{name}")
        assert any(key == expected or key.startswith(f"{expected}_") for key in keys), name
    assert set(linked()) >= {"m", "audit"}


def test_a_limit_of_one_audit_does_not_trip_another(app):
    """Both ask for samples, one from 1 on, the other from 2: each keeps a number of its own."""
    test = app("runs", view="new", audit="alignment")
    test.number_input(key="spec_alignment_samples").set_value(1).run()
    test.selectbox(key="audit").set_value("stability").run()
    assert not test.exception
    assert test.number_input(key="spec_stability_samples").value == 20


def test_dilemmas_and_domains_are_chosen_by_name(app):
    test = app("runs", view="new", audit="stability")
    test.multiselect(key="m").set_value(["mock"]).run()
    test.multiselect(key="spec_stability_domains").set_value(["work"]).run()
    test.button(key="run_check").click().run()
    assert not test.exception
    assert test.session_state["run_estimate"][1].domains == ("work",)
