"""The fixed words of an answer in Vietnamese and English, shared by all its forms.

Here: headings and sentences. Not here: terms (``glossary``), nor what is wrong with a cell, which the answer brings.
"""

from __future__ import annotations

from collections.abc import Sequence

from dti_platform.feeds import discover
from dti_platform.glossary import BASES, terms
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import moment
from dti_platform.submissions.answer import Answer, Change, Consequence, Finding, Group, Indicator, Standing, Worth

ACCOUNTED = terms("answer_accounted")
HEADINGS = terms("answer_headings")
_SCORES, _STANDING = terms("answer_scores"), terms("answer_standing")
#: So many places of a group, and so many missing indicators, are named.
NAMED = 3


def consequence(of: Consequence) -> Bilingual:
    """Whose score it is, before and after the file."""
    code = ", ".join(filter(None, (of.unit.unit, of.group)))
    unit = Bilingual(f"{of.unit.name.vi} ({code})", f"{of.unit.name.en} ({code})")
    before, after = worth(of, of.before), worth(of, of.after)
    return _SCORES["line"].format(unit=unit, index=named(of.index), basis=basis(of.basis), before=before, after=after)


def worth(of: Consequence, at: Worth | None) -> Bilingual:
    """What a unit stands at, as the publisher prints it."""
    if at is None:
        return _SCORES["nothing"]
    maximum = Bilingual.same("–") if of.maximum is None else format_number(of.maximum)
    points = Bilingual.same("–") if at.points is None else format_number(at.points)
    score = Bilingual.same("–") if at.score is None else format_number(at.score, of.decimals)
    known = "score" if at.score is not None else "no_maximum" if at.points is not None else "no_score"
    details = {"points": points, "score": score, "maximum": maximum, "missing": at.missing, "inputs": of.inputs}
    text = _SCORES[known].format(**details)
    return text if at.rank is None else _SCORES["ranked"].format(worth=text, rank=at.rank)


def missing(of: Consequence) -> Bilingual | None:
    """The indicators without a figure, the first of them by name; None where none is missing."""
    if not of.missing:
        return None
    indicators = shown([named(each) for each in of.missing])
    return _SCORES["missing"].format(count=len(of.missing), inputs=of.inputs, indicators=indicators)


def named(indicator: Indicator) -> Bilingual:
    """Code and name."""
    return Bilingual(f"{indicator.code} {indicator.name.vi}", f"{indicator.code} {indicator.name.en}")


def shown(texts: Sequence[Bilingual]) -> Bilingual:
    """The first of some texts, and how many more there are."""
    first, more = texts[:NAMED], len(texts) - NAMED
    listed = Bilingual("; ".join(each.vi for each in first), "; ".join(each.en for each in first))
    return _SCORES["more"].format(shown=listed, count=more) if more > 0 else listed


def places(group: Group) -> Bilingual:
    """Where the findings of a group stand, each with its indicator; of many the first and their number."""
    texts = [_place(each) for each in group.findings]
    several = _SCORES["several" if group.first.locator else "several_rows"]
    return several.format(count=len(texts), shown=shown(texts)) if len(texts) > 1 else texts[0]


def _place(finding: Finding) -> Bilingual:
    """Place, and in brackets unit and indicator, as far as they are known; what is at no cell has no place."""
    unit, node = finding.unit, finding.node
    about = [Bilingual(f"{unit.name.vi} {unit.unit}", f"{unit.name.en} {unit.unit}")] if unit else []
    about += [named(Indicator(node, finding.name or Bilingual.same("")))] if node else []
    if not about:
        return finding.place
    vi, en = ("; ".join(text.strip() for text in texts) for texts in zip(*about, strict=True))
    place = finding.place
    return Bilingual(f"{place.vi} ({vi})", f"{place.en} ({en})") if finding.locator else Bilingual(vi, en)


def read(group: Group) -> str:
    """What was read, where it is the same in all cells."""
    texts = {each.read for each in group.findings}
    return texts.pop() if len(texts) == 1 else ""


def expected(group: Group) -> Bilingual:
    """What was expected; in several ways where the cells differ."""
    return shown(list(dict.fromkeys(each.expected for each in group.findings)))


def basis(code: str) -> Bilingual:
    """The name of a basis; a code that has none stands for itself."""
    return BASES.get(code, Bilingual.same(code))


def numbered(heading: Bilingual, number: int) -> Bilingual:
    """A heading with how many entries stand below it."""
    return Bilingual(f"{heading.vi} ({number})", f"{heading.en} ({number})")


def and_more(number: int) -> Bilingual:
    """That there are more than those listed."""
    return Bilingual(f"… và {number} mục khác", f"… and {number} more")


def moved(change: Change) -> Bilingual:
    """What a figure was and is; where that is the same, its evidence or its wording changed."""
    before, after = (each or Bilingual.same("–") for each in (change.before_text, change.after_text))
    figures = Bilingual(f"{before.vi} → {after.vi}", f"{before.en} → {after.en}")
    if change.document_changed:
        return Bilingual(f"{figures.vi} (minh chứng thay đổi)", f"{figures.en} (the evidence changed)")
    return (
        Bilingual(f"{figures.vi} (cách ghi thay đổi)", f"{figures.en} (its wording changed)")
        if before == after
        else figures
    )


def save_as(answer: Answer) -> Bilingual | None:
    """Under which name a corrected file takes the place of this one; None where its sender says whose it is."""
    module = discover().get(answer.feed)
    if module is None or module.FEED.sender != "none":
        return None
    first = answer.standing.this_one and answer.standing.file_name
    return terms("answer_effects")["save_as"].format(file=first or answer.file_name)


def standing(answer: Answer) -> Bilingual:
    """Which version counts, or would if the file were sent, in a sentence."""
    counting: Standing = answer.standing
    if answer.dry_run and answer.outcome in ("accepted", "accepted_in_part"):
        return _STANDING["if_sent"]
    if counting.receipt is None:
        of_units = discover()[answer.feed].FEED.sender == "unit"
        return _STANDING["sender_unknown" if of_units and answer.refusal and answer.sender is None else "none"]
    receipt = Bilingual.same("{number} ({name}, {at})").format(
        number=counting.receipt, name=counting.file_name, at=moment(counting.received_at)
    )
    return _STANDING["this" if counting.this_one else "earlier"].format(receipt=receipt)
