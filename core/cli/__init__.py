"""Parallax on the command line, over the same runs as the app.

Exit codes: 0 all went well; 1 something unexpected; 2 the input cannot be used; 3 a file is damaged or cannot be
written; 4 a model could not be asked; 5 the run ended, but some of its cells failed; 130 stopped, to be resumed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from core.cli import doctor, models, own, questions, runs, start, tune
from core.cli.output import code_of, say_error
from core.cli.stop import interruptible
from core.errors import ParallaxError

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
app.add_typer(models.app, name="models")
app.command("import")(own.import_survey)
app.add_typer(own.app, name="own")
app.command("questions")(questions.questions)
app.command("run")(start.run)
app.command("resume")(start.resume)
app.command("demo")(start.demo)
app.command("tune")(tune.tune)
app.add_typer(runs.app, name="runs")
app.command("doctor")(doctor.doctor)


def _called() -> str:
    """The command by which this process was started, for lines that tell the user what to type."""
    return "parallax" if Path(sys.argv[0]).stem == "parallax" else "python -m core"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; ``arguments`` are those of the process unless given."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with interruptible():
            app(given, prog_name=_called(), standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except ParallaxError as error:
        say_error(error, as_json="--json" in given)
        return code_of(error)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has closed it.
        sys.stderr.close()
        return 0
    return 0
