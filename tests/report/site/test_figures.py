"""Every figure of a page is that of the release, in both languages: read back from the page, compared with Parquet.

League tables are read in ``test_site``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from dti_platform import publications
from dti_platform.language import Language
from dti_platform.methodology.weights import weights
from dti_platform.periods import name_of
from dti_platform.publications import revisions
from dti_platform.report.site import Content
from dti_platform.report.site.kinds import start
from dti_platform.report.site.make import rendered
from dti_platform.report.site.page import Page
from dti_platform.storage import Store
from tests.conftest import Flow

LANGUAGES: list[tuple[Language, str, str]] = [("vi", ",", "."), ("en", ".", ",")]
Cells = Mapping[str, str]


class Tables(HTMLParser):
    """The tables of a page by caption: each row as cells by the words of its column."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[tuple[str, list[Cells]]] = []
        self.heads: list[str] = []
        self.cells: list[str] = []
        self.text: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "table":
            self.heads, self.caption, self.rows = [], "", list[Cells]()
        if tag == "tr":
            self.cells = []
        if tag in ("td", "th", "caption"):
            self.text = ""

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.text is not None:
            self.cells.append(self.text.strip())
            self.text = None
        elif tag == "caption":
            self.caption, self.text = self.text or "", None
        elif tag == "tr" and not self.heads:
            self.heads = self.cells
        elif tag == "tr" and len(self.cells) > 1:
            self.rows.append(dict(zip(self.heads, self.cells, strict=True)))
        elif tag == "table":
            self.tables.append((self.caption, self.rows))


def tables(path: Path) -> list[tuple[str, list[Cells]]]:
    return Tables(path.read_text(encoding="utf-8")).tables


def printed(score: float | None, mark: str) -> str:
    return (
        "" if score is None else str(Decimal(str(score)).quantize(Decimal("0.0001"), ROUND_HALF_UP)).replace(".", mark)
    )


def number(text: str, mark: str, thousands: str) -> Decimal | None:
    """The first number of a text as its language writes it."""
    found = re.search(r"[+\N{MINUS SIGN}]?\d[\d.,]*", text)
    plain = found[0].replace(thousands, "").replace(mark, ".").replace("\N{MINUS SIGN}", "-") if found else ""
    return Decimal(plain) if plain else None


