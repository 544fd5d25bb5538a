"""``run``, ``resume`` and ``demo``: asking models from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.output import AsJson, say, show_json
from core.cli.shared import about, carry_out, carry_out_on, clock, ended
from core.errors import InputError

if TYPE_CHECKING:
    from core.audits.base import Bank
    from core.cli.specs import Order
    from core.runs import Estimate
    from core.scale.address import Engine
    from core.store import RunInfo, Store

Several = list[str]
CapTokens = Annotated[int | None, typer.Option(min=1, help="Stop when hosted models have used so many tokens.")]
On = Annotated[str | None, typer.Option(help="Where: ray, or ray=ADDRESS of a cluster; this process unless given.")]
CapDollars = Annotated[float | None, typer.Option(min=0.01, help="Stop at about so many US dollars, by list prices.")]


def _ending(bank: Bank, names: Sequence[str]) -> list[str]:
    """Warnings about models of a run that will soon be withdrawn, or whose name another model may answer to."""
    from core.catalogue import ending

    lines, today = [], datetime.now(UTC).date()
    for model in ending(bank.models[name] for name in names if name in bank.models):
        instead = f" Its maker names {model.successor} instead." if model.successor else ""
        when = f"is answered until {model.retires}" if model.retires else "may be answered by another model"
        when = f"was withdrawn on {model.retires}" if model.retired(today) else when
        moved = " From then on another model answers to the name." if model.redirects and model.retires else ""
        lines.append(f"{model.id} {when}.{moved}{instead}")
    return lines


def run(
    spec_file: Annotated[Path | None, typer.Argument(help="A TOML or JSON file; data/specs has examples.")] = None,
    audit: Annotated[str | None, typer.Option(help="Which audit; alignment unless the file says.")] = None,
    model: Annotated[Several, typer.Option(help="Model id; may be repeated.")] = [],  # noqa: B006 - typer copies it
    question: Annotated[Several, typer.Option(help="Question id; may be repeated.")] = [],  # noqa: B006
    topic: Annotated[Several, typer.Option(help="Values and attitudes of a topic; --set kinds for more.")] = [],  # noqa: B006
    persona: Annotated[Several, typer.Option(help="country|age|sex|education; may be repeated.")] = [],  # noqa: B006
    personas_file: Annotated[
        Path | None, typer.Option(help="A CSV of persons: columns country, age, sex, education.")
    ] = None,
    language: Annotated[Several, typer.Option(help="en or zh; may be repeated.")] = [],  # noqa: B006
    set_: Annotated[Several, typer.Option("--set", help="Any field of the spec: name=value.")] = [],  # noqa: B006
    run_id: Annotated[str | None, typer.Option("--id", help="Name of the run; made up unless given.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the run.")] = None,
    note: Annotated[str | None, typer.Option(help="A note that is kept with the run.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask everything again, as a wave of its own.")] = False,
    wave: Annotated[
        bool,
        typer.Option("--wave", help="As --fresh, under a new id, with the date in the title, as from cron."),
    ] = False,
    cap_tokens: CapTokens = None,
    cap_dollars: CapDollars = None,
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what the run would take.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a run, from a spec file, from flags, or from both (flags win)."""
    from core.cli import specs
    from core.runs import create_run, estimate, parse_spec
    from core.runs.bank import load_bank
    from core.store import Cap, open_store
    from core.surveys.persona_table import read_personas
    from core.types import DEFAULT_KINDS

    engine = _engine(on)
    order = specs.read_order(spec_file) if spec_file else specs.Order()
    bank = load_bank()
    kinds = specs.with_flags(order.spec, {}, set_).get("kinds", DEFAULT_KINDS)
    listed = read_personas(personas_file) if personas_file else ()
    flags: dict[str, Sequence[Any]] = {
        "models": model,
        "questions": [*question, *_of_topics(bank, topic, kinds)],
        "personas": [*(specs.persona(text) for text in persona), *listed],
        "languages": language,
    }
    name = audit or order.audit
    spec = parse_spec(name, specs.with_flags(order.spec, flags, set_))
    store = open_store()
    told = estimate(store, name, spec, bank)
    for line in _ending(bank, getattr(spec, "models", ())):
        say(line)
    if dry_run:
        _show_estimate(told, as_json)
        return
    title = order.title if title is None else title
    if wave:
        title = _wave_title(title or name)
    made = create_run(
        store,
        name,
        spec,
        bank,
        title,
        order.note if note is None else note,
        run_id=run_id or (None if wave else order.id),
        fresh=fresh or wave or order.fresh,
        cap=Cap(tokens=cap_tokens, dollars=cap_dollars),
    )
    say(f"Run {made}: {_in_words(told)}.")
    store.close()  # the run opens its own, and all runs twice in memory are too many
    _finish(made, bank, as_json, engine)


def _wave_title(title: str) -> str:
    """``title`` with the date, so that waves of one spec can be told apart in lists."""
    return f"{title} (asked again on {datetime.now(UTC):%Y-%m-%d})"


