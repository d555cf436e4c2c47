"""The site of a release: every kind of page in both languages, the same bytes for the same release."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polars as pl
import pytest

from dti_platform.pipeline import site
from dti_platform.report.site.map import fifth
from tests.conftest import Flow

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "source"}


class Outline(HTMLParser):
    """What a page holds, as far as its rules go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.counts: dict[str, int] = {}
        self.language = ""
        self.open: list[str] = []
        self.unscoped = 0
        self.nameless = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.links += [value for name in ("href", "src") if (value := given.get(name))]
        self.ids += [value for value in [given.get("id")] if value]
        self.language = given.get("lang") or "" if tag == "html" else self.language
        self.unscoped += tag == "th" and "scope" not in given
        self.nameless += tag == "svg" and not (
            given.get("aria-label") or given.get("aria-labelledby") or given.get("aria-hidden")
        )
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass


@pytest.fixture(scope="module")
def outlines(folder: Path) -> dict[Path, Outline]:
    return {path: Outline(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}


def test_a_run_makes_the_site_of_its_release(flow: Flow, folder: Path) -> None:
    manifest = json.loads((folder / "site.json").read_text(encoding="utf-8"))
    assert manifest["release"] == folder.name == flow.store.releases.open().name
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        *manifest["files"],
        "site.json",
    }
    assert flow.store.verify() == []
    assert not site.make(flow.store).is_new


def test_the_same_release_gives_the_same_bytes(flow: Flow, folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dti_platform.cli", "report", "--out", str(tmp_path / "again")]
    environment = {**os.environ, "DTI_DATA": str(flow.store.root), "PYTHONHASHSEED": "7", "POLARS_MAX_THREADS": "2"}
    subprocess.run(command, check=True, env=environment, capture_output=True)
    assert contents(tmp_path / "again") == contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_page_has_its_twin_and_every_link_resolves(folder: Path, outlines: dict[Path, Outline]) -> None:
    vietnamese = {path.relative_to(folder) for path in outlines if path.relative_to(folder).parts[0] != "en"}
    english = {path.relative_to(folder / "en") for path in outlines if path.relative_to(folder).parts[0] == "en"}
    assert vietnamese == english
    pages = {
        (path if link.startswith("#") else path.parent, link): path
        for path, outline in outlines.items()
        for link in outline.links
    }  # most links stand on every page of a folder
    assert [(path.name, link) for (_, link), path in pages.items() if not resolves(path, link, outlines)] == []


def resolves(page: Path, link: str, outlines: dict[Path, Outline]) -> bool:
    """Whether a link leads to a file, and to the place in it that it names; outside, only a click leads."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https", "mailto"):
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    there = target in outlines and parts.fragment in outlines[target].ids if parts.fragment else target.is_file()
    return not parts.scheme and there


def test_nothing_is_loaded_from_elsewhere(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8")
            assert not [each for each in ('src="http', "url(http", "@import", 'src="//', "fetch(") if each in text], (
                path
            )


def test_pages_are_built_for_every_reader(folder: Path, outlines: dict[Path, Outline]) -> None:
    for path, outline in outlines.items():
        english = path.relative_to(folder).parts[0] == "en"
        assert outline.language == ("en" if english else "vi"), path
        assert outline.counts["h1"] == 1, path
        assert len(outline.ids) == len(set(outline.ids)), path
        assert outline.counts.get("table", 0) == outline.counts.get("caption", 0), path
        assert (outline.unscoped, outline.nameless, outline.open) == (0, 0, []), path


def test_sizes_stay_within_bounds(folder: Path) -> None:
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    pages = {path: size for path, size in sizes.items() if path.suffix == ".html"}
    assert max(pages.values()) <= 90_000
    assert (folder / "site.js").stat().st_size <= 4_096
    assert (folder / "site.css").stat().st_size <= 8_192
    assert sum(pages.values()) / len(pages) <= 12_000, "a page of a new kind adds its own"


def test_the_brief_of_a_session_says_every_figure_in_both_languages(folder: Path) -> None:
    """The figures of the report on the third session, as it prints them."""
    told = {
        "": "477/832 thôn, bản|hơn 450.000 máy tính|35/35|100 %|11,27 %|7 %|66 %|65 %|70,91 %|71,75 %|"
        "2.255 tổ|17.000 người|lặp lại số liệu của quý I/2022|11 chợ|hơn 2.100 tiểu thương|khoảng 10 tỷ USD|0,4960|"
        "hạng 8|hạng 5",
        "en": "477 of 832 villages|over 450,000 computers|35 of 35|100%|11.27%|7%|66%|65%|70.91%|71.75%|"
        "2,255 teams|repeats the figure of Q1 2022|17,000 people|11 markets|over 2,100 traders|about 10 billion USD|"
        "0.4960|rank 8|rank 5",
    }
    for language, figures in told.items():
        text = (folder / language / "phien-hop" / "2022-S1.html").read_text(encoding="utf-8")
        assert [figure for figure in figures.split("|") if f">{figure}<" not in text] == []


def test_a_figure_of_a_session_leads_to_its_cell(folder: Path) -> None:
    page = folder / "phien-hop" / "2022-S1.html"
    (link,) = [each for each in Outline(page.read_text(encoding="utf-8")).links if each.endswith("-nguon.html#s13")]
    evidence = (
        (page.parent / link.partition("#")[0])
        .read_text(encoding="utf-8")
        .partition('id="s13"')[2]
        .partition("</section>")[0]
    )
    assert all(each in evidence for each in ("khoảng 10 tỷ USD", "indicators.csv", "dòng ", "thainguyentv.vn"))


class Rows(HTMLParser):
    """The rows of the tables of a page: text and sorting key of each cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str | None]]] = []
        self.cell: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell, self.key = "", dict(attrs).get("data-key")

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append((self.cell.strip(), self.key))
            self.cell = None


