"""The commands that measure understanding: `orienta evaluate` and `orienta bench-public`."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click

from bot.command import run_async, say
from bot.settings import Settings

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--errors", is_flag=True, help="Also print each question that went wrong (JSON).")
@click.option("--html", type=_FILE, help="Write a page for the staff: charts and errors.")
@click.option("--figures", type=_FILE, help="Write every figure as JSON, for comparing runs.")
@click.option(
    "--emergencies", type=_FILE, help="Ask the emergency layer alone, e.g. about tests/emergency/."
)
@click.option(
    "--languages", type=_FILE, help="Name short messages' languages: tests/language/short.jsonl."
)
def evaluate(file: Path | None, as_json: bool, errors: bool, **files: Path | None) -> None:
    """Ask every question of a JSON-lines file and print the figures per language."""
    from bot import evaluating, scripts
    from bot.core import opened
    from bot.reading import understanding
    from bot.turns import utc_now
    from nlu.report.rows import read_dangers, read_short_messages

    if not (file or files["emergencies"] or files["languages"]):
        raise click.UsageError("Give a file of questions, or --emergencies, or --languages.")

    async def work(settings: Settings) -> None:
        cases = scripts.read_cases(file) if file else ()
        phrases = read_dangers(files["emergencies"]) if files["emergencies"] else ()
        messages = read_short_messages(files["languages"]) if files["languages"] else ()
        measured = None
        async with AsyncExitStack() as stack:
            core = await stack.enter_async_context(opened(settings, say))
            if cases:
                reader = await stack.enter_async_context(understanding(core, say))
                catalogue = core.knowledge.catalogue
                measured = await evaluating.questions_measured(
                    cases, reader(), catalogue, core.policy, utc_now()
                )
            title = ", ".join(str(one) for one in (file, *_parts(files)) if one)
            parts = (core.knowledge, phrases, messages)
            report = evaluating.report_of(title, utc_now(), measured, parts)
            names = evaluating.names_of(core.knowledge.catalogue)
        if files["html"]:
            evaluating.write_page(files["html"], report, names)
        if files["figures"]:
            evaluating.write_figures(files["figures"], report)
        _tell_figures(report, as_json=as_json, errors=errors)

    run_async(work)


def _parts(files: dict[str, Path | None]) -> tuple[Path | None, Path | None]:
    return files["emergencies"], files["languages"]


def _tell_figures(report: Any, *, as_json: bool, errors: bool) -> None:
    """Print what was measured, as tables or as one JSON object."""
    from nlu.evaluate import table
    from nlu.report.parts import dangers_told, short_told
    from nlu.report.whole import as_json as as_json_
    from nlu.report.whole import jsonable

    if as_json:
        figures = jsonable(report.questions.scores) if report.questions else {}
        parts = {"emergencies": report.dangers, "languages": report.short}
        figures |= {name: jsonable(part) for name, part in parts.items() if part}
        click.echo(json.dumps(figures, indent=2))
    else:
        if report.questions:
            click.echo(table(report.questions.scores), nl=False)
        if report.dangers:
            click.echo(dangers_told(report.dangers), nl=False)
        if report.short:
            click.echo(short_told(report.short), nl=False)
    if errors and report.questions:
        for error in as_json_(report)["questions"]["errors"]:
            click.echo(json.dumps(error, ensure_ascii=False).encode())


@click.command("bench-public")
@click.option("--clinc", type=_FILE, help="CLINC150's data_full.json.")
@click.option("--hint3", type=_FILE, help="A folder of HINT3 with train/ and test/: dataset/v1.")
def bench_public(clinc: Path | None, hint3: Path | None) -> None:
    """Train and test our classifier on public intent sets, in their papers' terms."""
    from bot.reading import nlu_environment
    from nlu.public.bench import bench
    from nlu.public.sets import read_clinc, read_hint3

    if not (clinc or hint3):
        raise click.UsageError("Give --clinc FILE or --hint3 FOLDER; docs/nlu.md says where from.")

    async def work(settings: Settings) -> None:
        sets = [*(read_hint3(hint3) if hint3 else ()), *((read_clinc(clinc),) if clinc else ())]
        for one in sets:
            click.echo(await bench(one, nlu_environment(settings), say))

    run_async(work)
