"""The glossary: terms that are shown to people, each with one wording in Vietnamese and English.

Here: the names of coded values, whatever shows them. Not here: sentences (``explain.words``), problems of files and
cells (``problems``), nor the wording of released tables, which stands with their models.
"""

from __future__ import annotations

from collections.abc import Mapping

from dti_platform.language import Bilingual

__all__ = [
    "BASES",
    "CHANGES",
    "CLASSES",
    "COMPARISONS",
    "ILLUSTRATIVE",
    "MEASURES",
    "OUTCOMES",
    "QUALIFIERS",
    "SEVERITIES",
    "VERDICTS",
]

BASES: Mapping[str, Bilingual] = {
    "published": Bilingual("đã công bố", "published"),
    "recomputed": Bilingual("tính lại từ các phần đã công bố", "recomputed from published parts"),
    "self": Bilingual("tự đánh giá", "self score"),
    "verified": Bilingual("thẩm định", "verified score"),
    "final": Bilingual("cuối cùng (sau giải trình)", "final score"),
    "reported": Bilingual("báo cáo", "reported"),
}
ILLUSTRATIVE = Bilingual("MINH HỌA", "ILLUSTRATIVE")
MEASURES: Mapping[str, Bilingual] = {
    "rank": Bilingual("hạng", "rank"),
    "score": Bilingual("điểm", "score"),
    "points": Bilingual("điểm thành phần", "points"),
    "top": Bilingual("thuộc nhóm đầu", "among the top"),
    "bottom": Bilingual("thuộc nhóm cuối", "among the bottom"),
    "units": Bilingual("số đơn vị", "units"),
    "value": Bilingual("giá trị", "value"),
    "plan": Bilingual("kế hoạch", "plan"),
    "minimum": Bilingual("thấp nhất", "minimum"),
    "numerator": Bilingual("tử số", "numerator"),
    "denominator": Bilingual("mẫu số", "denominator"),
    "share": Bilingual("tỷ lệ điểm tối đa", "share of the maximum"),
}
VERDICTS: Mapping[str, Bilingual] = {
    "agrees": Bilingual("khớp", "agrees"),
    "differs": Bilingual("lệch", "differs"),
    "by construction": Bilingual("khớp vì dữ liệu được dựng theo số đã công bố", "by construction"),
    "not computable": Bilingual("không tính được", "not computable"),
}
COMPARISONS: Mapping[str, Bilingual] = {
    "not_ranked": Bilingual("không có hạng", "no rank"),
    "no_earlier_ranking": Bilingual("không có bảng xếp hạng trước đó", "no earlier ranking"),
    "other_level": Bilingual("kỳ trước xếp hạng cấp khác", "the earlier ranking is of another level"),
    "other_geography": Bilingual(
        "kỳ trước xếp hạng danh mục đơn vị khác", "the earlier ranking is of another set of units"
    ),
    "other_framework_family": Bilingual(
        "kỳ trước theo bộ chỉ số khác, không so sánh được",
        "the earlier ranking is by another framework",
    ),
    "other_basis": Bilingual("kỳ trước không có cùng loại điểm", "the earlier ranking is on another basis"),
    "not_ranked_before": Bilingual("kỳ trước không tìm thấy hạng", "no rank was found in the earlier ranking"),
}
QUALIFIERS: Mapping[str, Bilingual] = {
    "exact": Bilingual("", ""),
    "over": Bilingual("trên ", "over "),
    "about": Bilingual("khoảng ", "about "),
    "under": Bilingual("dưới ", "under "),
}
OUTCOMES: Mapping[str, Bilingual] = {
    "accepted": Bilingual("Chấp nhận toàn bộ", "Accepted whole"),
    "accepted_in_part": Bilingual("Chấp nhận một phần", "Accepted in part"),
    "refused": Bilingual("Từ chối", "Refused"),
    "unchanged": Bilingual("Đã nhận trước đó, không có gì thay đổi", "Received before; nothing changes"),
}
SEVERITIES: Mapping[str, Bilingual] = {"error": Bilingual("lỗi", "error"), "warning": Bilingual("cảnh báo", "warning")}
CLASSES: Mapping[str, Bilingual] = {
    "completeness": Bilingual("đầy đủ", "completeness"),
    "value": Bilingual("giá trị", "value"),
    "constraint": Bilingual("ràng buộc", "constraint"),
    "consistency": Bilingual("nhất quán", "consistency"),
}
CHANGES: Mapping[str, Bilingual] = {
    "new": Bilingual("mới", "new"),
    "changed": Bilingual("thay đổi", "changed"),
    "unchanged": Bilingual("giữ nguyên", "unchanged"),
    "withdrawn": Bilingual("rút lại", "withdrawn"),
}