@pytest.mark.parametrize(("language", "mark"), [("", ","), ("en", ".")])
def test_a_league_table_says_what_the_release_holds(flow: Flow, folder: Path, language: str, mark: str) -> None:
    league = pl.read_parquet(flow.store.root / "published" / "latest" / "league_table.parquet")
    shown = 0
    for page in (folder / language / "xep-hang").glob("VN*.html"):
        geography, period = page.stem.split("-")
        held = league.filter(level="provincial", geography=geography, period=period).sort(
            "rank", "unit", nulls_last=True
        )
        ranked = held.filter(pl.col("rank").is_not_null())
        rows = Rows(page.read_text(encoding="utf-8")).rows[1:]
        assert [row[0][0] for row in rows] == [str(rank) for rank in ranked["rank"]]
        assert [row[1][0] for row in rows] == ranked[f"unit_name_{language or 'vi'}"].to_list()
        scores = [
            name
            for name in held.columns
            if name.startswith("score") and held[name].dtype == pl.Float64 and ranked[name].count()
        ]
        for row, of in zip(rows, ranked.to_dicts(), strict=True):
            cells = row[-1 - len(scores) : -1] if ranked["source"].n_unique() > 1 else row[-len(scores) :]
            assert [float(key) if key else None for _, key in cells] == [of[name] for name in scores]
            texts = [
                "" if of[name] is None else f"{round(Decimal(str(of[name])), 4):.4f}".replace(".", mark)
                for name in scores
            ]
            assert [text.removesuffix("°") for text, _ in cells] == texts
            shown += sum(map(bool, texts))
        assert all(row[f"unit_name_{language or 'vi'}"] in page.read_text(encoding="utf-8") for row in held.to_dicts())
    assert shown > 60


def test_a_map_fills_each_province_by_its_published_rank(flow: Flow, folder: Path) -> None:
    league = pl.read_parquet(flow.store.root / "published" / "latest" / "league_table.parquet")
    ranks = dict(league.filter(geography="VN63", period="2022").select("unit_name_vi", "rank").rows())
    page = (folder / "xep-hang" / "VN63-2022.html").read_text(encoding="utf-8")
    drawn = re.findall(r'<path class="f(\d)" d="M[^"]+z"><title>([^:]+): hạng (\d+)</title>', page)
    assert {name: int(rank) for _, name, rank in drawn} == ranks
    assert all(fill == fifth(int(rank), 63) for fill, _, rank in drawn)
    for island, province in (("Hoàng Sa", "Đà Nẵng"), ("Trường Sa", "Khánh Hòa")):
        (fill,) = re.findall(
            rf"<title>{island} \({province}\): hạng {ranks[province]}</title>.*?<circle class=\"f(\d)\"", page
        )
        assert (fill, province) in {(each, name) for each, name, _ in drawn}


def test_pages_claim_no_more_than_is_known(folder: Path) -> None:
    """What was not found is not called unpublished, what was inferred or quoted is marked, a link is an address."""
    pages = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}
    told = {
        "xep-hang/VN34-2024.html": ("Nền tảng mới tìm thấy hạng của 12 trên 34", "Một kỳ, hai bảng"),
        "en/xep-hang/VN34-2024.html": ("We have found the ranks of 12 of 34", "One year, two tables"),
        "xep-hang/VN63-2021.html": ("Quảng Ngãi</a> (theo bên trích dẫn: 60)", "năm được suy ra"),
        "tinh/VN63-51.html": ("chưa tìm thấy; 60, theo bên trích dẫn",),
        "xep-hang/index.html": ("có dịch vụ công: 10 trên 17", "10 (không rõ có bao nhiêu đơn vị được xếp hạng)"),
        "index.html": ("65 % (suy ra)", "kế hoạch cả năm 2022; số liệu của 6 tháng đầu năm 2022"),
        "en/phien-hop/2022-S1.html": ("plan: inferred", "none was found", "+1 percentage point<", "thainguyentv.vn"),
        "phien-hop/2022-S1-nguon.html": ("Giá trị trong tệp",),
        "du-lieu.html": ("không gồm dòng minh họa", "Dữ liệu minh họa trong bản công bố này"),
        "tinh/VN63-19-minh-hoa.html": ("được dựng cho khớp hạng và điểm chính thức",),
        "xep-hang/VN63-2023.html": ("chưa có văn bản xác nhận",),
        "xep-hang/MIN22-2023.html": ("chưa có văn bản xác nhận",),
        "en/tinh/VN63-04.html": ("Since July 2025: <a", "Cao Bang (not merged)"),
        "tinh/VN34-04.html": ("Không sáp nhập; trước đây",),
        "tinh/VN63-19.html": (
            "Từ tháng 7/2025: <a",
            "Thái Nguyên mới (",
            "có thể thấp hơn cả ba",
            "7/63",
            "(cơ quan công bố)",
        ),
    }
    assert [(path, each) for path, texts in told.items() for each in texts if each not in pages[path]] == []
    assert "10 trên 10" not in pages["xep-hang/index.html"]
    assert "Hạng 2023" not in pages["xep-hang/VN34-2024.html"]
    assert "tinh/VN.html" not in pages
    withdrawn = ("chưa công bố<", "chưa công bố hạng", "not published<", "Mới công bố", "none was published")
    said = {path: page for path, page in pages.items() if "tu-dien/" not in path}
    assert [path for path, page in said.items() for each in withdrawn if each in page] == []
    assert [path for path, page in pages.items() if re.search(r'href="[^"]* ', page)] == []
    for path, page in pages.items():
        assert page.count("°") != 1, f"{path}: a note without the mark that it explains"
