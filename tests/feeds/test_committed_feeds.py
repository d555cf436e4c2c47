"""The committed feeds hold every figure that was collected, word for word, and no other."""

import csv
from collections import Counter
from pathlib import Path

import polars as pl

from dti_platform.feeds import Known, Parsed
from dti_platform.tables import Observations, Quarantine, Submissions
from tests.stand_ins import collected, digest, real

PROJECT = Path(__file__).parents[2]

Row = tuple[str, ...]
AGGREGATES = {"_provincial_mean": "(mean)", "_national": "(whole)", "_group_mean": "(mean)", "_group_min": "(whole)"}

#: The source of figures that were found in a stored copy of the publisher's home page, which names no year.
STORED_COPY = "https://dti.gov.vn/ (stored copy of about August 2022)"
#: Main indices by the name that their finder gives them, which is no concept of their framework.
CODES = {
    "rank_digital_government.data": "rank_cqs.4",
    "rank_digital_government.awareness": "rank_cqs.1",
    "rank_digital_government.activity": "rank_cqs.5",
}
#: Of which provinces these means are no source says: they stand in the national report, under no set of provinces.
UNPLACED = ("2024", "VN34", "(mean)")
UNPLACED_MEANS = {
    "score_digital_economy": "provincial_digital_economy_mean",
    "score_digital_government": "provincial_digital_government_mean",
    "score_digital_society": "provincial_digital_society_mean",
}
#: The figure of a unit that the project found itself.
OWN = ("2022", "Hà Giang")


#: Figures that were collected without the words that stand around them in their source, or that its address tells of.
WORDED = {
    ("digital_economy_gdp_share", "2022-Q1"): ("khoảng 10.2", "% (estimate)"),
    ("digital_economy_revenue", "2022-Q1"): ("khoảng 53", "billion USD (estimate)"),
    ("platform_digital_economy_revenue", "2022-Q1"): ("8", "billion USD (estimate)"),
    ("ict_sector_revenue", "2022-S1"): ("1833162", "billion VND (estimate)"),
    ("digital_economy_gdp_share", "2024-S1"): ("18.3", "% (estimate)"),
    ("digital_economy_revenue", "2022-S1"): ("khoảng 10", "billion USD"),
    ("market40_traders", "2022-S1"): ("trên 2100", "traders"),
}