def held(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@pytest.mark.parametrize(("language", "mark", "thousands"), LANGUAGES)
def test_a_profile_says_what_the_release_holds(
    content: Content, folder: Path, language: Language, mark: str, thousands: str
) -> None:
    words = {
        "vi": ("Hạng", "Điểm", "Số liệu", "Trung vị", "Cao nhất"),
        "en": ("Rank", "Score", "Figure", "Median", "Best"),
    }
    rank, score, figure, median, best = words[language]
    seen = 0
    league = content.table("league_table").sort("period", "geography", descending=True)
    scores = content.table("index_scores")
    node = ["period", "framework", "geography", "peer_group", "node"]
    ours = scores.filter(~pl.col("headline"), basis="recomputed").select(*node, "unit", ours="score")
    leading = scores.filter("headline").join(ours, on=[*node, "unit"], how="left", nulls_equal=True)
    leading = leading.with_columns(score=pl.coalesce("score", "ours"))
    nodes = leading.filter(pl.col("score").is_not_null() | pl.col("rank").is_not_null())
    known = nodes.filter(pl.col("score").is_not_null(), pl.col("unit") != pl.col("geography"))
    spread = known.group_by(node).agg(
        pl.col("score").median().alias("median"), pl.col("score").max().alias("best"), pl.len().alias("known")
    )
    nodes = nodes.join(spread, on=node, how="left", nulls_equal=True)
    quoted = {(row["period"], row["unit"]) for row in scores.filter(basis="derived", kind="index").to_dicts()}
    of_league = {"index": "score"} | {name: f"score_{name}" for name in ("digital_government", "digital_economy")}
    scorecard = content.table("provincial_scorecard")
    for (unit,), rankings in league.group_by("unit", maintain_order=True):
        below = "tinh" if str(unit).startswith("VN") else "bo"
        shown = tables(folder / ("" if language == "vi" else "en") / below / f"{unit}.html")
        (_, ranks), *others = shown
        none = {"vi": "chưa tìm thấy", "en": "not found"}[language]
        between = {"vi": "/", "en": " of "}[language]
        assert [row[rank].partition("; ")[0] for row in ranks] == [
            none
            if row["rank"] is None
            else f"{row['rank']}{between}{row['peers']}"
            if row["peers"]
            else str(row["rank"])
            for row in rankings.to_dicts()
        ]
        for row, of in zip(ranks, rankings.to_dicts(), strict=True):
            is_quoted = of["rank"] is None and (of["period"], unit) in quoted
            assert is_quoted == ({"vi": "theo bên trích dẫn", "en": "as quoted"}[language] in row[rank])
        assert [row.get(score, "").removesuffix("°") for row in ranks] == [
            printed(each, mark) for each in rankings["score"]
        ]
        of_unit = nodes.filter(unit=unit)
        told = {
            (caption, row[next(iter(row))].split()[0]): row
            for caption, rows in others
            if caption in {name_of(period).text(language) for period in of_unit["period"]}
            for row in rows
        }
        assert len(told) == of_unit.height
        for row in of_unit.to_dicts():
            cells = told[name_of(row["period"]).text(language), row["node"]]
            if column := of_league.get(row["kind"] if row["kind"] == "index" else row["concept"] or ""):
                (shown_in_league,) = rankings.filter(period=row["period"])[column]
                assert row["kind"] not in ("index", "pillar") or row["score"] == shown_in_league
            assert cells.get(score, "").removesuffix("°") == printed(row["score"], mark)
            assert cells.get(rank, "") == ("" if row["rank"] is None else str(row["rank"]))
            many = (row["known"] or 0) >= 5
            assert cells.get(median, "").removesuffix("°") == (printed(row["median"], mark) if many else "")
            assert cells.get(best, "").removesuffix("°") == (printed(row["best"], mark) if many else "")
            seen += 1
        of_figures = scorecard.filter(unit=unit).sort("period", "indicator", descending=True)
        if of_figures.height:
            assert [number(row[figure], mark, thousands) for row in others[-1][1]] == [*map(held, of_figures["value"])]
    assert seen > 300


@pytest.mark.parametrize(("language", "mark", "thousands"), LANGUAGES)
def test_a_session_says_what_the_release_holds(
    content: Content, folder: Path, language: Language, mark: str, thousands: str
) -> None:
    words = {"vi": ("Số liệu", "Kế hoạch", "So với kế hoạch"), "en": ("Figure", "Plan", "Against plan")}[language]
    told = 0
    for (period,), figures in content.table("sessions").sort("position").group_by("reported_period"):
        ((_, rows),) = tables(folder / ("" if language == "vi" else "en") / "phien-hop" / f"{period}.html")
        for row, of in zip(rows, figures.to_dicts(), strict=True):
            for name, column in zip(words, ("value", "plan", "gap"), strict=True):
                assert number(row.get(name, ""), mark, thousands) == held(of[column]), (of["title_vi"], column)
            told += 1
    assert told == content.table("sessions").height == 21


@pytest.mark.parametrize(("language", "mark", "thousands"), LANGUAGES)
def test_the_first_page_says_the_plans_of_the_release(
    content: Content, folder: Path, language: Language, mark: str, thousands: str
) -> None:
    words = {"vi": ("Số liệu", "Kế hoạch", "So với kế hoạch"), "en": ("Figure", "Plan", "Against plan")}[language]
    rows = tables(folder / ("" if language == "vi" else "en") / "index.html")[1][1]
    planned = content.table("national_scorecard").filter(pl.col("plan").is_not_null())
    shown = {row[words[1]]: [number(row[name], mark, thousands) for name in words] for row in rows}
    told = [[held(row[name]) for name in ("value", "plan", "gap")] for row in planned.to_dicts()]
    assert len(rows) == len(shown) == len(told) > 0
    assert [each for each in told if each not in shown.values()] == []


@pytest.mark.parametrize(("language", "mark", "thousands"), LANGUAGES)
def test_the_page_of_data_says_what_lies_in_the_folder(
    flow: Flow, folder: Path, language: Language, mark: str, thousands: str
) -> None:
    release = flow.store.root / "published" / "latest"
    rows = tables(folder / ("" if language == "vi" else "en") / "du-lieu.html")[0][1]
    told = {}
    for row in rows:
        name, _, *_ = row.values()
        *_, count, size, sha256 = row.values()
        told[name] = (number(count, mark, thousands), number(size, mark, thousands), sha256)
    assert told == {
        path.relative_to(release).as_posix(): (
            pl.scan_parquet(path).select(pl.len()).collect().item(),
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in release.rglob("*.parquet")
    }


@pytest.mark.parametrize(("language", "mark", "thousands"), LANGUAGES)
def test_every_national_figure_stands_on_one_page(
    content: Content, folder: Path, language: Language, mark: str, thousands: str
) -> None:
    scorecard = content.table("national_scorecard").filter(pl.any_horizontal(pl.col("value", "plan").is_not_null()))
    path = folder / ("" if language == "vi" else "en") / "quoc-gia.html"
    rows = tables(path)[0][1]
    shown = [tuple(number(text, mark, thousands) for text in [*row.values()][1:4]) for row in rows]
    told = [tuple(map(held, of)) for of in scorecard.select("value", "plan", "gap").rows()]
    assert Counter(shown) == Counter(told)
    page = path.read_text(encoding="utf-8")
    cells = content.table("observations").filter(unit="VN", measure="value")
    assert all(f"{name} ({file[:12]}): " in page for name, file in cells.select("file_name", "file").rows())
    assert all(escape(name) in page for name in scorecard[f"indicator_name_{language}"])
    assert f'{path.name}"' in (path.parent / "index.html").read_text(encoding="utf-8")


def test_the_catalogue_lists_what_lies_in_the_site_and_what_the_release_holds(content: Content, folder: Path) -> None:
    listed = json.loads((folder / "catalog.jsonld").read_bytes())["dcat:distribution"]
    by_name = {each["@id"].rpartition(":")[2]: each for each in listed}
    files = {each["path"] for each in content.release.descriptor["resources"]}
    exchanged = {path.relative_to(folder).as_posix() for path in (folder / "sdmx").iterdir()}
    assert by_name.keys() == files | exchanged
    for name, each in by_name.items():
        assert (folder / each["dcat:accessURL"]["@id"]).is_file()
        assert ("dcat:downloadURL" in each) != name.startswith("illustrative/")
        if "dcat:downloadURL" in each:
            file = (folder / each["dcat:downloadURL"]["@id"]).read_bytes()
            assert each["dcat:byteSize"]["@value"] == str(len(file))
            assert each["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(file).hexdigest()
            if name in files:
                assert "illustrative" not in pl.read_parquet(file).to_dict().get("evidence", ())
    about = re.search(r'ld\+json">(.*?)</script>', (folder / "du-lieu.html").read_text(encoding="utf-8"))
    assert about
    downloads = {each["name"]: each.get("contentUrl") for each in json.loads(about[1])["distribution"]}
    assert {name for name, address in downloads.items() if address} == {
        path.name for path in (folder / "du-lieu").iterdir()
    }


@pytest.mark.parametrize(("language", "mark", "_"), LANGUAGES)
def test_the_pages_of_method_say_the_effective_weights(
    content: Content, folder: Path, language: Language, mark: str, _: str
) -> None:
    compared = 0
    for framework in content.frameworks.all:
        page = folder / ("" if language == "vi" else "en") / "phuong-phap" / f"{framework.name}.html"
        if not page.is_file():
            continue
        (_, rows), *_others = tables(page)
        for top in [head for head in rows[0] if head in framework.nodes]:
            shares = weights(framework, top)
            for row in rows:
                code = row[next(iter(row))].split()[0]
                assert row[top] == printed(None if (share := shares.get(code)) is None else float(share), mark), (
                    framework.name,
                    top,
                    code,
                )
                compared += bool(row[top])
    assert compared > 30


def test_what_a_release_changed_stands_on_its_first_page_with_the_reason(content: Content, tmp_path: Path) -> None:
    """The published score of Thái Nguyên 2021, as if its publisher had corrected it."""
    store = Store(tmp_path / "data")
    names = [name for name in content.release.tables if "/" not in name]
    first = {name: content.scan(name).collect() for name in names}
    corrected = pl.when(unit="VN63-19", period="2021", node="PDTI", headline=True)
    scores = first["index_scores"].with_columns(
        corrected.then(0.5123).otherwise("score").alias("score"),
        corrected.then(6).otherwise("rank").cast(pl.Int32).alias("rank"),
    )
    second = first | {"index_scores": scores}
    announced = publications.Announced(2, "correction", "the publisher mended a <figure>")
    second["revisions"] = revisions.changed(announced, first, second)
    for number_, frames in enumerate((first, second)):
        told = {name: publications.describe(publications.released()[name]) for name in frames}
        kind, reason = ("correction", announced.reason) if number_ else ("scheduled", None)
        assert store.releases.publish(frames, told, kind=kind, reason=reason, record={})
    before, after = store.releases.list()
    opened = [store.releases.open(each.name) for each in (before, after)]
    changed = replace(content, release=opened[1], record=after, before=opened[0], _tables={}, _official={})
    (page,) = start.pages(changed)
    assert isinstance(page, Page)
    changes: tuple[tuple[Language, tuple[str, str], tuple[str, ...]], ...] = (
        ("vi", ("0,4960", "0,5123"), ("Hạng trước", "Hạng nay", "Điểm trước", "Điểm nay", "Lý do")),
        ("en", ("0.4960", "0.5123"), ("Rank before", "Rank now", "Score before", "Score now", "Reason")),
    )
    for language, score, heads in changes:
        text = rendered(page, "start", changed, language)
        rows: Sequence[Cells] = Tables(text).tables[-1][1]
        assert [[row[head] for head in heads] for row in rows] == [["8", "6", *score, announced.reason]]
        assert "&lt;figure&gt;" in text
