"""Import a survey file of one's own as a private reference."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.errors import ParallaxError
from core.settings import settings
from core.surveys.private import forget_private, load_first, private_names, save_private, slug
from core.surveys.tidy_import import import_tidy
from core.surveys.wvs_import import import_wvs
from pages.components import resources
from pages.components.names import country
from pages.components.problems import problem_text
from pages.components.texts import listed, number, t, term

KINDS = ("wvs", "tidy")


def show_import() -> None:
    """An expander with the upload, its progress, and the private references in use."""
    if settings().public:
        st.caption(f":material/public: {t('public.survey_file')}")
        return
    with st.expander(t("representation.import_title"), icon=":material/upload_file:"):
        st.markdown(t("representation.import_text"))
        kind = st.radio(
            t("representation.import_kind"),
            KINDS,
            format_func=lambda name: term("import_kind", name),
            key="import_kind",
            horizontal=True,
        )
        place = year = None
        if kind == "tidy":
            left, right = st.columns(2)
            places = sorted(resources.survey().countries(), key=country)
            place = left.selectbox(
                t("representation.import_country"), places, format_func=country, key="import_country"
            )
            this_year = datetime.now(UTC).year
            year = right.number_input(t("representation.import_year"), 1980, this_year, this_year, key="import_year")
        file = st.file_uploader(t("representation.import_file"), type=["csv"], key="import_file")
        if st.button(t("representation.import_go"), key="import_go", disabled=file is None) and file is not None:
            _import(file, kind, place, year)
        _show_names()


def _import(file, kind: str, place: str | None, year: int | None) -> None:
    bar = st.progress(0.0)

    def tell(done: int, total: int) -> None:
        bar.progress(done / total, text=t("representation.import_running", done=done, total=total))

    with tempfile.TemporaryDirectory(prefix="parallax-upload-") as folder:
        path = Path(folder) / "upload.csv"
        with path.open("wb") as out:
            while block := file.read(1 << 20):
                out.write(block)
        try:
            bank = resources.questions()
            frame = import_wvs(path, bank, tell) if kind == "wvs" else import_tidy(path, bank, place, year)
            name = slug(Path(file.name).stem)
            save_private(name, frame)
        except ParallaxError as error:
            bar.empty()
            st.error(problem_text(error), icon=":material/error:")
            return
    _take_up()
    bar.progress(1.0)
    st.success(
        t(
            "representation.import_done",
            rows=number(len(frame)),
            questions=frame["item_id"].nunique(),
            countries=frame["country_iso3"].nunique(),
            name=name,
        ),
        icon=":material/check:",
    )


def _take_up() -> None:
    load_first().reload()
    st.cache_data.clear()


def _show_names() -> None:
    names = private_names()
    if not names:
        return
    st.caption(t("representation.import_known", names=listed(names)))
    with st.container(horizontal=True):
        for name in names:
            if st.button(t("representation.import_forget", name=name), key=f"forget_{name}", icon=":material/delete:"):
                forget_private(name)
                _take_up()
                st.rerun()
