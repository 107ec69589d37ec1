"""The command line: `orienta …`. Each command says what it needs when something is missing."""

import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click

from bot.channel_commands import channel
from bot.command import each_line, run_async, say
from bot.desk.commands import desk
from bot.measuring import bench_public, evaluate
from bot.outbox_commands import outbox
from bot.settings import Settings
from bot.staff_commands import staff


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="orienta")
def main() -> None:
    """Orienta: answers on rights and duties in Peru, approved by staff, in six languages."""


@main.command()
def run() -> None:
    """Start the assistant: NLU service, web chat, and each configured platform."""
    from bot.running import run_bot

    run_async(run_bot)


@main.command()
def worker() -> None:
    """Send the outbox from a process of its own (with ORIENTA_RUN_OUTBOX=false for `run`)."""
    from bot.running import run_worker

    run_async(run_worker)


@main.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5005, show_default=True)
@click.pass_context
def nlu(context: click.Context, host: str, port: int) -> None:
    """Train and serve the NLU model alone, for bots that have ORIENTA_NLU_URL."""
    if context.invoked_subcommand is None:
        from bot.running import run_nlu

        run_async(lambda settings: run_nlu(settings, host, port))


@nlu.command("models")
def nlu_models() -> None:
    """List the trained models, how well they did, and which one serves."""

    async def work(settings: Settings) -> None:
        from bot.running import told_models

        for line in told_models(settings):
            click.echo(line)

    run_async(work)


@nlu.command("rollback")
def nlu_rollback() -> None:
    """Let the model before serve again; a running assistant takes it up by itself."""
    from bot.running import roll_back

    run_async(roll_back)


@nlu.command("promote")
@click.argument("name")
def nlu_promote(name: str) -> None:
    """Let a trained model serve although it was refused or taken back."""
    from bot.running import promote

    run_async(lambda settings: promote(settings, name))


@main.command()
@click.option("--language", default="es", help="The language to begin in: es, en, pt, fr, ht, qu.")
def chat(language: str) -> None:
    """Chat in the terminal. Nothing is stored."""
    from bot.running import chat as chat_

    run_async(lambda settings: chat_(settings, language))


