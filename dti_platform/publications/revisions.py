"""``revisions``: every score and rank that changed from one release to the next, with the cells that changed it.

Not a table of a year: ``changed`` compares a release with the one before; all releases together hold the history. Here:
what changed, and how it reads. Not here: which cells of received files differ and what rests on them (``causes``).

"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
from pandera.engines.polars_engine import Float64, Int32, String

from dti_platform import tables
from dti_platform.periods import PERIOD
from dti_platform.publications import shaped
from dti_platform.publications.causes import CELLS, with_causes
from dti_platform.publications.figures import KEY

if TYPE_CHECKING:
    from dti_platform.publications import Announced, Frames

TITLE_VI = "Thay đổi giữa các lần công bố"
TITLE_EN = "Changes between releases"
DESCRIPTION_VI = (
    "Mỗi dòng là một điểm hoặc hạng đã khác đi so với lần công bố liền trước: số cũ, số mới, các ô đã đổi, loại công "
    "bố (định kỳ, cập nhật số liệu, sửa sai) và lý do. Mỗi lần công bố chỉ giữ thay đổi của chính lần đó; thay đổi của "
    "các lần trước nằm trong bảng này của các lần công bố trước."
)
#: The released tables that are compared.
INPUTS = ("index_scores", "observations")

_RANKING = ["period", "framework", "geography", "basis"]
_NAMES = ["unit_name_vi", "unit_name_en", "node_name_vi", "node_name_en"]
_COMPARED = ["score", "rank", "source", "rank_source", "evidence", *_NAMES]
#: What is asked of those tables.
COLUMNS = {"index_scores": (*KEY, *_COMPARED, "parts"), "observations": CELLS}


class Revisions(tables.Table):
    """A score or a rank that differs from what the release before said, and why.

    A figure that appears in a ranking that was released before, or vanishes from it, stands here too; a ranking that
    was never there is new, not revised. ``old_`` is null where there was no figure, ``new_`` where there is none
    any more. A rank may move because a peer's score did: then the cells are those of the peers.
    """

    release: String = pa.Field(str_matches=r"^\d{4,}$")
    period: String = pa.Field(str_matches=PERIOD)
    framework: String
    geography: String = pa.Field(str_matches=tables.GEOGRAPHY)
    unit: String
    unit_name_vi: String
    unit_name_en: String
    peer_group: String = pa.Field(nullable=True)
    node: String
    node_name_vi: String
    node_name_en: String
    basis: String = tables.coded("basis")
    old_score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    new_score: Float64 = pa.Field(nullable=True, ge=0, le=1)
    old_rank: Int32 = pa.Field(nullable=True, ge=1)
    new_rank: Int32 = pa.Field(nullable=True, ge=1)
    cause: String = tables.coded("cause")
    changed_cells: Int32 = pa.Field(ge=0)
    cells: String = pa.Field(nullable=True)
    type: String = tables.coded("release_type")
    reason: String = pa.Field(nullable=True)
    evidence: String = tables.coded("evidence")

    class Config(tables.Table.Config):
        """Key: one change of a figure for each release."""

        unique = ["release", *KEY]

    @pa.dataframe_check(error="a row in which nothing changed")
    @classmethod
    def something_changed(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """The score or the rank differs."""
        return data.lazyframe.select(_differs("score") | _differs("rank"))

    @pa.dataframe_check(error="a revision or a correction without its reason")
    @classmethod
    def reasons_are_given(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Who moved a figure outside the schedule says why."""
        return data.lazyframe.select((pl.col("type") == "scheduled") | pl.col("reason").is_not_null())

    @pa.dataframe_check(error="cells are counted but not named, or named but not counted")
    @classmethod
    def cells_are_named(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Changed cells go with the causes that speak of them."""
        by_cells = pl.col("cause").is_in(("cells", "peers"))
        return data.lazyframe.select(
            (by_cells == (pl.col("changed_cells") > 0)) & (by_cells == pl.col("cells").is_not_null())
        )


MODEL = Revisions


def changed(announced: Announced, before: Frames, now: Frames) -> pl.DataFrame:
    """The figures that this release changes, sorted by key.

    Args:
        announced: number, type and reason of the release in the making.
        before: ``index_scores`` and ``observations`` of the release before, ``revisions`` of all before; no rows before
            the first.
        now: ``index_scores`` and ``observations`` of the release in the making.
    """
    old = before["index_scores"]
    if old.is_empty() and before["revisions"].is_empty():
        return tables.empty(MODEL)  # before the first release, without a look at what is in the making
    revised = _of_known_rankings(changes(old, now["index_scores"]), old, before)
    del old
    if revised.is_empty():
        return tables.empty(MODEL)
    explained = with_causes(revised, before, now)
    rows = explained.with_columns(
        release=pl.lit(announced.text),
        type=pl.lit(announced.kind),
        reason=pl.lit(announced.reason, pl.String),
        changed_cells=pl.col("changed_cells").cast(pl.Int32),
    )
    return shaped(rows, MODEL)


def _of_known_rankings(differing: pl.DataFrame, old: pl.DataFrame, before: Frames) -> pl.DataFrame:
    """What differs in rankings that the release before has; of one that it lacks, the history says if it stood."""
    standing, appeared = (differing.join(old, on=_RANKING, how=how) for how in ("semi", "anti"))
    if appeared.is_empty():
        return standing
    return pl.concat([standing, appeared.join(before["revisions"], on=_RANKING, how="semi")])


def changes(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The figures of ``index_scores`` whose score or rank differs: key, names, evidence, old_ and new_ columns.

    Period by period: most say what they said, and none is compared with another.
    """
    before, now = (each.select(*KEY, *_COMPARED) for each in (before, now))
    periods = [{"period": each} for each in sorted({*before["period"].unique(), *now["period"].unique()})]
    both = ((before.filter(**each), now.filter(**each)) for each in periods)
    return pl.concat(
        [_changes(before.clear(), now.clear()), *(_changes(*each) for each in both if not each[0].equals(each[1]))]
    )


def _changes(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    old, new = (
        each.rename({name: f"{which}_{name}" for name in _COMPARED}) for which, each in (("old", before), ("new", now))
    )
    both = old.join(new, on=KEY, how="full", coalesce=True, nulls_equal=True).filter(
        _differs("score") | _differs("rank")
    )
    illustrative = pl.any_horizontal(pl.col("old_evidence", "new_evidence").eq("illustrative").fill_null(value=False))
    return both.with_columns(
        *(pl.coalesce(f"new_{name}", f"old_{name}").alias(name) for name in _NAMES),
        evidence=pl.when(illustrative).then(pl.lit("illustrative")).otherwise(pl.lit("official")),
    )


def _differs(name: str) -> pl.Expr:
    return pl.col(f"old_{name}").ne_missing(pl.col(f"new_{name}"))
