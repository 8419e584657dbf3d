"""Keep the Chinese catalogue in step with the texts of the code.

    python scripts/messages.py update    collect the texts marked with N_, keep what is translated
    python scripts/messages.py check     name what is missing, outdated, or not compiled

After an update, fill the empty ``msgstr`` in ``yanshan.po``, look at those marked ``fuzzy`` (their
English text has changed), and run ``python hatch_build.py``.
"""

from __future__ import annotations

import string
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("yanshan_gis", "cli/yanshan_cli")
FOLDER = ROOT / "yanshan_gis" / "locale" / "zh" / "LC_MESSAGES"
DOMAIN, CLICK_DOMAIN = "yanshan", "messages"
# Dates stand still, so that the same texts give the same file.
_HEAD = """\
# {title}
msgid ""
msgstr ""
"Project-Id-Version: yanshan-gis\\n"
"POT-Creation-Date: 2026-01-01 00:00+0000\\n"
"PO-Revision-Date: 2026-01-01 00:00+0000\\n"
"Language: zh\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_TITLES = {
    DOMAIN: "Chinese texts of yanshan-gis; keys are collected by scripts/messages.py.",
    CLICK_DOMAIN: "Chinese for the words of click (Usage, Options, its errors); kept by hand.",
}


def marked_texts() -> dict[str, list[str]]:
    """Collect the texts marked with ``N_`` and the files they stand in.

    Returns
    -------
    dict
        Files, below the repository, by English text.
    """
    found: dict[str, list[str]] = {}
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for _line, text, _comments, _context in extract_from_file(
                "python", path, keywords={"N_": None}
            ):
                files = found.setdefault(str(text), [])
                if place not in files:
                    files.append(place)
    return found


def read_catalogue(domain: str = DOMAIN) -> Catalog:
    """Read a Chinese catalogue.

    Parameters
    ----------
    domain
        ``yanshan`` for our texts, ``messages`` for click's.

    Returns
    -------
    babel.messages.catalog.Catalog
        As it stands in the ``.po`` file.
    """
    with (FOLDER / f"{domain}.po").open("rb") as stream:
        return read_po(stream, locale="zh", domain=domain)


def write_catalogue(catalogue: Catalog, domain: str = DOMAIN) -> None:
    """Write a Chinese catalogue, its head without a clock.

    Parameters
    ----------
    catalogue
        Texts and translations.
    domain
        ``yanshan`` or ``messages``.
    """
    body = BytesIO()
    write_po(body, catalogue, width=98, omit_header=True, include_lineno=False)
    text = _HEAD.format(title=_TITLES[domain]) + body.getvalue().decode().lstrip("\n")
    (FOLDER / f"{domain}.po").write_text(text, encoding="utf-8")


def update() -> list[str]:
    """Bring the catalogue in step with the code; translations are kept.

    A text that was reworded keeps its old translation, marked fuzzy, until somebody looks at it.

    Returns
    -------
    list of str
        Texts that went out of use.
    """
    template = Catalog(locale="zh", domain=DOMAIN)
    for text, files in marked_texts().items():
        template.add(text, locations=[(file, 0) for file in files])
    catalogue = read_catalogue()
    catalogue.update(template)
    gone = [str(text) for text in catalogue.obsolete]
    catalogue.obsolete.clear()
    write_catalogue(catalogue)
    return gone


def gaps(text: str) -> set[tuple[str, str]]:
    """Return the gaps of a text with their formats, such as ``("lon", ".2f")``.

    Parameters
    ----------
    text
        English or Chinese. Whether a gap shows Python's quotes (``!r``) is the language's affair.

    Returns
    -------
    set
        Names and formats.
    """
    parts = string.Formatter().parse(text)
    return {(name, form or "") for _literal, name, form, _conversion in parts if name is not None}


def check() -> list[str]:
    """Name everything that keeps a Chinese reader from reading Chinese.

    Returns
    -------
    list of str
        Problems; empty when all is well.
    """
    marked, catalogue = marked_texts(), read_catalogue()
    entries: dict[str, Message] = {str(m.id): m for m in catalogue if m.id}
    problems = [f"not in the catalogue: {text!r}" for text in marked if text not in entries]
    problems += [f"no longer in the code: {text!r}" for text in entries if text not in marked]
    for text, entry in entries.items():
        if not entry.string:
            problems.append(f"no Chinese: {text!r}")
        elif entry.fuzzy:
            problems.append(f"reworded, look at its Chinese: {text!r}")
        elif gaps(text) != gaps(str(entry.string)):
            problems.append(f"other gaps in the Chinese: {text!r}")
    problems += [problem for domain in (DOMAIN, CLICK_DOMAIN) for problem in _stale(domain)]
    return problems


def _stale(domain: str) -> list[str]:
    """Compare a catalogue with its compiled form."""
    compiled = FOLDER / f"{domain}.mo"
    advice = "run python hatch_build.py"
    if not compiled.exists():
        return [f"{compiled.name} is missing: {advice}"]
    with compiled.open("rb") as stream:
        old = {_forms(m.id): _forms(m.string) for m in read_mo(stream) if m.id}
    entries = [m for m in read_catalogue(domain) if m.id and m.string and not m.fuzzy]
    if old != {_forms(m.id): _forms(m.string) for m in entries}:
        return [f"{compiled.name} differs from {domain}.po: {advice}"]
    return []


def _forms(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else (str(value),)


def main() -> None:
    """Run ``update`` or ``check``."""
    wish = sys.argv[1:]
    if wish == ["update"]:
        for text in update():
            sys.stdout.write(f"out of use: {text!r}\n")
        wish = ["check"]
    if wish != ["check"]:
        sys.exit(__doc__)
    problems = check()
    sys.stdout.write(("\n".join(problems) or "The Chinese catalogue is complete.") + "\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
