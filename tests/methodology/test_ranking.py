"""Who stands where: competition ranking, enough peers, printed ranks, groups, and the source that leads."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from dti_platform import tables
from dti_platform.methodology import Framework, Frameworks, headline, rank, rank_year, score
from dti_platform.sources import source_class
from dti_platform.units import Units
from tests.methodology.observed import observed, one, printed
from tests.methodology.small_index import SMALL, TREE

Small = Callable[..., Framework]
MEMBERS = [f"VN63-{code}" for code in ("01", "02", "04", "06", "08", "10", "11", "12", "14", "15")]


def ranked(framework: Framework, units: Units, totals: dict[str, float], members: tuple[str, ...]) -> pl.DataFrame:
    rows = [
        (unit, code, value)
        for unit, total in totals.items()
        for code, value in (("A1", 0), ("A2", 0), ("B1", total), ("B2", 0))
    ]
    observations = observed(rows, framework="1")
    return rank(score(observations, framework, members), observations, framework, units)


def places(rankings: pl.DataFrame, node: str = "T") -> dict[str, int | None]:
    return dict(rankings.filter(pl.col("node") == node).sort("unit").select("unit", "rank").iter_rows())


def test_equal_scores_share_a_place_and_the_next_is_left_out(small: Small, known_units: Units) -> None:
    members = known_units.geographies["VN63"]
    totals = {unit: 30 - index / 10 for index, unit in enumerate(members)}
    totals[members[15]] = totals[members[14]]
    rankings = ranked(small(), known_units, totals, members)
    found = places(rankings)
    assert [found[members[index]] for index in (13, 14, 15, 16)] == [14, 15, 15, 17]
    assert set(rankings["rank_status"]) == {"complete"}
    assert set(rankings["peers"]) == set(rankings["ranked"]) == {63}
    assert tables.meets(tables.Rankings, rankings)


def test_a_rank_among_illustrative_figures_is_illustrative(small: Small, known_units: Units) -> None:
    members = known_units.geographies["VN63"]
    framework = small()

    def evidence(*made_up: str) -> dict[str, str]:
        rows = [
            observed([(unit, "B1", float(index % 30))], framework="1", evidence=kind)
            for index, unit in enumerate(members)
            for kind in ["illustrative" if unit in made_up else "official"]
        ]
        observations = pl.concat(rows)
        rankings = rank(score(observations, framework, members), observations, framework, known_units)
        return dict(rankings.filter(node="B1").select("unit", "evidence").iter_rows())

    assert set(evidence().values()) == {"official"}
    assert set(evidence(members[5]).values()) == {"illustrative"}


def test_an_official_source_is_ranked_before_an_illustrative_one(small: Small, known_units: Units) -> None:
    unit, framework = "VN63-01", small()
    sources = {"a": "illustrative", "b": "official"}
    observations = pl.concat(
        [observed([(unit, "B1", 1.0)], framework="1", source=name, evidence=kind) for name, kind in sources.items()]
    )
    rankings = rank(score(observations, framework, [unit]), observations, framework, known_units)
    assert one(rankings, node="B1", unit=unit)["source"] == "b"


def test_a_difference_below_the_declared_rounding_is_a_tie(small: Small, known_units: Units) -> None:
    members = known_units.geographies["VN63"]
    totals = dict.fromkeys(members, 5.0) | {members[0]: 5.0049, members[1]: 5.005}
    rankings = ranked(small(), known_units, totals, members)
    found = places(rankings)
    assert (found[members[1]], found[members[0]], found[members[2]]) == (1, 2, 2)
    top = one(rankings, node="T", unit=members[1])
    assert (top["score"], top["rank_score"]) == (0.05005, 0.0501)


def test_a_score_is_rounded_once_to_judge_ties(small: Small, known_units: Units) -> None:
    members = known_units.geographies["VN63"]
    totals = dict.fromkeys(members, 5.0) | {members[0]: 5.00499996}
    rankings = ranked(small(), known_units, totals, members)
    first = one(rankings, node="T", unit=members[0])
    assert (first["score"], first["rank_score"], first["rank"]) == (0.05005, 0.05, 1)
    assert set(rankings.filter(pl.col("node") == "T")["rank"]) == {1}


def test_what_a_framework_declares_decides_on_ties_and_on_who_is_ranked(
    load_text: Callable[..., Frameworks], known_units: Units
) -> None:
    declared = SMALL.replace("tie =", "tie_decimals = 2\nprovisional_from = 0.5\ntie =") + TREE
    (framework,) = load_text(declared).all
    members = known_units.geographies["VN63"]
    totals = {members[index]: 5.0 + index / 100 for index in range(32)}
    rankings = ranked(framework, known_units, totals, members).filter(
        pl.col("node") == "T", pl.col("rank").is_not_null()
    )
    assert set(rankings["rank_status"]) == {"provisional"}
    assert rankings["rank"].to_list() == [1] * 32
    withheld = ranked(framework, known_units, dict.fromkeys(members[:31], 5.0), members)
    assert set(withheld.filter(pl.col("node") == "T")["rank_status"]) == {"withheld"}


@pytest.mark.parametrize(
    ("scored", "status", "first"),
    [(63, "complete", 1), (62, "provisional", 1), (57, "provisional", 1), (56, "withheld", None)],
)
def test_how_many_peers_must_have_a_score(
    small: Small, known_units: Units, scored: int, status: str, first: int | None
) -> None:
    members = known_units.geographies["VN63"]
    totals = {unit: float(index % 30) for index, unit in enumerate(members[:scored])}
    rankings = ranked(small(), known_units, totals, members)
    top = rankings.filter(pl.col("node") == "T")
    assert set(top["rank_status"]) == {status}
    assert top["rank"].min() == first
    assert set(top["ranked"]) == {scored}
    assert top["rank"].null_count() == (63 if first is None else 63 - scored)
    assert tables.meets(tables.Rankings, rankings)


def test_every_node_is_a_ranking_of_its_own(small: Small, known_units: Units) -> None:
    members = known_units.geographies["VN63"]
    framework = small()
    rows = [(unit, "B1", float(index % 30)) for index, unit in enumerate(members)]
    observations = observed(rows, framework="1")
    rankings = rank(score(observations, framework, members), observations, framework, known_units)
    assert set(rankings.filter(pl.col("node") == "B1")["rank_status"]) == {"complete"}
    assert set(rankings.filter(pl.col("node") == "T")["rank_status"]) == {"withheld"}


def test_eleven_of_63_are_not_ranked_in_2020(frameworks: Frameworks, known_units: Units) -> None:
    framework, members = frameworks.get("1726", "provincial"), known_units.geographies["VN63"]
    parts = [(unit, pillar, 0.4) for unit in members[:11] for pillar in ("CQS", "KTS", "XHS")]
    observations = printed(parts, framework="1726", period="2020")
    ours = rank(score(observations, framework, members), observations, framework, known_units)
    assert ours.height == 63
    assert set(ours["rank_status"]) == {"withheld"}
    assert set(ours["ranked"]) == {11}
    assert ours["rank"].null_count() == 63


def test_printed_ranks_are_carried_source_by_source(frameworks: Frameworks, known_units: Units) -> None:
    framework = frameworks.get("922", "provincial")
    places_2022 = [("VN63-38", "PDTI", 15), ("VN63-15", "PDTI", 15), ("VN63-93", "PDTI", 17)]
    observations = pl.concat(
        [
            printed(places_2022, measure="rank", source="https://a.example"),
            printed(places_2022[:1], measure="rank", source="https://b.example"),
            printed([("VN63-38", "PDTI", 0.6)], source="https://b.example"),
        ]
    )
    scores = score(observations, framework, known_units.geographies["VN63"])
    rankings = rank(scores, observations, framework, known_units)
    assert rankings.select("unit", "source", "rank", "score").rows() == [
        ("VN63-15", "https://a.example", 15, None),
        ("VN63-38", "https://a.example", 15, None),
        ("VN63-38", "https://b.example", 15, 0.6),
        ("VN63-93", "https://a.example", 17, None),
    ]
    assert set(rankings["rank_status"]) == {"published"}
    assert set(rankings["ranked"]) == {3}
    assert set(rankings["peers"]) == {63}


def test_a_group_of_ministries_has_as_many_peers_as_a_source_says(frameworks: Frameworks, known_units: Units) -> None:
    framework = frameworks.get("922", "ministerial")
    same = {"geography": "MIN22", "period": "2021"}
    observations = pl.concat(
        [
            printed([("MIN22-BTC", "MDTI", 1)], measure="rank", peer_group="with_public_services", **same),
            printed([("MIN22", "MDTI", 17)], measure="units", peer_group="with_public_services", **same),
            printed([("MIN22-VTV", "MDTI", 2)], measure="rank", peer_group="without_public_services", **same),
        ]
    )
    scores = score(observations, framework, known_units.geographies["MIN22"])
    rankings = rank(scores, observations, framework, known_units)
    assert one(rankings, unit="MIN22-BTC")["peers"] == 17
    assert one(rankings, unit="MIN22-VTV")["peers"] is None
    assert rankings.height == 2, "the group itself has no place"


def test_ministries_are_ranked_within_their_group(frameworks: Frameworks, known_units: Units) -> None:
    framework = frameworks.get("922", "ministerial")
    codes = [node.code for node in framework.inputs]
    groups = {"MIN22-BTC": "with", "MIN22-BYT": "with", "MIN22-VTV": "without"}
    worth = {"MIN22-BTC": 50.0, "MIN22-BYT": 60.0, "MIN22-VTV": 10.0}
    observations = pl.concat(
        [
            observed([(u, c, worth[u]) for c in codes], peer_group=group, geography="MIN22")
            for u, group in groups.items()
        ]
        + [
            printed([("MIN22", "MDTI", n)], measure="units", peer_group=g, geography="MIN22")
            for g, n in (("with", 2), ("without", 2))
        ]
    )
    scores = score(observations, framework, known_units.geographies["MIN22"])
    rankings = rank(scores, observations, framework, known_units).filter(pl.col("node") == "MDTI")
    assert rankings.select("unit", "rank", "rank_status").rows() == [
        ("MIN22-BTC", 2, "complete"),
        ("MIN22-BYT", 1, "complete"),
        ("MIN22-VTV", None, "withheld"),
    ]


def test_of_several_sources_the_leading_one_is_ranked(small: Small, known_units: Units) -> None:
    framework, unit = small(), "VN63-01"
    full = [(unit, "A1", 1), (unit, "A2", 1), (unit, "B1", 1), (unit, "B2", 1)]
    sources = {"https://z.example": full, "https://official.example/x": full, "https://a.example": full[:1]}
    observations = pl.concat(
        [
            printed(rows, framework="1", measure="points", source=source, feed="published_results")
            for source, rows in sources.items()
        ]
    )
    scores = score(observations, framework, [unit])
    rankings = rank(scores, observations, framework, known_units)
    assert one(rankings, node="T")["source"] == "https://official.example/x"
    in_part = observations.filter(~pl.col("source").str.contains("official") | (pl.col("node") == "A1"))
    rankings = rank(score(in_part, framework, [unit]), in_part, framework, known_units)
    assert one(rankings, node="T")["source"] == "https://z.example", "one that gives no score never leads"


DOMAINS = {
    "dti.gov.vn": "publisher", "gov.vn": "government_body", "nhandan.vn": "state_press", "laodong.vn": "press",
}  # fmt: skip
HEADLINES = {
    "the publisher before all who print": (
        [("https://www.dti.gov.vn/x", "verbatim", 1), ("https://a.example", "verbatim", 9)],
        "https://www.dti.gov.vn/x",
    ),
    "the publisher without a year before a quotation with one": (
        [("https://www.dti.gov.vn/x", "year_inferred", 1), ("https://nhandan.vn/x", "verbatim", 9)],
        "https://www.dti.gov.vn/x",
    ),
    "as printed before paraphrased, whoever says it": (
        [("https://www.dti.gov.vn/x", "paraphrased", 9), ("https://b.example", "verbatim", 1)],
        "https://b.example",
    ),
    "a public body before newspapers": (
        [("https://nhandan.vn/x", "verbatim", 9), ("https://travinh.gov.vn/x", "verbatim", 1)],
        "https://travinh.gov.vn/x",
    ),
    "the state press before the other": (
        [("https://laodong.vn/x", "verbatim", 9), ("https://nhandan.vn/x", "verbatim", 1)],
        "https://nhandan.vn/x",
    ),
    "the press before a third party": (
        [("https://a.example", "verbatim", 9), ("https://laodong.vn/x", "verbatim", 1)],
        "https://laodong.vn/x",
    ),
    "within a class verbatim before a year that was inferred": (
        [("https://a.example", "year_inferred", 9), ("https://b.example", "verbatim", 1)],
        "https://b.example",
    ),
    "most figures before few": (
        [("https://a.example", "verbatim", 2), ("https://b.example", "verbatim", 5)],
        "https://b.example",
    ),
    "else by the alphabet": (
        [("https://b.example", "verbatim", 2), ("https://a.example", "verbatim", 2)],
        "https://a.example",
    ),
}


@pytest.mark.parametrize("case", HEADLINES)
def test_which_source_leads(case: str) -> None:
    sources, leading = HEADLINES[case]
    rows = [
        printed(
            [("VN63-01", "PDTI", 0.5)] + [(u, "PDTI", 0.4) for u in MEMBERS[1:many]],
            source=s,
            certainty=c,
            source_class=source_class(s, DOMAINS),
        )
        for s, c, many in sources
    ]
    led = headline(pl.concat(rows), "dti.gov.vn")
    assert one(led, unit="VN63-01")["source"] == leading
    assert led.columns == list(tables.polars_schema(tables.Observations))


def test_each_figure_has_its_own_headline() -> None:
    rows = pl.concat(
        [
            printed([("VN63-01", "PDTI", 0.5)], source="https://a.example"),
            printed([("VN63-01", "PDTI", 3)], source="https://b.example", measure="rank"),
            printed([("VN63-01", "PDTI", 9)], source="https://b.example", measure="top"),
            observed([("VN63-01", "PDTI", 3)]),
        ]
    )
    assert headline(rows, "dti.gov.vn").select("measure", "source").rows() == [
        ("rank", "https://b.example"),
        ("score", "https://a.example"),
    ]


def test_a_year_ranks_every_geography_apart(frameworks: Frameworks, known_units: Units) -> None:
    observations = pl.concat(
        [
            printed([(f"{each}-48", "PDTI", place)], measure="rank", geography=each, framework="405", period="2024")
            for each, place in (("VN63", 2), ("VN34", 17))
        ]
    )
    rankings = rank_year(2024, tables.empty(tables.Scores), observations, known_units, frameworks)
    assert rankings.select("unit", "rank", "peers").rows() == [("VN34-48", 17, 34), ("VN63-48", 2, 63)]
    assert rank_year(
        2024, tables.empty(tables.Scores), tables.empty(tables.Observations), known_units, frameworks
    ).is_empty()
