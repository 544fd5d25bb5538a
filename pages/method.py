"""How each number is made, what it cannot tell, and where the human figures come from."""

import streamlit as st

from core.settings import DATA
from pages.parts.app.frame import inside_app
from pages.parts.method.inference import show_inference
from pages.parts.shared import resources
from pages.parts.shared.fold import fold
from pages.parts.shared.glossary import explain, show_glossary
from pages.parts.shared.names import model_name, origin_words
from pages.parts.shared.problems import show_catalogue_problems
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import t

inside_app()

st.title(t("method.title"), anchor=False)
st.markdown(t("method.intro"))

st.header(t("method.reading_title"), anchor=False, help=explain("first_token", "valid_mass", "position_bias", "twin"))
st.markdown(t("method.reading"))
st.latex(r"\bar q_k=\frac1K\sum_o q_{ko}\qquad\mathrm{or}\qquad\bar q_k\propto\exp\Big(\frac1K\sum_o\ln q_{ko}\Big)")

st.header(t("method.distance_title"), anchor=False, help=explain("emd", "total_variation", "jsd", "as_published"))
st.markdown(t("method.distance_intro"))
formulas, notes = st.columns([3, 2])
with formulas:
    st.latex(r"\mathrm{EMD}(p,q)=\frac{1}{K-1}\sum_{k<K}\left|P_k-Q_k\right|")
    st.latex(r"\mathrm{TV}(p,q)=\tfrac12\sum_k\left|p_k-q_k\right|")
    st.latex(r"\mathrm{JSD}(p,q)=\tfrac12 D(p\,\|\,m)+\tfrac12 D(q\,\|\,m)")
    st.latex(r"D(p\,\|\,m)=\sum_k p_k\log_2\frac{p_k}{m_k}")
    st.latex(r"\mathrm{skill}=1-\frac{d(q,p)}{d(\mathrm{baseline},p)}")
with notes:
    st.markdown(t("method.distance_notes"))

st.header(t("method.baseline_title"), anchor=False, help=explain("even_guess", "noise_floor", "skill"))
st.markdown(t("method.baseline"))

st.page_link("pages/stability.py", label=t("stability.how_title"), icon=":material/repeat:")
st.page_link("pages/world.py", label=t("method.world"), icon=":material/public:")
st.page_link("pages/tuned.py", label=t("method.tuned"), icon=":material/model_training:")

show_inference()

st.header(t("method.limits_title"), anchor=False)
st.markdown(t("method.limits"))
st.caption(source_line("justifiable"))

st.header(t("method.sources_title"), anchor=False, help=explain("weighting", "effective_n"))
for survey in resources.survey().parts:
    first, last = survey.years
    st.markdown(
        t("method.survey", title=survey.title, first=first, last=last, source=survey.source, licence=survey.licence)
    )
with fold(t("method.all_sources"), "sources", "library_books") as opened:
    if opened:
        st.markdown((DATA / "SOURCES.md").read_text(encoding="utf-8"))

st.header(t("method.glossary_title"), anchor=False)
st.markdown(t("method.glossary"))
with fold(t("method.glossary_all"), "glossary", "menu_book") as opened:
    if opened:
        show_glossary()

st.header(t("method.models_title"), anchor=False, help=explain("origin_pair"))
st.markdown(t("method.models"))
show_catalogue_problems()
st.dataframe(
    [
        {
            t("models.name"): model_name(model.id),
            t("models.developer"): model.developer,
            t("models.origin"): origin_words(model.origin),
            t("models.parameters"): model.parameters,
            t("models.tuning"): model.tuning,
            t("models.licence"): model.licence,
            t("models.link"): model.link,
        }
        for model in resources.models().values()
    ],
    hide_index=True,
    column_config={t("models.link"): st.column_config.LinkColumn()},
)
