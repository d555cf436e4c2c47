"""Sites of releases that hold less than usual, or what somebody made to do harm; and where sites lie."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform.cli import main
from dti_platform.pipeline import site
from dti_platform.report.site import Content, files_of
from dti_platform.report.site.content import ILLUSTRATIVE
from dti_platform.report.site.kinds import profile
from dti_platform.report.site.kinds.league import rankings
from dti_platform.report.site.make import rendered
from dti_platform.storage import CorruptRelease, OpenRelease, Store
from dti_platform.storage.files import WriteFailed
from tests.conftest import Flow

HOSTILE = '<script>alert("1")</script>\'\u202e' + "x" * 300
TABLES = (
    "league_table", "index_scores", "sessions", "observations", "national_scorecard", "provincial_scorecard", "breaks",
)  # fmt: skip
#: Texts that a release takes from files of others.
TEXTS = (
    "unit_name_vi", "unit_name_en", "region_name_vi", "region_name_en", "indicator_name_vi", "indicator_name_en",
    "node_name_vi", "node_name_en", "session_name_vi", "session_name_en", "title_vi", "title_en", "raw", "file_name",
    "what_vi", "what_en",
)  # fmt: skip
#: Of the first schema version; its descriptor names neither licences nor sources.
GOLDEN = Path("tests", "golden", "0001-e00e7781a56f")


@pytest.fixture
def few_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all units those of one place have profiles, and every twentieth: where no page of another is looked at."""
    every = profile.units
    monkeypatch.setattr(
        profile,
        "units",
        lambda content: [unit for at, unit in enumerate(every(content)) if at % 20 == 0 or unit.id.endswith("-19")],
    )


def plant(content: Content, name: str, rows: pl.DataFrame) -> None:
    content._tables[name] = rows.lazy()  # pyright: ignore[reportPrivateUsage]
    content._official.pop(name, None)  # pyright: ignore[reportPrivateUsage]


