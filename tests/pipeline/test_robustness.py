"""The audit of a release's rankings: beside the release, on its figures alone, carried over where nothing changed."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import publications
from dti_platform.audit import results
from dti_platform.audit.robustness import APART, Drawing
from dti_platform.audit.tree import AuditError
from dti_platform.cli import main
from dti_platform.cli.audited_ranking import of_choices, of_units
from dti_platform.pipeline import robustness
from dti_platform.pipeline.robustness import AuditInput, Effort
from dti_platform.storage import Store
from tests.conftest import Flow

FEW = Effort(draws=40, sample=0, illustrative_draws=40)
KEY = [*results.RANKING]


@pytest.fixture(scope="module")
def given(flow: Flow) -> list[AuditInput]:
    return [*robustness.rankings(flow.store, flow.store.releases.open().name)]


def table(flow: Flow, name: str) -> pl.DataFrame:
    return robustness.read(flow.store, flow.store.releases.open().name, name)


def test_a_run_audits_the_rankings_of_its_release_and_marks_what_is_made_up(flow: Flow) -> None:
    rankings = table(flow, "audited_rankings")
    assert rankings.select(KEY).rows() == [("2022", "922", "VN63", None, basis) for basis in ("self", "verified")]
    assert rankings["not_audited"].to_list() == [None, None]
    folder = flow.store.audits.folder / flow.store.releases.open().name
    for name in results.TABLES:
        assert pl.read_parquet(folder / f"{name}.parquet").height == 0, (
            "no ranking of the DTI rests on official figures"
        )
        assert set(pl.read_parquet(folder / "illustrative" / f"{name}.parquet")["evidence"]) <= {"illustrative"}
    first, *lines = (folder / "illustrative" / "robustness.txt").read_text(encoding="utf-8").splitlines()
    assert first.startswith("MINH HỌA")
    assert "97% of units have a rank that lies less than 3 places from the simulated median (2000 draws)" in lines[1]


def test_the_headline_stands_beside_how_wide_the_intervals_are(flow: Flow) -> None:
    told = json.loads(said(flow, "--json"))["rankings"]
    lines = [line for line in said(flow, "--lang", "en").splitlines()[1:] if "places wide" in line]
    for row, line in zip(told, lines, strict=True):
        width = (
            table(flow, "rank_robustness").filter(basis=row["basis"]).select(pl.col("rank_p95") - pl.col("rank_p05"))
        )
        wide = int((width.to_series() >= 5).sum())
        assert (row["interval_median"], row["intervals_wide"]) == (width.to_series().median(), wide)
        assert f"places wide (median), 5 or more for {wide} of 63 units; " in line


def test_ranks_bounds_and_intervals_are_those_of_the_release(flow: Flow) -> None:
    scores = publications.of_release(flow.store.releases.open(), "index_scores").filter(pl.col("parent").is_null())
    both = table(flow, "rank_robustness").join(scores, on=[*KEY, "unit"], nulls_equal=True, suffix="_released")
    assert both.height == 126
    for name in ("rank", "rank_best", "rank_worst"):
        assert both[name].to_list() == both[f"{name}_released"].to_list()
    counted = table(flow, "rank_acceptability").group_by(*KEY, "unit").agg(
        pl.col("share_of_draws").sum(), mean=(pl.col("rank") * pl.col("share_of_draws")).sum(),
        top=pl.col("share_of_draws").filter(pl.col("rank") <= 10).sum(),
    )  # fmt: skip
    both = both.join(counted, on=[*KEY, "unit"], nulls_equal=True)
    assert both["share_of_draws"].to_list() == pytest.approx([1.0] * 126)
    assert both["rank_mean"].to_list() == pytest.approx(both["mean"].to_list())
    assert both["share_top10"].to_list() == pytest.approx(both["top"].to_list())


def test_neighbours_that_are_not_told_apart_are_as_the_pairs_say(flow: Flow) -> None:
    pairs = {
        row[:3]: row[3] for row in table(flow, "rank_pairs").select("basis", "unit", "other_unit", "share_above").rows()
    }
    assert len(pairs) == 2 * 63 * 62
    assert all(share + pairs[basis, other, unit] <= 1 + 1e-12 for (basis, unit, other), share in pairs.items())
    for row in table(flow, "rank_robustness").drop_nulls("next_unit").iter_rows(named=True):
        here, back = (
            (row["basis"], *ends) for ends in ((row["unit"], row["next_unit"]), (row["next_unit"], row["unit"]))
        )
        assert row["share_above_next"] == pairs[here]
        assert row["told_apart"] == (max(pairs[here], pairs[back]) > APART)


def test_a_draw_that_was_saved_is_made_again_alone(flow: Flow, given: list[AuditInput]) -> None:
    one, index = given[0], given[0].index
    assert index is not None
    kept = flow.store.audits.verified(flow.store.releases.open().name, one.draws_file(2_000))
    assert kept is not None
    saved = pl.read_parquet(io.BytesIO(kept))
    assert saved.height == 2_000
    assert {*index.uncertainty.options} <= {*saved.columns}
    drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
    alone = [drawing.placed(drawing.taken(saved.row(number, named=True), "draws"))[0] for number in (0, 777, 1_999)]
    assert [row.tolist() for row in alone] == drawing.placed(drawing.made(0, 2_000))[[0, 777, 1_999]].tolist()
    strange = saved.row(0, named=True)
    with pytest.raises(AuditError, match=r"draws: nobody knows the column colour; known: draw, norm, "):
        drawing.taken({**strange, "colour": "red"}, "draws")
    with pytest.raises(AuditError, match="draw 0 has ties = fair; known: competition, last, dense"):
        drawing.taken({**strange, "ties": "fair"}, "draws")


def test_it_is_made_once_and_what_did_not_change_is_carried_over(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = flow.copy(tmp_path)
    first = robustness.make(store, FEW)
    assert first.is_new
    assert not robustness.make(store, FEW).is_new
    written = {path.name: path.read_bytes() for path in first.path.rglob("*.parquet")}
    monkeypatch.setattr(AuditInput, "_audit", lambda *_: pytest.fail("was made from the same figures before"))
    for path in first.path.rglob("site.json"):
        path.write_text(path.read_text(encoding="utf-8").replace(robustness.version(FEW), "older"), encoding="utf-8")
    again = robustness.make(store, FEW)
    assert again.is_new
    assert {path.name: path.read_bytes() for path in again.path.rglob("*.parquet")} == written


def test_a_ranking_that_cannot_be_audited_says_why_and_the_others_go_on(
    flow: Flow, given: list[AuditInput], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = given
    other_ranks = one.standing.with_columns(rank=pl.lit(1, pl.Int32))
    wrong, unknown = replace(one, standing=other_ranks), replace(other, index=None, why="only totals are known")
    monkeypatch.setattr(robustness, "rankings", lambda *_: iter((wrong, unknown)))
    files = dict(robustness.contents(Store(flow.store.root), flow.store.releases.open().name, FEW))
    told = pl.read_parquet(io.BytesIO(files["illustrative/audited_rankings.parquet"]))["not_audited"].to_list()
    assert told[0].startswith("made again from its parts, VN63-")
    assert told[1] == "only totals are known"
    assert "only totals are known" in files["illustrative/robustness.txt"].decode()


def test_the_nominal_ranks_are_those_of_the_release_whatever_is_drawn(given: list[AuditInput]) -> None:
    for each in given:
        assert each.index is not None
        drawing = Drawing(each.index.tree, each.index.data, each.index.spec, each.index.uncertainty)
        assert drawing.nominal.tolist() == each.standing["rank"].to_list()
        assert not np.isnan(each.index.data.values).any()


def said(flow: Flow, *arguments: str) -> str:
    result = CliRunner().invoke(main, ["audit", "ranking", "--data", str(flow.store.root), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_line_tells_it_unit_by_unit_and_marks_what_is_made_up(flow: Flow) -> None:
    first, *rankings = said(flow).splitlines()
    assert first.startswith("MINH HỌA")
    assert [line.split(":")[0] for line in rankings] == ["2022 922 VN63 self", "2022 922 VN63 verified"]
    told = json.loads(said(flow, "--basis", "self", "--json"))
    ours = table(flow, "rank_robustness").filter(basis="self")
    assert [row["unit"] for row in told["units"]] == ours["unit"].to_list()
    why, _, *lines = said(flow, "--basis", "self", "--lang", "en").splitlines()[2:]
    assert why.startswith(
        "What moves the ranks (rank_sensitivity) was not worked out: as a rule it is of rankings on off"
    )
    assert len(lines) == 63
    assert sum("~" in line for line in lines) == ours.filter(pl.col("told_apart").not_()).height


def test_what_moves_the_ranks_is_told_where_it_was_worked_out_the_most_first() -> None:
    rows = [{"choice": "norm", "total_order": 0.2}, {"choice": "agg", "total_order": 0.755}]
    told = "What moves the ranks, the most first (total order, Sobol): agg 0.76, norm 0.20"
    assert [*of_choices(rows, [{"unit": "a"}], "en")] == [told]
    assert [*of_choices([], [], "en")] == [], "not audited"


def test_a_draw_is_made_again_alone_by_its_number(flow: Flow, given: list[AuditInput]) -> None:
    told = json.loads(said(flow, "--basis", "self", "--draw", "777", "--json"))
    index = given[0].index
    assert index is not None
    drawing = Drawing(index.tree, index.data, index.spec, index.uncertainty)
    places = drawing.placed(drawing.made(777, 1))[0].tolist()
    assert told["ranks"] == dict(zip(drawing.units, places, strict=True))
    assert told["drawn"]["draw"] == 777
    assert told["drawn"]["decimals"] in ("4", "none"), "not rounded, or as printed"
    lines = said(flow, "--basis", "self", "--draw", "777", "--lang", "en").splitlines()
    assert any(line.endswith("Da Nang (VN63-48)") for line in lines)
    for arguments, message in (
        (
            ("--draw", "7", "--lang", "en"),
            "--draw needs one ranking; these fit the options: 2022 922 VN63 self, 2022 922 VN63 verified",
        ),
        (("--draw", "7"), "--draw cần đúng một bảng xếp hạng"),
        (("--basis", "foo"), "không có bảng xếp hạng nào khớp với các tùy chọn; hiện có: 2022 922 VN63 self, 2022"),
        (("--period", "2021", "--draw", "7", "--lang", "en"), "no ranking fits the options; there are: 2022 922 VN63"),
        (("--basis", "self", "--draw", "2000"), "there is no draw 2000: name one of 0 to 1999"),
    ):
        refused = CliRunner().invoke(main, ["audit", "ranking", "--data", str(flow.store.root), *arguments])
        assert refused.exit_code == 1
        assert message in refused.output


def test_draws_of_other_code_are_told_from_a_number_beyond_the_last(
    flow: Flow, given: list[AuditInput], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, release = given[0].ranking.key, flow.store.releases.open().name
    with pytest.raises(AuditError, match="there is no draw 9000: name one of 0 to 1999"):
        robustness.replay(flow.store, release, key, 9_000)
    monkeypatch.setattr(robustness, "source_version", lambda *_: "older")
    with pytest.raises(AuditError, match=r"`\./dti run` audits the newest release again"):
        robustness.replay(flow.store, release, key, 1_999)


def test_a_line_says_in_how_many_draws_a_unit_has_a_rank_where_not_in_all(flow: Flow) -> None:
    rankings, units = (table(flow, name).filter(basis="self") for name in ("audited_rankings", "rank_robustness"))
    withheld = units.with_columns(draws_ranked=pl.when(pl.col("rank") == 1).then(1_300).otherwise("draws_ranked"))
    _, first, *others = of_units(withheld.to_dicts(), rankings.to_dicts(), "en")
    assert first.endswith("(has a rank in 1300 draws)")
    assert not any("has a rank" in line for line in others)
    assert "  100.0%  " in first
    assert "  100,0%  " in [*of_units(units.to_dicts(), rankings.to_dicts(), "vi")][1]


def test_usage_errors_are_in_the_language_asked_for(flow: Flow, tmp_path: Path) -> None:
    for arguments, code, told in (
        (["--draw", "-1"], 2, "cần một số nguyên từ 0 trở lên"),
        (["--draw", "-1", "--lang=en"], 2, "is not in the range"),
        (["--data", str(tmp_path)], 1, "chưa có lần công bố nào được kiểm định"),
    ):
        refused = CliRunner().invoke(main, ["audit", "ranking", "--data", str(flow.store.root), *arguments])
        assert (refused.exit_code, told in refused.output) == (code, True), refused.output
