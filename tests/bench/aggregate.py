"""A run of ten million made-up answers, opened through its aggregate: time, memory, first and second visits of pages.

    python -m tests.bench.aggregate [--models N] [--folder FOLDER]      writes its section of RESULTS.md

The grid is the auditor's one of :mod:`tests.bench.ray_memory`: every question on values and attitudes, every country of
the survey with its groups, both languages, every cyclic order of the options. The answers are drawn at random, so no
figure of a page means anything. With a folder the run is kept there for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.audits.representation.plan import GROUPS, persona_of
from core.runs.bank import load_bank
from core.settings import DATA, settings
from core.store import RunFolder, Store
from core.store.files.aggregate import AGGREGATE_FILE
from core.store.files.schema import SCHEMAS
from core.store.files.shards import write_shard
from core.store.index.make_aggregate import make_aggregate
from core.store.index.reader import AnswerFilter, answers, choices
from core.store.index.readings import ReadingFilter
from core.surveys import SURVEYS
from core.types import DEFAULT_KINDS, Persona, Question
from tests.bench.results import machine, table, versions, write_section
from tests.bench.store_scale import MEGA, memory
from tests.unit.store_rows import START, info

TITLE = "Ten million answers through an aggregate"
RUN, MODELS = "made-up-grid", 12
LANGUAGES = ("en", "zh")
PAGES = ("alignment", "representation", "world", "country", "ranking", "china_west", "runs")
ASKED = {"alignment": {"from": RUN}, "representation": {"from": RUN}, "runs": {"run": RUN}}
"""What the address of a page says: the made-up run alone, where a page can show one."""
AIM_S = 0.5
PROMPT = "You are a person of this country. Answer as this person would, with the letter of one option.\n" * 4


def personas() -> list[Persona]:
    """Nobody, every country, and every group of every country."""
    countries = list(SURVEYS["wvs7"]().countries())
    dimensions = {dimension: groups for dimension, groups in GROUPS.items() if dimension != "all"}
    groups = [
        persona_of(c, dimension, group) for c in countries for dimension, of in dimensions.items() for group in of
    ]
    return [Persona(), *(Persona(country=c) for c in countries), *groups]


def texts(values: list[str | None], places: np.ndarray) -> pa.Array:
    """The values at ``places``."""
    return pa.array(values, pa.string()).take(pa.array(places))


def hexes(length: int, n: int, rng: np.random.Generator) -> pa.Array:
    """``n`` random texts of ``length`` hex digits."""
    offsets = np.arange(0, (n + 1) * length, length, dtype=np.int32)
    return pa.StringArray.from_buffers(
        n, pa.py_buffer(offsets), pa.py_buffer(rng.bytes(n * length // 2).hex().encode())
    )


def made_up(model: str, question: Question, people: list[Persona], first: int, rng: np.random.Generator) -> pa.Table:
    """Random answers of a model to a question: every persona, language and cyclic order. The first is number ``first``
    of the run.
    """
    codes = question.codes
    orders, per = len(codes), len(people) * len(LANGUAGES)
    n = per * orders
    who = np.repeat(np.arange(per) // len(LANGUAGES), orders)
    tongue = np.repeat(np.arange(per) % len(LANGUAGES), orders)
    turned = np.array([[*codes[k:], *codes[:k]] for k in range(orders)])[np.arange(n) % orders]
    mass = rng.dirichlet(np.ones(orders), n) * 0.9

    def lists(flat: pa.Array) -> pa.Array:
        return pa.ListArray.from_arrays(pa.array(np.arange(0, orders * n + 1, orders), pa.int32()), flat)

    def of(name: str) -> pa.Array:
        return texts([getattr(person, name) for person in people], who)

    columns: dict[str, pa.Array] = {
        "run_id": pa.repeat(RUN, n),
        "cell_id": hexes(32, n, rng),
        "cache_key": hexes(64, n, rng),
        "created": pa.array(int(START.timestamp() * MEGA) + (first + np.arange(n)) * 1000, pa.timestamp("us", "UTC")),
        "kind": pa.repeat("options", n),
        "provider": pa.repeat("local", n),
        "model_id": pa.repeat(model, n),
        "model_revision": pa.repeat("made-up", n),
        "survey": pa.repeat("wvs7", n),
        "question_id": pa.repeat(question.id, n),
        **{name: of(name) for name in ("country", "age", "sex", "education")},
        "language": texts(list(LANGUAGES), tongue),
        "paraphrase": pa.repeat(0, n),
        "prompt_version": pa.repeat("first_token-1", n),
        "tag": pa.repeat("", n),
        "sample": pa.repeat(0, n),
        "codes": lists(pa.array(turned.ravel(), pa.int64())),
        "mass": lists(pa.array(mass.ravel())),
        "valid_mass": pa.array(mass.sum(axis=1)),
        "method": pa.repeat("full", n),
        "text": pa.repeat("A", n),
        "outcome": texts(["option"] * 98 + ["refusal", "error"], rng.integers(0, 100, n)),
        "rendered_prompt": texts([f"{PROMPT}{question.stem.get('en')} {person.key}" for person in people], who),
        "top_tokens": texts([f'[["A",{share / 100}],["B",0.1]]' for share in range(90)], rng.integers(0, 90, n)),
        "latency_s": pa.array(rng.random(n)),
        "tokens_in": pa.array(rng.integers(80, 200, n)),
    }
    none = {field.name: pa.nulls(n, field.type) for field in SCHEMAS["responses"]}
    return pa.table({**none, **columns}).select(SCHEMAS["responses"].names).cast(SCHEMAS["responses"])


def fill(root: Path, models: list[str], questions: list[Question]) -> None:
    """Write the run, a shard for each model and five questions."""
    rng, first, people = np.random.default_rng(7), 0, personas()
    with RunFolder.create(root, info(RUN, kind="representation", status="done", title="Made up")) as folder:
        entries = {}
        for model in models:
            for start in range(0, len(questions), 5):
                parts = []
                for question in questions[start : start + 5]:
                    parts.append(made_up(model, question, people, first, rng))
                    first += parts[-1].num_rows
                name, entry = write_shard(folder.path, "responses", folder.next_number(), pa.concat_tables(parts))
                entries[name] = entry
        folder.commit(entries, models=dict.fromkeys(models, "made-up"))


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def measure(root: Path) -> dict[str, Any]:
    """Open the store, ask for what pages ask, and visit pages twice; in a process of its own."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import script_runner
    from streamlit.testing.v1 import AppTest

    from pages.parts.shared import resources

    before = memory()
    found: dict[str, Any] = {}
    opened: list[Store] = []
    found["open"] = seconds(lambda: opened.append(Store(root, [DATA / "runs"])))
    store = opened[0]
    if not store.is_aggregated(RUN):
        raise SystemExit(f"The run is not open through its aggregate: {store.problems()}")
    found["ready"] = seconds(store.prepare_readings)
    found["memory"] = memory() - before
    found["rows"] = int(store.runs().set_index("run_id").loc[RUN, "rows"])
    found["shipped"] = seconds(lambda: Store(DATA / "runs"))
    plain = ReadingFilter(scope=RUN, languages=("en",), told=("none", "country"))
    found["table"] = [seconds(lambda: store.readings(plain)) for _ in range(2)]
    found["heads"] = [seconds(store.reading_heads) for _ in range(2)]
    resources.open_store = lambda: store
    script_runner._mpa_v1 = lambda main: runpy.run_path(main, run_name="__main__")
    app = str(Path(__file__).resolve().parents[2] / "app.py")
    AppTest.from_file(app, default_timeout=300).run()  # imports
    for page in PAGES:
        st.cache_data.clear()
        test = AppTest.from_file(app, default_timeout=300)
        test.switch_page(f"pages/{page}.py")
        for name, value in ASKED.get(page, {}).items():
            test.query_params[name] = value
        found[page] = [seconds(test.run) for _ in range(3)]
        if test.exception:
            raise SystemExit(f"{page}: {test.exception[0].value}")
    some = AnswerFilter(run_ids=(RUN,), model_ids=(store.info(RUN).models.popitem()[0],), questions=("Q57",))
    found["choices"] = [seconds(lambda: choices(store, RUN)) for _ in range(2)]
    found["answers"] = [seconds(lambda: answers(store, some)) for _ in range(2)]
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def child(root: Path, step: str) -> tuple[dict[str, Any], float]:
    """What a step of this module gives in a process of its own, and the most memory of it in MB."""
    environment = os.environ | {"PARALLAX_RUNS_DIR": str(root), "PARALLAX_WARM_UP": "0", "PARALLAX_KEEP_FRAMES": "0"}
    command = [sys.executable, "-m", "tests.bench.aggregate", "--step", step, "--folder", str(root)]
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{step} ended with {os.waitstatus_to_exitcode(status)}")
        out.seek(0)
        return json.loads(out.read().splitlines()[-1]), used.ru_maxrss / 1024