def texts(pages: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    return {path: page.decode() for path, page in pages if path.endswith(".html")}


@pytest.mark.usefixtures("few_profiles")
def test_what_others_wrote_is_shown_and_never_obeyed(content: Content) -> None:
    units = {code: replace(each, name_vi=HOSTILE, name_en=HOSTILE) for code, each in content.units.all.items()}
    for name in TABLES:
        rows = content.scan(name).collect()
        planted = [pl.lit(HOSTILE).alias(each) for each in TEXTS if each in rows.columns]
        sources = [pl.lit("javascript:alert(1)").alias(each) for each in ("source",) if each in rows.columns]
        plant(content, name, rows.with_columns(*planted, *sources))
    pages = texts(files_of(replace(content, units=replace(content.units, all=units))))
    shown = {path for path, page in pages.items() if "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in page}
    folders = {Path(path).parent.name for path in shown}
    assert folders >= {"tinh", "bo", "xep-hang", "phien-hop", "phuong-phap"}
    for path, page in pages.items():
        obeyed = ("<script>alert", "\u202e", 'href="javascript:', "href='javascript:")
        assert [each for each in obeyed if each in page] == [], path
    assert any("javascript:alert(1)" in page for page in pages.values())


@pytest.mark.usefixtures("few_profiles")
def test_a_release_without_rows_has_a_site_that_says_so(content: Content) -> None:
    for name in TABLES:
        plant(content, name, content.scan(name).collect().clear())
    pages = texts(files_of(content))
    assert "Không tìm thấy hạng nào của đơn vị" in pages["tinh/VN63-19.html"]
    assert '<th scope="row"' not in pages["xep-hang/index.html"]
    assert "index.html" in pages
    assert "phien-hop/index.html" in pages


@pytest.mark.usefixtures("few_profiles")
def test_a_release_of_one_year_has_its_pages_alone(content: Content) -> None:
    for name in ("league_table", "index_scores", "provincial_scorecard"):
        plant(content, name, content.scan(name).filter(period="2022").collect())
    plant(content, "sessions", content.scan("sessions").collect().clear())
    pages = texts(files_of(content))
    assert sorted(path for path in pages if path.startswith("xep-hang/")) == [
        "xep-hang/MIN22-2022.html", "xep-hang/VN63-2022.html", "xep-hang/index.html",
    ]  # fmt: skip
    assert "<svg" not in pages["tinh/VN63-19.html"]


def test_a_group_of_which_no_rank_is_known_is_not_listed(content: Content) -> None:
    group = (pl.col("period") == "2022") & (pl.col("peer_group") == "with_public_services")
    rows = content.scan("league_table").collect()
    assert rows.filter(group)["rank"].count()
    plant(content, "league_table", rows.with_columns(rank=pl.when(~group).then("rank")))
    (listed,) = (each for each in rankings(content) if (each["level"], each["period"]) == ("ministerial", "2022"))
    assert [each["peer_group"] for each in listed["groups"]] == ["without_public_services"]


@pytest.mark.usefixtures("few_profiles")
def test_a_release_of_another_index_alone_has_its_pages(content: Content) -> None:
    rows = content.scan("league_table").with_columns(pl.lit("PAPI").alias("index_name"))
    plant(content, "league_table", rows.collect())
    pages = texts(files_of(content))
    assert {path for path in pages if path.startswith("xep-hang/")} >= {"xep-hang/PAPI-VN63-2022.html"}
    assert "2022 (PAPI)" in pages["tinh/VN63-19.html"]


@pytest.mark.usefixtures("few_profiles")
def test_a_release_of_the_first_schema_version_has_a_site(project: Path, content: Content) -> None:
    old = OpenRelease.at(project / GOLDEN)
    files = dict(files_of(replace(content, release=old, before=None, _tables={}, _official={})))
    pages = texts(files.items())
    assert old.name in pages["du-lieu.html"]
    assert "Không có SDMX" in pages["du-lieu.html"]
    assert [path for path in files if path.startswith(("sdmx/", "du-lieu/"))] == []  # its tables are not in halves
    assert "Không tìm thấy hạng nào của đơn vị" in pages["tinh/VN63-19.html"]


def test_an_illustrative_figure_of_any_table_stands_on_marked_pages_alone(content: Content) -> None:
    planted = 0
    for name in content.release.tables:
        if name.startswith(f"{ILLUSTRATIVE}/") or "evidence" not in content.table(name).columns:
            continue
        rows = content.scan(name).collect()
        figures = [each for each, kind in rows.schema.items() if kind.is_float()]
        # Where a table has no made-up rows, some of its own are made so.
        marked = (
            rows
            if rows.filter(evidence=ILLUSTRATIVE).height
            else pl.concat(
                [rows, rows.head(20).with_columns(pl.lit(ILLUSTRATIVE).cast(rows.schema["evidence"]).alias("evidence"))]
            )
        )
        made_up = [pl.when(evidence=ILLUSTRATIVE).then(0.123456).otherwise(each).alias(each) for each in figures]
        plant(content, name, marked.with_columns(made_up))
        planted += bool(figures)
    found = {path: page for path, page in texts(files_of(content)).items() if "0,123" in page or "0.123" in page}
    assert planted > 8
    assert len(found) >= 2 * 63
    assert len(found) % 2 == 0, "each in both languages"
    assert all(path.endswith("-minh-hoa.html") and 'class="illustrative"' in page for path, page in found.items())


def test_a_data_root_without_a_release_says_so_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("DTI_DATA", str(tmp_path / "data"))
    result = CliRunner().invoke(main, ["report"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.output.startswith("Error: ")


def test_a_site_is_not_written_over_what_lies_there(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    monkeypatch.setenv("DTI_DATA", str(flow.store.root))
    result = CliRunner().invoke(main, ["report", "--out", str(tmp_path)])
    assert (result.exit_code, [path.name for path in tmp_path.iterdir()]) == (1, ["mine.txt"])
    assert "is not empty" in result.output


def test_a_release_that_was_changed_has_no_site_and_stands(flow: Flow, tmp_path: Path) -> None:
    store = root_of(flow, tmp_path)
    name = store.releases.open().name
    changed = store.root / "published" / "releases" / name / "league_table.parquet"
    changed.chmod(0o644)
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    with pytest.raises(CorruptRelease, match="league_table"):
        site.make(store)
    assert not (store.root / "published" / "sites" / name).exists()
    assert store.releases.open().name == name


def test_a_site_that_was_not_finished_is_taken_for_none(flow: Flow, tmp_path: Path) -> None:
    store = root_of(flow, tmp_path)
    name = store.releases.open().name

    def half() -> Iterable[tuple[str, bytes]]:
        yield "index.html", b"half"
        raise WriteFailed("the disk is full")

    with pytest.raises(WriteFailed):
        store.sites.put(name, "now", half())
    assert store.sites.find(name, "now") is None
    assert store.sites.names() == []
    assert [path.name.partition(name)[0] for path in store.sites.sweep()] == [".staging-"]
    assert [*store.sites.folder.iterdir()] == []


def test_a_site_of_which_a_page_is_torn_is_made_again(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of power can leave a file empty, for files are not synced one by one."""
    store = root_of(flow, tmp_path)
    monkeypatch.setattr(site, "pages", lambda *_: iter([("index.html", b"<p>"), ("en/index.html", b"<p>")]))
    made = site.make(store)
    assert not site.make(store).is_new
    whole = (made.path / "index.html").read_bytes()
    (made.path / "index.html").write_bytes(b"")
    assert site.make(store).is_new
    assert (made.path / "index.html").read_bytes() == whole


def test_a_template_or_a_style_that_changed_is_another_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    versions: set[str] = set()
    for name in ("report/a.html.j2", "report/a.css", "pages/a.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        monkeypatch.setattr(site, "PACKAGE", tmp_path)
        versions.add(site.version())
        (tmp_path / name).write_text(name)
    assert len({*versions, site.version()}) == 4


@pytest.mark.usefixtures("few_profiles")
def test_ranks_of_a_unit_without_peers_have_no_chart(content: Content) -> None:
    plant(content, "league_table", content.scan("league_table").collect().with_columns(rank=1, peers=1))
    (page,) = (page for page in profile.pages(content) if page.path == profile.profile_path("VN63-19"))
    text = rendered(page, "profile", content, "en")
    assert "1 of 1" in text
    assert 'class="chart"' not in text


def test_latest_is_the_site_of_the_newest_release_whichever_was_made_last(tmp_path: Path) -> None:
    sites = Store(tmp_path / "data").sites
    for name in ("0002-b", "0001-a", "0003-c", "0010-d", "0009-e", "0001-a"):
        sites.put(name, "now", [("index.html", name.encode())])
        newest = (sites.folder / "latest" / "index.html").read_text(encoding="utf-8")
        assert newest == max(sites.names())
    assert sites.names() == ["0001-a", "0003-c", "0009-e", "0010-d"]
    sites.put("0011-f", "now", [("index.html", b"")])
    assert sites.names() == ["0009-e", "0010-d", "0011-f"]


def root_of(flow: Flow, folder: Path) -> Store:
    """A data root with the release of the finished run and without its site."""
    shutil.copytree(flow.store.root, folder / "data", symlinks=True, ignore=shutil.ignore_patterns("sites", "landing"))
    return Store(folder / "data")