@main.command()
def train() -> None:
    """Train the NLU model if the examples changed, and let it serve unless it is worse."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from bot.reading import train_model

        async with opened(settings, say) as core:
            click.echo(str(await train_model(core, say)))

    run_async(work)


@main.command()
@click.option("--json", "_json", is_flag=True, help="Accepted for clarity: output is JSON lines.")
def understand(_json: bool) -> None:
    """Read texts, one a line (or JSON lines with `text` and `lang`), and say what they mean."""
    from bot import scripts

    async def work(settings: Settings) -> None:
        async def one(line: str) -> dict[str, Any]:
            return await scripts.understand(line, reader())

        async with AsyncExitStack() as stack:
            _, reader = await _reading(stack, settings)
            await each_line(one)

    run_async(work)


@main.command()
@click.option(
    "--channel", "name", type=click.Choice(["telegram", "whatsapp", "web", "console"]),
    default="console", show_default=True,
)  # fmt: skip
def converse(name: str) -> None:
    """Hold conversations given as JSON lines with the real engine; nothing is sent."""
    from bot import scripts
    from bot.running import silent_channel
    from bot.turns import utc_now

    async def work(settings: Settings) -> None:
        async with AsyncExitStack() as stack:
            core, reader = await _reading(stack, settings)
            channel = silent_channel(name, settings)
            stack.push_async_callback(channel.aclose)
            stage = await stack.enter_async_context(
                scripts.stage(
                    channel, reader, lambda: core.knowledge.catalogue, core.policy, utc_now
                )
            )
            await each_line(stage.play)

    run_async(work)


main.add_command(evaluate)
main.add_command(bench_public)


@main.command("bench-nlu")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--skip-stock", is_flag=True, help="Measure only our own service.")
@click.option(
    "--limit", default=18, show_default=True,
    help="Examples of each intent that stock Rasa is trained on; 0 for all, which takes hours.",
)  # fmt: skip
@click.option("--rounds", default=1, show_default=True, help="How often each question is asked.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Also write the figures.")
def bench_nlu(file: Path, skip_stock: bool, limit: int, rounds: int, target: Path | None) -> None:
    """Measure speed and memory with a file's questions, beside Rasa's default pipeline."""
    from bot import scripts

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from bot.knowledge import training_examples
        from bot.reading import nlu_environment
        from nlu import bench

        texts = bench.drawn_texts([case.text for case in scripts.read_cases(file)])
        async with opened(settings, say) as core:
            plan = bench.Plan(
                training_examples(core.knowledge.catalogue),
                texts,
                (settings.data_dir / "bench").absolute(),
                nlu_environment(settings),
                rounds,
                limit,
                settings.nlu_workers,
                not skip_stock,
            )
        found.append(await bench.run(plan, say))
        click.echo(bench.table(found[0]), nl=False)

    found: list[Any] = []
    run_async(work)
    if target:
        target.write_text(json.dumps(found[0].as_json(), indent=1) + "\n", encoding="utf-8")


@main.command()
def check() -> None:
    """Say what is wrong with this installation and what to do about it."""
    from bot.running import check_installation

    async def work(settings: Settings) -> None:
        if not await check_installation(settings, click.echo):
            sys.exit(1)

    run_async(work)


# --- content -----------------------------------------------------------------------------------


@main.group()
def content() -> None:
    """Check the content files, report on them, import them, export them."""


@content.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def content_check(folder: Path | None) -> None:
    """Check a content folder; name file, line and remedy for every fault."""
    from content import FOLDER
    from content.checks import check as check_
    from content.faults import errors, format_faults
    from content.files import read_tree

    faults = check_(read_tree(folder or FOLDER))
    if faults:
        click.echo(format_faults(faults))
    wrong = len(errors(faults))
    click.echo(f"{wrong} errors, {len(faults) - wrong} warnings.", err=True)
    if wrong:
        sys.exit(1)


@content.command("report")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def content_report(folder: Path | None) -> None:
    """Print coverage, age of the facts, the most doubtful ones, and readability."""
    from datetime import UTC, datetime

    from content import FOLDER
    from content.faults import errors
    from content.files import read_tree
    from content.report import report

    tree = read_tree(folder or FOLDER)
    click.echo(report(tree.catalogue, datetime.now(UTC).date()), nl=False)
    if errors(tree.faults):
        say("Some files could not be read: see `orienta content check`.")
        sys.exit(1)


@content.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
def content_export(folder: Path) -> None:
    """Write everything published into a new folder."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from content.exchange import transfer

        async with opened(settings, say) as core, core.reads() as session:
            await transfer.export_folder(session, folder)
        say(f"The published content was written to {folder}.")

    run_async(work)


@content.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--as", "author", required=True, help="The e-mail address of the member of staff.")
def content_import(folder: Path, author: str) -> None:
    """Publish a content folder, all or nothing, in the name of a member of staff."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from content import staff as staff_
        from content.exchange import transfer

        async with opened(settings, say) as core:
            async with core.reads() as session:
                member = await staff_.active(session, author)
            if member.role not in (staff_.Role.PUBLISHER, staff_.Role.ADMINISTRATOR):
                raise staff_.StaffError(
                    f"{member.email} is {member.role}, and only a publisher or an administrator "
                    "may import: let one of them do it (see `orienta staff list`)."
                )
            # A transaction of its own: reading and checking the folder must not hold a lock.
            async with core.sessions.begin() as session:
                await transfer.import_folder(session, folder, author=member.email)
        say(
            f"The content of {folder} is published. "
            "Run `orienta train`: the assistant takes up the new model while it runs."
        )

    run_async(work)


main.add_command(desk)
main.add_command(channel)
main.add_command(outbox)
main.add_command(staff)

# --- what several commands do ------------------------------------------------------------------


async def _reading(stack: AsyncExitStack, settings: Settings) -> tuple[Any, Any]:
    """Open the core and a reader for as long as the stack lives."""
    from bot.core import opened
    from bot.reading import understanding

    core = await stack.enter_async_context(opened(settings, say))
    return core, await stack.enter_async_context(understanding(core, say))


if __name__ == "__main__":
    main()
