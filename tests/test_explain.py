"""A trace from a release's own files: the evidence first, the published figures, then ours down to the cells."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from dti_platform import explain, units
from dti_platform.cli import main
from dti_platform.explain import NothingToTrace, Trace, UnitTrace, lookup
from dti_platform.explain.evidence import cells, computations
from dti_platform.explain.losses import losses
from dti_platform.explain.text import EVIDENCE, LINES, trace_lines
from dti_platform.glossary import BASES, COMPARISONS, MEASURES, VERDICTS
from dti_platform.language import Language
from dti_platform.publications import of_release
from dti_platform.storage import OpenRelease
from tests.conftest import Flow

UNITS = units.load(check=False)
OPENED: list[OpenRelease] = []


@pytest.fixture(scope="module", autouse=True)
def opened(flow: Flow) -> Iterator[None]:
    """The release of the run, each of whose tables is decoded once for all traces."""
    OPENED.append(flow.store.releases.open())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "released", cache(lookup.released))
        yield
    trace.cache_clear()


def release() -> OpenRelease:
    return OPENED[-1]


@cache
def trace(unit: str, period: str, node: str | None = None) -> Trace:
    return explain.trace(release(), UNITS, unit, period, node)


def only(unit: str, period: str, node: str | None = None) -> UnitTrace:
    (found,) = trace(unit, period, node).units
    return found


def computed(found: UnitTrace, basis: str) -> Any:
    (one,) = [each for each in found.computations if each.basis == basis]
    return one


def test_the_first_line_says_on_what_evidence_the_trace_rests() -> None:
    first = explain.trace_lines(trace("Thái Nguyên", "2022"))[0]
    assert first == EVIDENCE["both"][0]
    assert "MINH HỌA" in first
    assert explain.trace_lines(trace("Thái Nguyên", "2021"), "en")[0] == EVIDENCE["official"][1]


def test_a_node_of_which_nothing_was_published_shows_nothing_published() -> None:
    lines = explain.trace_lines(trace("Thái Nguyên", "2022", "1.2"))
    assert lines[0] == EVIDENCE["illustrative"].vi
    assert not [line for line in lines if "đã công bố" in line and "không có số liệu đã công bố" not in line]
    index = trace("Thái Nguyên", "2022", "PDTI")
    assert (index.evidence, len(index.units[0].standings)) == ("both", 3)


def test_a_trace_in_vietnamese_is_vietnamese_and_says_a_thing_once() -> None:
    text = "\n".join(explain.trace_lines(trace("Thái Nguyên", "2022")))
    for english in ("half_up", "ties", "line 1", "column", "rank_", "top10", "<-", ">= 3: 0.75", "chair", "(expert)"):
        assert english not in text
    assert "dòng 1080, cột verified: «5»" in text
    assert "thuộc nhóm đầu 10 · Hạ tầng số" in text
    assert ">= 3: 0,75" in text
    assert "(người đứng đầu: 1; cấp phó: 0,5; không có: 0)" in text
    assert text.count("thiếu 8/8") == 1


def test_the_published_figures_stand_with_their_sources() -> None:
    found = only("Thái Nguyên", "2021")
    told = {(each.node, each.measure, each.value) for each in found.published if each.leads}
    assert told == {
        ("PDTI", "rank", 8.0), ("PDTI", "score", 0.496), ("CQS", "rank", 9.0), ("CQS", "score", 0.5496),
        ("KTS", "rank", 5.0), ("KTS", "score", 0.5364), ("XHS", "rank", 8.0), ("XHS", "score", 0.5137),
    }  # fmt: skip
    assert all(each.cell.source.startswith("https://") for each in found.published)
    assert found.computations == (), "nothing could be recomputed"
    assert any("không nguồn nào công bố" in line for line in explain.trace_lines(trace("Thái Nguyên", "2021")))


def test_a_figure_that_is_not_simply_as_printed_is_marked() -> None:
    vi, en = (explain.trace_lines(trace("Quảng Ninh", "2021"), language) for language in ("vi", "en"))
    assert "hạng 7 (do người trích dẫn tính ra)  ← https://tacnghiep.tuoitrethudo.vn" in "\n".join(vi)
    assert "rank 7 (worked out by its quoter)  ← https://tacnghiep.tuoitrethudo.vn" in "\n".join(en)
    assert "rank 7 (year inferred)  ← https://dti.gov.vn/" in "\n".join(en)
    assert "rank 7  ← https://thoibaotaichinhvietnam.vn" in "\n".join(en)


def test_conflicting_sources_stand_side_by_side_and_one_leads() -> None:
    government = [
        each for each in only("Quảng Ninh", "2020").published if (each.node, each.measure) == ("CQS", "score")
    ]
    assert {each.value: each.leads for each in government} == {0.4513: True, 0.5293: False}


def test_a_recomputed_score_goes_down_to_the_printed_cells_of_one_source() -> None:
    recomputed = computed(only("Quảng Ninh", "2022"), "recomputed")
    read = dict(cells(recomputed.step))
    assert recomputed.evidence == "official"
    assert recomputed.step.score == 0.702445
    assert len(read) == 8
    assert {cell.source for cell in read.values()} == {"https://dti.gov.vn/xep-hang-2022"}
    assert {step.node: cell.raw for step, cell in read.items()}["1"] == "0.9581"


def test_a_self_score_goes_down_to_the_unit_s_own_workbook() -> None:
    read = dict(cells(computed(only("Thái Nguyên", "2022"), "self").step))
    assert {(cell.file_name, cell.locator.partition("!")[0]) for cell in read.values()} == {
        ("VN63-19.xlsx", "Tự đánh giá")
    }


def test_a_share_goes_down_to_the_cells_of_both_its_figures() -> None:
    """A full trace showed neither numerator nor denominator."""
    rows = lookup.Rows(release())
    of_unit = {"period": "2022", "unit": "VN63-19"}
    scores, observations = rows.of("index_scores", **of_unit), rows.of("observations", **of_unit)
    points = observations.filter(basis="self", node="1.2")
    raw = [
        points.with_columns(measure=pl.lit(name), locator=pl.lit(f"Phiếu!{cell}"))
        for name, cell in (("numerator", "G9"), ("denominator", "H9"))
    ]
    with_raw = pl.concat([observations.filter((pl.col("basis") != "self") | (pl.col("node") != "1.2")), *raw])
    (claimed,) = [each for each in computations(scores, with_raw, "PDTI") if each.basis == "self"]
    assert [cell.locator for step, cell in cells(claimed.step) if step.node == "1.2"] == ["Phiếu!G9", "Phiếu!H9"]
    traced = only("Thái Nguyên", "2022")
    text = trace_lines(Trace("r", "2022", "both", (replace(traced, computations=(claimed,)),)), "en")
    (line,) = {line.strip() for line in text if line.strip().startswith("1.2 ") and "←" in line}
    assert "numerator" in line
    assert "denominator" in line


def test_a_verified_score_goes_down_to_file_cell_raw_text_and_rule() -> None:
    verified = computed(only("Thái Nguyên", "2022"), "verified")
    read = list(cells(verified.step))
    assert verified.evidence == "illustrative"
    assert len(read) == 95
    for step, cell in read:
        assert cell.file_name == "922-provincial.csv"
        assert cell.locator.endswith("column verified")
        assert cell.raw
        assert step.rule_vi
        assert step.rule_en
    assert sum(round((step.points or 0) * 1e6) for step, _ in read) == round(verified.step.points * 1e6)


def test_every_line_of_ours_that_is_illustrative_says_so() -> None:
    lines = explain.trace_lines(trace("Thái Nguyên", "2022"), "en")
    ours = [line for line in lines if "verified score" in line or "self score" in line]
    assert ours
    assert all("ILLUSTRATIVE" in line or "by construction" in line for line in ours)


def test_losses_are_told_on_printed_figures_where_there_are_any() -> None:
    found, *_ = only("Quảng Ninh", "2022").losses
    assert (found.basis, found.evidence, found.above, found.next_name_vi) == (
        "published",
        "official",
        2,
        "TP. Hồ Chí Minh",
    )
    dearest = found.main[0]
    assert found.inputs == (), "no indicator was printed"
    assert (dearest.node, dearest.points, dearest.lost_to_next, dearest.lost_to_mean) == ("8", 88.56, 25.605, 27.2925)


def test_losses_compare_with_the_unit_just_above_and_all_above() -> None:
    found, _ = only("Thái Nguyên", "2022").losses
    assert (found.basis, found.evidence, found.rank, found.above) == ("verified", "illustrative", 8, 7)
    assert [loss.lost_to_mean for loss in found.main] == sorted((x.lost_to_mean for x in found.main), reverse=True)
    assert {loss.kind for loss in found.main} == {"main_index"}
    assert {loss.kind for loss in found.inputs} == {"indicator"}


def test_a_unit_that_shares_the_rank_does_not_stand_above() -> None:
    _, found = only("Thái Nguyên", "2022").losses
    assert (found.basis, found.rank, found.above, found.next_name_vi) == ("self", 13, 12, "Yên Bái")
    scores = of_release(release(), "index_scores").filter(period="2022", geography="VN63", framework="922")
    ours = scores.filter(pl.col("basis").is_in(["self", "verified"]))  # every unit has a score
    for unit in ours.filter(node="PDTI").filter(pl.struct("basis", "rank").is_duplicated())["unit"].unique():
        assert all(each.above + 1 == each.rank for each in losses(ours, unit, "PDTI"))


def test_each_rank_that_a_unit_has_by_points_is_explained_with_the_points_and_whose_they_are() -> None:
    told = trace("Thái Nguyên", "2022")
    (found,) = told.units
    assert [(each.basis, each.rank) for each in found.losses] == [("verified", 8), ("self", 13)]
    lines = explain.trace_lines(told)
    assert "  1 Nhận thức số: 86,375/100 điểm; kém Bắc Ninh 2,7 điểm, kém mức trung bình 7,1914 điểm" in lines
    assert "  4 Nhân lực số: 62,425/100 điểm; hơn Bắc Ninh 2,555 điểm, kém mức trung bình 6,1807 điểm" in lines
    within = [at for at, line in enumerate(lines) if line.startswith("  Trong đó, các chỉ số thành phần")]
    assert [lines[at + 1].split()[0] for at in within] == [each.inputs[0].node for each in found.losses]
    unknown = [line for line in lines if line.startswith("Vì sao có hạng 8 (đã công bố): không xác định được")]
    assert len(unknown) == 1, "the rank alone was published"
    explained = "\n".join(explain.trace_lines(trace("Quảng Ninh", "2022")))
    assert "không xác định được" not in explained
    assert "Vì sao có hạng" not in "\n".join(explain.trace_lines(trace("Đà Nẵng", "2022"))).partition("thẩm định")[0]


class Lacking(OpenRelease):
    """The release, had a unit left one self score out."""

    def scan(self, name: str) -> pl.LazyFrame:
        frame, name = super().scan(name), name.rpartition("/")[2]
        if name not in ("index_scores", "province_ranking"):
            return frame
        index = pl.col("parent").is_null() if name == "index_scores" else pl.lit(value=True)
        its = (pl.col("unit") == "VN63-19") & (pl.col("basis") == "self") & (pl.col("period") == "2022") & index
        lost = [pl.when(~its).then(column).alias(column) for column in ("score", "rank")]
        missing = [pl.when(its).then(1).otherwise("missing").cast(pl.Int32).alias("missing")]
        return frame.with_columns(*lost, *(missing if name == "index_scores" else []))


def test_a_rank_that_can_not_be_computed_is_said_to_be_missing() -> None:
    lacking = Lacking("0002-lacking", release().path, release().files)
    told = explain.trace(lacking, UNITS, "VN63-19", "2022")
    (found,) = told.units
    assert [(each.basis, each.rank, each.missing) for each in found.standings[1:]] == [
        ("self", None, 1),
        ("verified", 8, 0),
    ]
    vi, en = (explain.trace_lines(told, language) for language in ("vi", "en"))
    assert "  Chưa tính được điểm và hạng, tự đánh giá, MINH HỌA: thiếu 1 chỉ số thành phần" in vi
    assert "  No score and no rank, self score, ILLUSTRATIVE: indicators missing: 1" in en


def test_the_first_of_all_loses_to_nobody() -> None:
    assert "published" not in {each.basis for each in only("Đà Nẵng", "2022").losses}


def test_a_name_of_two_geographies_is_traced_in_both_and_an_id_in_one() -> None:
    both = trace("Đà Nẵng", "2024")
    assert {found.geography: found.standings[0].rank for found in both.units} == {"VN63": 2, "VN34": 17}
    assert [found.geography for found in trace("VN34-48", "2024").units] == ["VN34"]


def test_a_node_is_asked_for_by_code_or_by_concept() -> None:
    by_concept = only("Thái Nguyên", "2022", "infrastructure")
    assert by_concept == only("Thái Nguyên", "2022", "3")
    assert by_concept.node == "3"
    assert len(list(cells(computed(by_concept, "verified").step))) == 7
    leaf = computed(only("Thái Nguyên", "2022", "4.10"), "verified").step
    assert leaf.cell is not None
    assert leaf.parts == ()


def test_a_ministry_and_an_operational_period_are_traced_too() -> None:
    finance = only("Bộ Tài chính", "2021")
    assert (finance.standings[0].rank, finance.standings[0].peer_group) == (1, "with_public_services")
    teams = {each.node: each for each in only("Thái Nguyên", "2022-S1").published}
    assert teams["community_digital_teams"].value == 2255.0
    assert teams["community_digital_teams"].node_name_vi == "Tổ công nghệ số cộng đồng"


def test_coverage_says_what_can_t_be_computed() -> None:
    (gap,) = only("Hải Dương", "2020").gaps
    assert (gap.lacking, gap.inputs) == (3, 3)
    assert "11" in str(gap.why_vi)


@pytest.mark.parametrize(
    ("unit", "period", "node", "told"),
    [
        ("Thái Nguyen Xa", "2022", None, "Thái Nguyên"),
        ("Thái Nguyên", "1999", None, "it has 2020"),
        ("Thái Nguyên", "2022", "none", r"there are 1, 2, .*PDTI, XHS, …$"),
        ("Thái Nguyên", "2022", "8,3", r"close to it: 8\.3$"),
        ("Thái Nguyên", "2022", "8.33", r"close to it: 8\.3$"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(unit: str, period: str, node: str | None, told: str) -> None:
    with pytest.raises(NothingToTrace, match=told):
        trace(unit, period, node)


def test_forward_from_a_workbook_s_cell_to_the_scores_and_ranks_it_moves() -> None:
    (_, cell) = next(each for each in cells(computed(only("Thái Nguyên", "2022"), "verified").step))
    reach = explain.reach(release(), cell.file_name, cell.locator)
    assert [each.raw for each in reach.cells] == [cell.raw]
    assert {each.node for each in reach.moved} == {"1.1", "1", "I", "PDTI", "CQS", "KTS", "XHS"}
    assert {(each.unit, each.basis, each.evidence) for each in reach.moved} == {("VN63-19", "verified", "illustrative")}
    assert explain.reach(release(), cell.file[:8], cell.locator).cells == reach.cells


def test_forward_from_a_printed_part_to_what_was_recomputed() -> None:
    (_, cell) = next(each for each in cells(computed(only("Quảng Ninh", "2022"), "recomputed").step))
    reach = explain.reach(release(), cell.file, cell.locator)
    assert {(each.node, each.basis) for each in reach.moved} == {
        ("1", "published"), ("I", "recomputed"), ("PDTI", "recomputed"),
        ("CQS", "recomputed"), ("KTS", "recomputed"), ("XHS", "recomputed"),
    }  # fmt: skip
    assert {each.evidence for each in reach.moved} == {"official"}


def test_a_printed_rank_moves_only_itself_and_a_source_that_does_not_lead_moves_nothing() -> None:
    printed = only("Thái Nguyên", "2021").published
    lead, other = (
        next(each for each in printed if each.measure == "rank" and each.leads == leads) for leads in (True, False)
    )
    moved = explain.reach(release(), lead.cell.file, lead.cell.locator).moved
    assert [(each.node, each.basis, each.rank) for each in moved] == [("PDTI", "published", 8)]
    silent = explain.reach(release(), other.cell.file, other.cell.locator)
    assert silent.moved == ()
    assert explain.reach_lines(silent, "en")[-1].endswith(LINES["nothing_moved"][1])


@pytest.mark.parametrize(
    ("file", "locator", "told"),
    [
        ("none.csv", "A1", "không có giá trị nào của tệp 'none.csv'"),
        ("province.csv", "A1", "gần giống: provinces.csv"),
        ("VN63-19.xlsx", "Z9", "hãy ghi vị trí như: «"),
        ("provinces.csv", "B3", "hãy ghi vị trí như: «dòng "),
    ],
)
def test_a_cell_that_was_never_read_is_said_to_be(file: str, locator: str, told: str) -> None:
    with pytest.raises(NothingToTrace) as error:
        explain.reach(release(), file, locator)
    assert told in error.value.told.vi


def test_a_cell_is_named_as_the_trace_tells_it_in_either_language() -> None:
    vietnamese, english = (
        explain.reach(release(), "provinces.csv", cell) for cell in ("dòng 166, cột value", "line 166, column value")
    )
    assert vietnamese == english


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Thái Nguyên"], 'thiếu --period, ví dụ: dti trace "Thái Nguyên" --period 2022'),
        (["--period", "2022"], "hãy cho biết điểm của đơn vị nào"),
        (["Thái Nguyên", "--perod", "2022"], "không có tùy chọn --perod"),
        (["Thái Nguyên", "--lang", "en"], "--period is missing"),
    ],
)
def test_wrong_usage_is_told_in_the_language_that_is_asked_for(arguments: list[str], told: str) -> None:
    root = str(release().path.parents[2])
    result = CliRunner().invoke(main, ["trace", *arguments, "--data", root])
    assert (result.exit_code, told in result.output) == (2, True), result.output


def test_a_trace_is_plain_data_for_machines() -> None:
    told = json.loads(json.dumps(trace("Thái Nguyên", "2022").to_dict(), allow_nan=False))
    assert told["units"][0]["standings"][0]["rank"] == 8
    (_, cell) = next(each for each in cells(computed(only("Quảng Ninh", "2022"), "recomputed").step))
    assert json.dumps(explain.reach(release(), cell.file, cell.locator).to_dict(), allow_nan=False)


def test_both_languages_tell_the_same_lines() -> None:
    for name, period in (
        ("Thái Nguyên", "2022"),
        ("Quảng Ninh", "2020"),
        ("Đà Nẵng", "2024"),
        ("Bộ Tài chính", "2021"),
    ):
        told = trace(name, period)
        vi, en = (explain.trace_lines(told, language) for language in ("vi", "en"))
        assert len(vi) == len(en)
        assert not [line for line in (*vi, *en) if "{" in line], "every word is filled"


def test_every_code_that_a_release_may_hold_has_its_words() -> None:
    for words in (BASES, COMPARISONS, EVIDENCE, LINES, MEASURES, VERDICTS):
        assert all(vi and en for vi, en in words.values())


def test_a_trace_needs_polars_alone() -> None:
    code = "import sys, dti_platform.explain; print({'pandera', 'pyarrow', 'pydantic', 'dagster'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("size", [30, pytest.param(200, marks=pytest.mark.heavy)])
def test_scores_of_a_release_are_traced_to_cells_or_to_their_source(size: int) -> None:
    """Every computed score comes down to cells that add up to it; every published one has a source that printed it."""
    scores = of_release(release(), "index_scores").drop_nulls("score").filter(pl.col("unit") != pl.col("geography"))
    for row in scores.sample(size, seed=1).iter_rows(named=True):
        found = only(row["unit"], row["period"], row["node"])
        if row["basis"] == "published":
            assert any(each.leads and each.cell.source == row["source"] for each in found.published)
        else:
            step = computed(found, row["basis"]).step
            assert step.score == row["score"]
            assert list(cells(step))


def brief(unit: str, period: str, node: str | None = None, language: Language = "vi") -> list[str]:
    return explain.brief_lines(trace(unit, period, node), language)


def test_a_brief_trace_says_what_where_from_why_and_since_when() -> None:
    assert brief("Quảng Ninh", "2022") == [
        EVIDENCE["both"].vi,
        "Quảng Ninh (VN63-22), 2022, PDTI: hạng 3/63, điểm 0,7024 (đã công bố)",
        "Nguồn: dti.gov.vn; provinces.csv, dòng 123, cột value: «3»",
        "Kém trung bình 2 đơn vị xếp trên nhiều nhất: 8 Hoạt động kinh tế số (27,29 điểm)",
        "So với 2021: từ hạng 7 lên hạng 3 (tăng 4 bậc).",
    ]
    assert brief("Thái Nguyên", "2021", language="en")[1:] == [
        "Thai Nguyen (VN63-19), 2021, PDTI: rank 8 of 63, score 0.4960 (published)",
        "Source: dti.gov.vn (year inferred); provinces.csv, line 184, column value: «8»",
        "Why: not known; no points of its parts were published to compare.",
        "Before (2020): rank 12, not compared: another framework.",
    ]


CASES: list[tuple[str, str, str | None]] = [
    ("Thái Nguyên", "2022", None), ("Quảng Ninh", "2021", None), ("VN63", "2022", None), ("Đà Nẵng", "2024", None),
    ("Bộ Tài chính", "2021", None), ("Thái Nguyên", "2022", "KTS"), ("Thái Nguyên", "2022", "4.10"),
    ("Thái Nguyên", "2022-S1", None), ("Hà Giang", "2022", None), ("Thái Nguyên", "2021", "KTS"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("unit", "period", "node"), CASES)
def test_a_brief_trace_has_four_lines_a_unit_that_a_terminal_holds(
    unit: str, period: str, node: str | None, language: Language
) -> None:
    found = trace(unit, period, node)
    lines = explain.brief_lines(found, language)
    assert lines[0] == EVIDENCE[found.evidence].text(language)
    assert len(lines) == 1 + sum(4 if each.standings else 5 for each in found.units)
    assert all(len(line) <= 80 for line in lines)
    assert not [line for line in lines if "None" in line or "{" in line]


def test_what_is_illustrative_is_marked_in_a_brief_trace_however_long_the_line() -> None:
    (_, head, *_) = brief("Thái Nguyên", "2022", "KTS")
    assert head == "Thái Nguyên (VN63-19), 2022, KTS: hạng 13/63, điểm 0,7044 (thẩm định, MINH HỌA)"
    (_, _, _, why, _) = brief("Hà Giang", "2022")
    assert "thẩm định, MINH HỌA" in why
    assert why.endswith("điểm)"), "the name is cut, not the points"
    assert "(năm được suy ra)" in brief("Thái Nguyên", "2021", "KTS")[2]


def test_a_derived_rank_says_in_the_first_words_who_worked_it_out_and_where_it_was_read() -> None:
    _, head, source, *_ = brief("VN63-51", "2021")
    assert head.endswith("(do người trích dẫn tính ra)")
    assert source.startswith("Nguồn: huunghi.haugiang.gov.vn; provinces.csv, dòng ")


def test_a_trace_of_a_node_tells_where_the_unit_stands_at_it() -> None:
    found = only("Thái Nguyên", "2021", "KTS")
    assert [(each.basis, each.rank, each.score) for each in found.standings] == [("published", 5, 0.5364)]
    assert found.gaps == (), "what came of the whole index is none of it"
    leaf = only("Thái Nguyên", "2022", "4.10")
    assert leaf.losses == ()
    assert "chỉ số thành phần" in brief("Thái Nguyên", "2022", "4.10")[3]


def test_a_score_that_was_not_published_is_told_as_recomputed_and_its_parts_explain_the_rank() -> None:
    assert brief("Sóc Trăng", "2020", language="en")[1:4] == [
        "Soc Trang, 2020, PDTI: rank 57 of 63 (published), score 0.2428 (recomputed)",
        "Source: cchctest.soctrang.gov.vn; provinces.csv, line 94, column value: «57»",
        "Furthest behind 10 of those above: CQS Digital government (56.14 points)",
    ]
    (losses,) = only("Sóc Trăng", "2020").losses
    assert (losses.rank, losses.above, losses.some_alone, losses.next_name_en) == (57, 10, True, "Bac Giang")
    whole = "\n".join(explain.trace_lines(trace("Sóc Trăng", "2020"), "en"))
    assert "Why this rank (published): what is furthest behind the mean of 10 units above, those whose parts" in whole
    assert "can't be known" not in whole


def test_a_node_without_a_figure_says_how_many_the_other_nodes_have() -> None:
    found = trace("VN34-19", "2024", "CQS")
    assert found.evidence == "none"
    assert brief("VN34-19", "2024", "CQS", "en") == [
        "Evidence: no figure of this node was read; of the unit's other nodes 4 were.",
        "Thai Nguyen, 2024, CQS: no rank, no score (recomputed from published parts)",
        "Source: none for this node.",
        "Why: nothing to compare; there is no rank.",
        "Compared with the period before: the index alone.",
    ]
    assert "không tính được điểm" in brief("VN34-19", "2024", "CQS")[1]


def test_the_headline_of_a_node_leads_and_a_derived_figure_stands_behind() -> None:
    first, second, *_ = only("Cần Thơ", "2022", "CQS").standings
    assert (first.basis, first.headline, first.score) == ("recomputed", True, 0.764071)
    assert (second.basis, second.headline, second.score) == ("derived", False, 0.7641)
    assert "(tính lại từ các phần đã công bố)" in brief("Cần Thơ", "2022", "CQS")[1]


def test_a_mean_is_of_all_and_has_no_rank() -> None:
    _, head, _, why, before = brief("VN63", "2022")
    assert "không có hạng, điểm 0,5791" in head
    assert why == "Vì sao: đây là số chung của cả danh mục đơn vị, không xếp hạng."
    assert before == "Không so với kỳ trước: không có hạng."


WEIGHED = {
    "node": ["T", "A", "B"] * 2, "unit": ["one"] * 3 + ["two"] * 3, "points": [None] * 6,
    "score": [0.5, 0.6, 0.25, 0.7, 0.8, 0.45], "max_points": [1000.0, None, None] * 2,
    "parts": ["A B", None, None] * 2, "rule_en": ["0.75 x A + 0.25 x B", "points as given", "points as given"] * 2,
    "kind": ["index", "pillar", "pillar"] * 2,
}  # fmt: skip


def test_what_is_lost_at_a_part_of_a_weighted_mean_counts_by_its_weight() -> None:
    same = dict.fromkeys(("basis", "geography", "evidence", "node_name_vi", "node_name_en"), "published")
    units_named = {"unit_name_vi": "two", "unit_name_en": "two"}
    frame = pl.DataFrame(WEIGHED).with_columns(
        pl.col("points").cast(pl.Float64),
        rank=pl.when(unit="one").then(2).otherwise(1),
        **{name: pl.lit(value) for name, value in {**same, **units_named}.items()},
    )
    (found,) = losses(frame, "one", "T")
    assert found.scale == 1000
    assert {each.node: each.lost_to_next for each in found.main} == {"A": 150.0, "B": 50.0}


def test_a_rank_among_an_unknown_number_says_no_number() -> None:
    standing = replace(only("Thái Nguyên", "2021").standings[0], peers=None)
    told = replace(only("Thái Nguyên", "2021"), standings=(standing,))
    found = replace(trace("Thái Nguyên", "2021"), units=(told,))
    for lines in (explain.trace_lines(found), explain.brief_lines(found)):
        assert "hạng 8," in "\n".join(lines).lower()
        assert "None" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("best", "worst", "told"),
    [(2, 55, "hạng 8/63 (từ 2 đến 55),"), (8, 8, "hạng 8/63,"), (9, 9, "hạng 8/63 (9 khi đủ các đơn vị),")],
)
def test_a_rank_that_is_not_settled_has_its_bounds_behind_it(best: int, worst: int, told: str) -> None:
    found = trace("Thái Nguyên", "2021")
    (unit,) = found.units
    standing = replace(unit.standings[0], rank_best=best, rank_worst=worst)
    found = replace(found, units=(replace(unit, standings=(standing,)),))
    for lines in (explain.trace_lines(found), explain.brief_lines(found)):
        assert told in "\n".join(lines).lower()