def make(root: Path) -> dict[str, Any]:
    """Make the aggregate."""
    begun = time.perf_counter()
    made = make_aggregate(root / RUN)
    size = sum(made.file(root / RUN, name).stat().st_size for name in ("readings", "tallies", "replaced"))
    return {"seconds": time.perf_counter() - begun, "readings": made.readings.rows, "mb": size / MEGA}


def bench(root: Path, models: int) -> str:
    """The section of RESULTS.md."""
    bank = load_bank()
    questions = [one for one in bank.questions.values() if one.kind in DEFAULT_KINDS]
    with_runs = set(Store(DATA / "runs").frame("SELECT DISTINCT model_id FROM responses")["model_id"])
    chosen = [name for name in bank.models if name not in with_runs][:models]
    if not (root / RUN).exists():
        fill(root, chosen, questions)
    shards = list((root / RUN).glob("responses-*.parquet"))
    noted = root / "made.json"
    if not (root / RUN / AGGREGATE_FILE).exists() or not noted.exists():
        noted.write_text(json.dumps(child(root, "make")))
    made, most = json.loads(noted.read_text())
    load = os.getloadavg()[0]
    found, _ = child(root, "measure")
    rows = [(page, *(f"{found[page][visit]:.2f}" for visit in range(3)), f"{AIM_S}") for page in PAGES]
    made_with = versions("duckdb", "pandas", "pyarrow", "streamlit")
    after = os.getloadavg()[0]
    return f"""{machine()}; {made_with}. By `python -m tests.bench.aggregate`.

{found["rows"]:,} made-up answers of {len(chosen)} models, the grid of “Ray: memory of the driver” in
{len(shards)} shards of {sum(path.stat().st_size for path in shards) / MEGA:.0f} MB, beside the shipped runs. Making the
aggregate took {made["seconds"]:.0f} s and {most:.0f} MB at most; it has {made["readings"]:,} readings and
{made["mb"]:.0f} MB.

Opening the store took {found["open"]:.1f} s, of which the shipped runs alone take {found["shipped"]:.1f} s; making its
readings ready {found["ready"]:.1f} s. It then held {found["memory"]:.0f} MB; the process had {found["peak"]:.0f} MB at
most, all pages included. A list of what readings there are takes {found["heads"][1]:.2f} s, the readings of Alignment
{found["table"][1]:.2f} s. Single answers come from the shards: what the run can be filtered by in
{found["choices"][1]:.1f} s ({found["choices"][0]:.1f} s at first, when all shards are checked), the answers of one
model to one question in {found["answers"][1]:.1f} s.

Other work on the machine slows all of this: its load was {load:.1f} before the pages and {after:.1f} after.
Server time of pages, each in a session of its own on empty caches. A first visit computes the page's measures from the
readings, which the app does in the background once it stands; here it does not.

{table(("page", "first visit, s", "second, s", "third, s", "aim"), rows)}
"""


def main() -> None:
    """Make the run and its aggregate, measure, and write the figures to RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=MODELS, help="models of the grid")
    parser.add_argument("--folder", type=Path, help="where the run is kept for the next time")
    parser.add_argument("--step", choices=("make", "measure"), help="used for the processes that are measured")
    parser.add_argument("--print", action="store_true", help="only print the figures")
    chosen = parser.parse_args()
    if chosen.step:
        settings.cache_clear()
        sys.stdout.write(json.dumps({"make": make, "measure": measure}[chosen.step](chosen.folder)) + "\n")
        return
    with tempfile.TemporaryDirectory() as temp:
        body = bench(chosen.folder or Path(temp), chosen.models)
    sys.stdout.write(body + "\n")
    if not chosen.print:
        write_section(TITLE, body)


if __name__ == "__main__":
    main()
