"""The words of an explanation, Vietnamese and English side by side. ``{...}`` is filled by the line that uses them."""

from __future__ import annotations

from typing import Literal

__all__ = ["BASES", "COMPARISONS", "EVIDENCE", "LINES", "MEASURES", "VERDICTS", "Language", "number", "say"]

Language = Literal["vi", "en"]
Pair = tuple[str, str]

#: The first line: on what evidence the trace rests.
EVIDENCE: dict[str, Pair] = {
    "official": (
        "Bằng chứng: chỉ số liệu đã công bố (chính thức) và số tính lại từ đó.",
        "Evidence: published figures only (official), and what is recomputed from them.",
    ),
    "both": (
        "Bằng chứng: số đã công bố là chính thức; phần ghi MINH HỌA dựa trên dữ liệu giả lập, không thay cho số đó.",
        "Evidence: published figures are official; what is ILLUSTRATIVE rests on synthetic data, never replacing them.",
    ),
    "illustrative": (
        "Bằng chứng: CHỈ MINH HỌA: dữ liệu giả lập hoặc danh mục chỉ số minh họa; không có số liệu đã công bố.",
        "Evidence: ILLUSTRATIVE ONLY: synthetic data or a made-up list of indicators; nothing was published.",
    ),
    "none": (
        "Bằng chứng: không có số liệu nào đọc được cho đơn vị này trong kỳ này.",
        "Evidence: no figure of this unit was read for this period.",
    ),
}
BASES: dict[str, Pair] = {
    "published": ("đã công bố", "published"),
    "recomputed": ("tính lại từ các phần đã công bố", "recomputed from published parts"),
    "self": ("tự chấm", "self score"),
    "verified": ("thẩm định", "verified score"),
    "final": ("chính thức sau phản hồi", "final score"),
    "reported": ("báo cáo", "reported"),
}
MEASURES: dict[str, Pair] = {
    "rank": ("hạng", "rank"),
    "score": ("điểm", "score"),
    "points": ("điểm thành phần", "points"),
    "top": ("thuộc nhóm đầu", "among the top"),
    "bottom": ("thuộc nhóm cuối", "among the bottom"),
    "units": ("số đơn vị", "units"),
    "value": ("giá trị", "value"),
    "plan": ("kế hoạch", "plan"),
    "minimum": ("thấp nhất", "minimum"),
    "numerator": ("tử số", "numerator"),
    "denominator": ("mẫu số", "denominator"),
    "share": ("phần của điểm tối đa", "share of the maximum"),
}
VERDICTS: dict[str, Pair] = {
    "agrees": ("khớp", "agrees"),
    "differs": ("lệch", "differs"),
    "by construction": ("khớp do cách dựng", "by construction"),
    "not computable": ("không tính được", "not computable"),
}
COMPARISONS: dict[str, Pair] = {
    "not_ranked": ("không có hạng", "no rank"),
    "no_earlier_ranking": ("không có bảng xếp hạng trước đó", "no earlier ranking"),
    "other_level": ("kỳ trước xếp hạng cấp khác", "the earlier ranking is of another level"),
    "other_geography": ("kỳ trước xếp hạng tập đơn vị khác", "the earlier ranking is of another set of units"),
    "other_framework_family": (
        "kỳ trước theo bộ chỉ số khác, không so được",
        "the earlier ranking is by another framework",
    ),
    "other_basis": ("kỳ trước không có cùng cơ sở", "the earlier ranking is on another basis"),
    "not_ranked_before": ("kỳ trước không tìm thấy hạng", "no rank was found in the earlier ranking"),
}
QUALIFIERS: dict[str, Pair] = {
    "exact": ("", ""),
    "over": ("trên ", "over "),
    "about": ("khoảng ", "about "),
    "under": ("dưới ", "under "),
}
#: Headings and sentences.
LINES: dict[str, Pair] = {
    "published": ("Số liệu đã in, theo nguồn (* dẫn đầu)", "Printed figures, by source (* leads)"),
    "standing": ("Hạng {rank}/{peers}, {basis}", "Rank {rank} of {peers}, {basis}"),
    "unranked": (
        "Không có hạng, {basis}: {ranked}/{peers} đơn vị có điểm",
        "No rank, {basis}: {ranked} of {peers} have a score",
    ),
    "change": ("so với {period}: {before} -> {rank} ({change:+d})", "since {period}: {before} -> {rank} ({change:+d})"),
    "unchanged": ("như {period}", "as in {period}"),
    "no_change": ("không so với kỳ trước: {why}", "not compared: {why}"),
    "score": ("điểm {score}", "score {score}"),
    "illustrative": ("MINH HỌA", "ILLUSTRATIVE"),
    "verdicts": ("Đối chiếu với số đã công bố", "Held against what was published"),
    "gaps": ("Đã nhận và còn thiếu", "Received and missing"),
    "gap": (
        "{feed}: nhận {received}, chấp nhận {accepted}, giữ lại {quarantined}{missing}",
        "{feed}: received {received}, accepted {accepted}, held back {quarantined}{missing}",
    ),
    "missing": (", thiếu {missing}/{expected} đầu vào", ", {missing} of {expected} inputs missing"),
    "why": (
        "Vì sao hạng này ({basis}): điểm mất so với {next} (ngay trên) và so với trung bình {above} đơn vị trên",
        "Why this rank ({basis}): points lost to {next} (just above) and to the mean of {above} units above",
    ),
    "loss": ("{points} điểm; mất {next}, {mean}", "{points} points; lost {next}, {mean}"),
    "descent": ("Từ điểm xuống ô ({basis})", "From the score to the cells ({basis})"),
    "rounding": ("làm tròn và đồng hạng: {rounding}", "rounding and ties: {rounding}"),
    "absent": ("thiếu {missing} phần ({rule})", "{missing} parts missing ({rule})"),
    "reach": ("Ô này cho các giá trị", "Values read in this cell"),
    "moved": ("Điểm và hạng dựa trên ô này", "Scores and ranks that rest on this cell"),
    "nothing_moved": ("không điểm hay hạng nào dựa trên ô này", "no score or rank rests on this cell"),
}


def say(pair: Pair, language: Language, **details: object) -> str:
    """The words of a pair in one language, filled."""
    return pair[0 if language == "vi" else 1].format(**details)


def number(value: float | None, decimals: int = 4) -> str:
    """A figure without needless zeros; a dot where there is none."""
    if value is None:
        return "·"
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
