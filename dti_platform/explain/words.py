"""The words of an explanation, Vietnamese and English side by side. ``{...}`` is filled by the line that uses them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from dti_platform.language import Bilingual, Language, format_number

__all__ = ["EVIDENCE", "LINES", "number", "say"]

#: The first line: on what evidence the trace rests.
EVIDENCE: Mapping[str, Bilingual] = {
    "official": Bilingual(
        "Bằng chứng: chỉ số liệu đã công bố (chính thức) và số tính lại từ đó.",
        "Evidence: published figures only (official), and what is recomputed from them.",
    ),
    "both": Bilingual(
        "Bằng chứng: số đã công bố là chính thức; phần ghi MINH HỌA dựa trên dữ liệu giả lập, không thay cho số đó.",
        "Evidence: published figures are official; what is ILLUSTRATIVE rests on synthetic data, never replacing them.",
    ),
    "illustrative": Bilingual(
        "Bằng chứng: CHỈ MINH HỌA: dữ liệu giả lập hoặc danh mục chỉ số minh họa; không có số liệu đã công bố.",
        "Evidence: ILLUSTRATIVE ONLY: synthetic data or a made-up list of indicators; nothing was published.",
    ),
    "none": Bilingual(
        "Bằng chứng: không có số liệu nào đọc được cho đơn vị này trong kỳ này.",
        "Evidence: no figure of this unit was read for this period.",
    ),
}
#: Headings and sentences.
LINES: Mapping[str, Bilingual] = {
    "published": Bilingual("Số liệu đã công bố, theo nguồn (* dẫn đầu)", "Printed figures, by source (* leads)"),
    "standing": Bilingual("Hạng {rank}/{peers}, {basis}", "Rank {rank} of {peers}, {basis}"),
    "unranked": Bilingual(
        "Không có hạng, {basis}: {ranked}/{peers} đơn vị có điểm",
        "No rank, {basis}: {ranked} of {peers} have a score",
    ),
    "change": Bilingual(
        "so với {period}: {before} -> {rank} ({change:+d})", "since {period}: {before} -> {rank} ({change:+d})"
    ),
    "unchanged": Bilingual("giữ nguyên so với {period}", "as in {period}"),
    "no_change": Bilingual("không so với kỳ trước: {why}", "not compared: {why}"),
    "score": Bilingual("điểm {score}", "score {score}"),
    "verdicts": Bilingual("Đối chiếu với số đã công bố", "Held against what was published"),
    "gaps": Bilingual("Đã nhận và còn thiếu", "Received and missing"),
    "gap": Bilingual(
        "{feed}: nhận {received}, chấp nhận {accepted}, tạm giữ, chưa tính {quarantined}{missing}",
        "{feed}: received {received}, accepted {accepted}, held back {quarantined}{missing}",
    ),
    "missing": Bilingual(", thiếu {missing}/{expected} đầu vào", ", {missing} of {expected} inputs missing"),
    "why": Bilingual(
        "Vì sao hạng này ({basis}): điểm mất so với {next} (ngay trên) và so với trung bình {above} đơn vị trên",
        "Why this rank ({basis}): points lost to {next} (just above) and to the mean of {above} units above",
    ),
    "loss": Bilingual("{points} điểm; mất {next}, {mean}", "{points} points; lost {next}, {mean}"),
    "descent": Bilingual("Từ điểm xuống ô ({basis})", "From the score to the cells ({basis})"),
    "rounding": Bilingual("làm tròn và đồng hạng: {rounding}", "rounding and ties: {rounding}"),
    "absent": Bilingual("thiếu {missing} phần ({rule})", "{missing} parts missing ({rule})"),
    "reach": Bilingual("Ô này cho các giá trị", "Values read in this cell"),
    "moved": Bilingual("Điểm và hạng dựa trên ô này", "Scores and ranks that rest on this cell"),
    "nothing_moved": Bilingual("không điểm hay hạng nào dựa trên ô này", "no score or rank rests on this cell"),
}


def say(text: Bilingual, language: Language, **details: object) -> str:
    """A text in one language, filled."""
    return text.format(**details).text(language)


def number(value: float | None, language: Language, decimals: int = 4) -> str:
    """A figure as the language writes it, without needless zeros; a dot where there is none."""
    return "·" if value is None else format_number(Decimal(f"{value:.{decimals}f}")).text(language)
