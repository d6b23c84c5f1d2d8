"""What the documents say is so: links lead somewhere, commands and options exist, code runs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from click import Command, Context, Group

from pulsemill.cli.main import main

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`(pulsemill [^`\n]+)`")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
SKIPPED = {".venv", ".git", "dist"}
DOCUMENTS = sorted(
    path
    for path in (found.relative_to(ROOT) for found in ROOT.rglob("*.md"))
    if not SKIPPED & set(path.parts) and not path.parts[0].startswith(".")
)
RUNNABLE = [Path("README.md"), Path("docs/functions.md")]


def text_of(document: Path) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: Path, *languages: str) -> Iterator[str]:
    return (code for language, code in FENCE.findall(text_of(document)) if language in languages)


def commands(document: Path) -> Iterator[list[str]]:
    """Every `pulsemill ...` of the blocks of commands and of the running text, as words."""
    lines = "\n".join(blocks(document, "", "sh", "bash")).replace("\\\n", " ").splitlines()
    lines += INLINE.findall(FENCE.sub("", text_of(document)))
    for line in lines:
        command = line.strip().removeprefix("uv run ").partition(" < ")[0]
        if command.startswith("pulsemill "):
            yield shlex.split(command, comments=True)[1:]


def anchors(document: Path) -> set[str]:
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(text_of(document)))
    return {title.strip().replace(" ", "-") for title in titles}


def test_there_are_documents() -> None:
    assert Path("README.md") in DOCUMENTS
    assert len(list(commands(Path("README.md")))) > 5


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(FENCE.sub("", text_of(document))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (ROOT / document.parent / path).resolve() if path else ROOT / document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.relative_to(ROOT)), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_commands_and_their_options_exist(document: Path) -> None:
    for words in commands(document):
        command: Command = main
        arguments = list(words)
        while isinstance(command, Group) and arguments and not arguments[0].startswith(("-", ".")):
            name = arguments.pop(0)
            found = command.get_command(Context(command), name)
            assert found is not None, words
            command = found
        known = {"--help", "-h", "--version"}
        known |= {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
        assert {word.partition("=")[0] for word in arguments if re.match(r"--?[a-z]", word)} <= known, words


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_python_compiles(document: Path) -> None:
    for code in blocks(document, "python", "py"):
        compile(code, str(document), "exec")


@pytest.mark.parametrize("document", RUNNABLE, ids=str)
def test_python_of_the_introductions_runs(document: Path) -> None:
    ran = [exec_block(code) for code in blocks(document, "python")]

    assert ran
    assert all("process" in names or any(hasattr(value, "process") for value in names.values()) for names in ran)


def exec_block(code: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(code, "block", "exec"), names)  # noqa: S102 - our own documents
    return names


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = text_of(Path("docs/index.md"))

    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").glob("*.md") if path.name != "index.md"]
    assert [str(page) for page in pages if f"({page})" not in contents] == []


def test_every_command_is_in_the_page_about_commands() -> None:
    page = text_of(Path("docs/cli.md"))

    assert [name for name in main.list_commands(Context(main)) if f"`pulsemill {name}`" not in page] == []


def test_changelog_fragments_follow_the_scheme() -> None:
    fragments = [path.name for path in (ROOT / "docs/changelog").iterdir() if path.name != "README.md"]

    assert fragments
    assert all(re.fullmatch(r"\d+\.(added|changed|fixed|removed)\.md", name) for name in fragments)