def held(feed: str, files: str, columns: str) -> Counter[Row]:
    """The committed rows of a feed, with their period's folder first, as text."""
    rows: Counter[Row] = Counter()
    for path in sorted((PROJECT / "data" / "feeds" / feed).glob(f"*/{files}.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows.update((path.parent.name, *(row[name] for name in columns.split())) for row in csv.DictReader(file))
    return rows


def sdmx(period: str) -> str:
    if period == "2021-2025 mean":
        return "2021/2025"
    if len(period) == 7 and period[5:].isdigit():
        return f"{period[:5]}M{period[5:]}"
    return period.replace("-H", "-S")


def found_results(ranked: str) -> Counter[Row]:
    """The figures found later, as committed: those of ministries, or of provinces and the country.

    Without what is no figure of a unit (how many units lie above a score), was worked out from a growth, or names no
    geography.
    """
    rows: Counter[Row] = Counter()
    for row in collected("dti_results_found_2026-11-25"):
        level, _, group = row["level"].partition(":")
        unplaced = row["metric"].startswith("n_units_") or "geography (63 or 34) not said" in row["certainty"]
        if unplaced or row["certainty"].startswith("computed") or bool(group) != (ranked == "ministries"):
            continue
        copied = row["source_url"] == "https://dti.gov.vn/"
        unit = "(whole)" if level == "national" else row["unit"]
        place = (row["year"], row["geography"], *([group] if group else []), unit)
        inferred = "inferred" if row["certainty"].startswith("inferred") else "verbatim"
        certainty = "year_inferred" if copied else inferred
        source = STORED_COPY if copied else row["source_url"]
        rows[*place, CODES.get(row["metric"], row["metric"]), row["value"], source, certainty] = 1
    return rows


def test_every_collected_result_of_a_province_is_committed_and_no_other() -> None:
    expected: Counter[Row] = Counter()
    for row in collected("dti_results_province"):
        name = AGGREGATES.get(row["province"], row["province"])
        new = name.endswith(" (34)") or (row["province"] == "_provincial_mean" and row["year"] == "2024")
        geography = "VN" if row["province"] == "_national" else "VN34" if new else "VN63"
        figure = (row["metric"], row["value"], row["source_url"], row["certainty"])
        if (place := (row["year"], geography, name.removesuffix(" (34)"))) != UNPLACED:
            expected[*place, *figure] += 1
    columns = "geography unit metric value source certainty"
    found = held("published_results", "provinces", columns) + held("published_results", "country", columns)
    expected |= found_results("provinces")
    assert expected - found == Counter()
    if expected:
        assert Counter((row[0], row[2]) for row in (found - expected).elements()) == {OWN: 7}
    assert not any(row[:3] == UNPLACED for row in found)
    assert found.total() == 567 - 9 + 157 + 7 - 4
    assert digest(found.elements()) == "eed767a3ee3d85bb"


FIXTURE_COLUMNS = {
    "nhan_thuc": "score_awareness",
    "the_che": "score_institutions",
    "ha_tang": "score_infrastructure",
    "nhan_luc": "score_human_resources",
    "attt": "score_cybersecurity",
    "hd_cqs": "score_digital_government_activity",
    "hd_kts": "score_digital_economy_activity",
    "hd_xhs": "score_digital_society_activity",
    "pillar_cqs": "score_digital_government",
    "pillar_kts": "score_digital_economy",
    "pillar_xhs": "score_digital_society",
    "dti": "score_overall",
    "rank": "rank_overall",
}
FIXTURE_NAMES = {
    "TP. Đà Nẵng": "Đà Nẵng",
    "Thừa Thiên - Huế": "Thừa Thiên Huế",
    "TP. Cần Thơ": "Cần Thơ",
    "(mean of 63 provinces)": "(mean)",
    "(mean of 34 provinces)": "(mean)",
}


def test_every_fixture_is_the_exact_duplicate_of_a_committed_figure_of_its_source() -> None:
    found = held("published_results", "provinces", "unit metric value source")
    figures = {
        (year, unit, metric, float(value), source) for year, unit, metric, value, source in found if value != "yes"
    }
    wanted = [
        (row["year"], FIXTURE_NAMES.get(row["unit_vi"], row["unit_vi"]), metric, float(row[column]), row["source_url"])
        for row in collected("fixtures_published_values") or fixtures()
        for column, metric in FIXTURE_COLUMNS.items()
        if row[column]
    ]
    placed = [w for w in wanted if w[:2] != (UNPLACED[0], UNPLACED[2])]
    missing = [w for w in placed if not any(f[:4] == w[:4] and f[4] in w[4] for f in figures)]
    assert len(wanted) == (83 if real("reference/fixtures_published_values.csv") else 164)
    assert missing == []


def fixtures() -> list[dict[str, str]]:
    """A stand-in: the printed figures of 2022 in one row a province and source, as the collected fixtures have them."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    columns = {metric: column for column, metric in FIXTURE_COLUMNS.items()}
    for year, unit, metric, value, source in held("published_results", "provinces", "unit metric value source"):
        if year == "2022" and metric in columns:
            blank = {"year": year, "unit_vi": unit, "source_url": source, **dict.fromkeys(FIXTURE_COLUMNS, "")}
            rows.setdefault((unit, source), blank)[columns[metric]] = value
    return list(rows.values())


def test_every_collected_result_of_a_ministry_is_committed_and_no_other() -> None:
    expected: Counter[Row] = Counter()
    for row in collected("dti_results_ministry"):
        lowest, count = row["ministry"] == "_group_min", row["metric"] == "n_units"
        unit = "(whole)" if count else AGGREGATES.get(row["ministry"], row["ministry"])
        metric = "lowest_overall" if lowest else row["metric"]
        expected[
            row["year"], "MIN22", row["group"], unit, metric, row["value"], row["source_url"], row["certainty"]
        ] += 1
    expected |= found_results("ministries")
    found = held("published_results", "ministries", "geography group unit metric value source certainty")
    changes = Counter({row: count for row, count in found.items() if row[4].startswith("change_")})
    assert expected in (Counter(), found - changes)
    assert found.total() == 57 + 29 + changes.total()
    ((culture, count),) = changes.items()
    assert (culture[0], culture[3:6], count) == ("2022", ("Bộ Văn hóa, Thể thao và Du lịch", "change_overall", "1"), 1)
    assert digest(found.elements()) == "83ca90fc1e4121d6"


def test_every_collected_national_figure_is_committed_and_no_other() -> None:
    expected: Counter[Row] = Counter()
    for row in collected("national_indicators"):
        period = sdmx(row["period"])
        names = (row["indicator_code"], row["name_vi"], row["name_en"])
        worded = WORDED.get((row["indicator_code"], period), (row["value"], row["unit"]))
        figure = (*worded, row["source_url"], row["certainty"])
        expected[period.split("/")[-1], *names, period, *figure, row["target"], row["target_source"]] += 1
    columns = "indicator name_vi name_en period value unit source certainty plan plan_document"
    found = held("national_report", "indicators", columns)
    unplaced = Counter({row: count for row, count in found.items() if row[1] in UNPLACED_MEANS.values()})
    assert expected in (Counter(), found - unplaced)
    assert found.total() == 72 + unplaced.total() == 75
    assert digest(found.elements()) == "de2ab4a91a4957bb"


def test_means_of_provinces_that_no_source_names_are_figures_of_the_national_report() -> None:
    found = held("national_report", "indicators", "indicator value source")
    indicators = UNPLACED_MEANS | {"score_overall": "provincial_dti_mean"}
    means = {row[1]: row[2:] for row in found if row[0] == UNPLACED[0] and row[1] in indicators.values()}
    assert {name: value for name, (value, _) in means.items()} == {
        "provincial_digital_economy_mean": "0.7723", "provincial_digital_government_mean": "0.7582",
        "provincial_digital_society_mean": "0.7692", "provincial_dti_mean": "0.6961",
    }  # fmt: skip
    for row in collected("dti_results_province"):
        if (row["year"], row["province"]) == ("2024", "_provincial_mean"):
            assert means[indicators[row["metric"]]] == (row["value"], row["source_url"])


def test_every_collected_provincial_figure_is_committed_and_no_other() -> None:
    expected: Counter[Row] = Counter()
    for row in collected("provincial_indicators"):
        period = sdmx(row["period"])
        names = (
            AGGREGATES.get(row["province"], row["province"]),
            row["indicator_code"],
            row["name_vi"],
            row["name_en"],
        )
        worded = WORDED.get((row["indicator_code"], period), (row["value"], row["unit"]))
        figure = (*worded, row["source_url"], row["certainty"])
        expected[period, "VN63", *names, period, *figure] += 1
    columns = "geography province indicator name_vi name_en period value unit source certainty"
    found = held("provincial_report", "indicators", columns)
    assert expected in (Counter(), found)
    assert found.total() == 42
    assert digest(found.elements()) == "7b5a7b7fececeb2e"


#: The figures of each feed that has CSV files.
HEIGHTS = {
    "published_results": 567 - 9 + 157 + 7 - 4 + 57 + 29 + 1, "national_report": 69 + 8 + 3, "provincial_report": 42,
    "verification": 63 * 98,
}  # fmt: skip


def test_every_committed_file_is_accounted_for_cell_by_cell(committed: dict[tuple[str, str, str], Parsed]) -> None:
    assert len([feed for feed, _, _ in committed if feed in HEIGHTS]) == 35
    Quarantine.validate(pl.concat(parsed.quarantine for parsed in committed.values()))
    Submissions.validate(pl.concat(parsed.submissions for parsed in committed.values()))
    for parsed in committed.values():
        row = parsed.submissions.row(0, named=True)
        assert row["status"] != "refused"
        assert parsed.quarantine["locator"].n_unique() == row["quarantined"]


def test_nothing_of_the_committed_feeds_is_held_back(committed: dict[tuple[str, str, str], Parsed]) -> None:
    assert pl.concat(parsed.quarantine for parsed in committed.values()).is_empty()


def test_only_what_was_printed_word_for_word_is_no_estimate(committed: dict[tuple[str, str, str], Parsed]) -> None:
    read = pl.concat(parsed.observations for parsed in committed.values())
    figures = read.filter(pl.col("certainty") != "submitted", pl.col("evidence") == "official")
    as_in_source = pl.col("certainty").is_in(("verbatim", "year_inferred"))
    assert set(figures.filter(~as_in_source)["obs_status"]) == {"E"}
    verbatim = figures.filter(certainty="verbatim")
    assert verbatim.filter(obs_status="P")["node"].to_list() == ["digital_economy_va_gdp_share_gso_prelim"]
    assert sorted(verbatim.filter(obs_status="E").select("node", "period").rows()) == [
        ("digital_economy_gdp_share", "2022-Q1"),
        ("digital_economy_gdp_share", "2024-S1"),
        ("digital_economy_revenue", "2022-Q1"),
        ("ict_sector_revenue", "2022-S1"),
        ("platform_digital_economy_revenue", "2022-Q1"),
        ("platform_digital_economy_revenue", "2024"),
    ]


def test_every_indicator_of_the_reference_is_reported_where_it_says(
    committed: dict[tuple[str, str, str], Parsed], known: Known
) -> None:
    levels = {code: unit.level for code, unit in known.units.all.items()}
    reported: dict[str, set[str]] = {}
    for parsed in committed.values():
        for node, unit in parsed.observations.filter(pl.col("basis") == "reported").select("node", "unit").rows():
            reported.setdefault(node, set()).add("national" if levels[unit] == "national" else "provincial")
    assert reported == {
        code: {"national", "provincial"} if indicator.level == "both" else {indicator.level}
        for code, indicator in known.units.indicators.items()
    }


def test_a_row_is_an_observation(committed: dict[tuple[str, str, str], Parsed]) -> None:
    heights: Counter[str] = Counter()
    for (feed, _, _), parsed in committed.items():
        heights[feed] += parsed.observations.height
    assert {feed: heights[feed] for feed in HEIGHTS} == HEIGHTS


def test_the_committed_files_together_keep_one_key_each(committed: dict[tuple[str, str, str], Parsed]) -> None:
    Observations.validate(pl.concat(parsed.observations for parsed in committed.values()))