def resume(
    run_id: Annotated[str, typer.Argument(help="The run to go on with.")],
    cap_tokens: CapTokens = None,
    cap_dollars: CapDollars = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Ask what a stopped, killed or partly failed run lacks; a cap that is given replaces the run's own."""
    from core.runs.bank import load_bank
    from core.store import Cap, open_store

    engine = _engine(on)
    if cap_tokens is not None or cap_dollars is not None:
        open_store().update(run_id, cap=Cap(tokens=cap_tokens, dollars=cap_dollars))
    _finish(run_id, load_bank(), as_json, engine)


def demo(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of spec files in data/specs; all unless given.")
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Where to put the finished runs; data/runs unless given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the runs that ship with Parallax from data/specs: ask, merge, verify, and move them to their place.

    They are made among your own runs and can be stopped and resumed. A run that is in its place already is not made
    again. Specs whose models are not here are left out and counted, unless they are named.
    """
    from core.cli import specs
    from core.runs.bank import load_bank
    from core.settings import DATA

    place = into or DATA / "runs"
    bank = load_bank()
    paths = [path for path in sorted((DATA / "specs").glob("*.toml")) if not path.stem.startswith("tune-")]
    unknown = set(names or []) - {path.stem for path in paths}
    if unknown:
        raise InputError(
            f"There is no spec called {', '.join(sorted(unknown))}.", f"Known: {', '.join(p.stem for p in paths)}."
        )
    orders = [specs.read_order(path) for path in paths if not names or path.stem in names]
    lacking = [[] if names else _not_here(order, bank) for order in orders]
    ready = [order for order, models in zip(orders, lacking, strict=True) if not models]
    made = [name for name in (_demo_run(order, place, bank) for order in ready) if name]
    left_out = {str(order.id): models for order, models in zip(orders, lacking, strict=True) if models}
    if left_out:
        say(
            f"Left out: {len(left_out)}, because their models are not here."
            " Models that were tuned are made with python -m core tune."
        )
        for name, models in left_out.items():
            say(f"  {name}: {', '.join(models)}")
    if as_json:
        show_json({"made": made, "left_out": list(left_out)})


def _not_here(order: Order, bank: Bank) -> list[str]:
    """The models of ``order`` that this computer does not know, or of which it has only the card."""
    from core.providers.local.tuned import is_tuned, weights_path

    named = order.spec.get("models")
    return [
        name
        for name in (named if isinstance(named, list) else [])
        if name not in bank.models or (is_tuned(bank.models[name]) and not weights_path(bank.models[name]).is_file())
    ]


def _demo_run(order: Order, place: Path, bank: Bank) -> str | None:
    from core.runs import create_run, parse_spec
    from core.settings import settings
    from core.store import Store
    from core.store.files.compact import compact
    from core.store.files.imports import import_run

    if order.id is None:
        raise InputError("A demo run needs an id in its spec file.")
    if (place / order.id).exists():
        say(f"{order.id} is there already.")
        return None
    store = Store(settings().runs_dir)
    if order.id not in set(store.runs().run_id):
        spec = parse_spec(order.audit, order.spec)
        create_run(store, order.audit, spec, bank, order.title, order.note, run_id=order.id, fresh=order.fresh)
    say(f"{order.id}:")
    ended(store, carry_out(store, order.id, bank))
    path = store.path(order.id)
    if path is not None:
        compact(path)
        import_run(path, place)
        # Of two runs with the same id only one would be seen.
        store.delete(order.id)
    return order.id


def _finish(run_id: str, bank: Bank, as_json: bool, engine: Engine | None) -> None:
    from core.store import open_store

    store = open_store()
    if engine is None:
        info = carry_out(store, run_id, bank)
    else:
        info = carry_out_on(engine, store, run_id, bank)
        store = open_store()
    if as_json:
        show_json(about(info) | {"throughput": _throughput(store, info, bank)})
    else:
        counts = info.counts
        if info.stopped:
            say(info.stopped)
        say(f"{info.status}: {counts['answers']} of {counts['planned']} cells, {counts['copied']} of them copied.")
        if counts.get("lone"):
            say(
                f"In {counts['lone']} readings the endpoint told one word alone, as if it were certain: it may be the"
                " word that was drawn. To measure what it tells: python -m core models check"
            )
        if counts.get("under_half"):
            say(
                f"In {counts['under_half']} readings less than half of the probability lies on the options. They are"
                " shown faded, and those of endpoints are asked again by the next run."
            )
        typer.echo(run_id)
    ended(store, info)


def _throughput(store: Store, info: RunInfo, bank: Bank) -> dict[str, Any] | None:
    from core.runs import stages_of
    from core.runs.throughput import throughput

    path = store.path(info.run_id)
    made = (name for stage in stages_of(info, bank) for name in stage.made_ids)
    return throughput(path, info, made).model_dump() if path else None


def _engine(on: str | None) -> Engine | None:
    """The engine that ``--on`` names. Raises :class:`InputError` before anything is made where it cannot be used."""
    if on is None:
        return None
    from core.scale import parse_engine
    from core.scale.cluster import require_ray

    engine = parse_engine(on)
    require_ray()
    return engine


def _of_topics(bank: Bank, topics: Several, kinds: Sequence[str]) -> list[str]:
    known = {question.topic for question in bank.questions.values()}
    for topic in topics:
        if topic not in known:
            raise InputError(f"There is no topic “{topic}”.", f"Known: {', '.join(sorted(known))}.")
    return [name for name, question in bank.questions.items() if question.topic in topics and question.kind in kinds]


def _in_words(told: Estimate) -> str:
    parts = [f"{told.cells} cells", f"{told.cached} known already", f"{told.prompts} prompts to send"]
    if told.seconds is not None:
        parts.append(f"about {clock(told.seconds)}")
    if told.cost_usd is not None:
        parts.append(f"about {told.cost_usd:.2f} USD")
    return ", ".join(parts)


def _show_estimate(told: Estimate, as_json: bool) -> None:
    if as_json:
        show_json(told.model_dump())
    else:
        typer.echo(_in_words(told))
