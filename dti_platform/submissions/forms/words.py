"""The fixed words of an answer in Vietnamese and English, shared by all its forms.

Here: headings and sentences. Not here: terms (``glossary``), nor the texts of findings, which the answer contains.
"""

from __future__ import annotations

from collections.abc import Sequence

from dti_platform.feeds import discover
from dti_platform.glossary import BASES, terms
from dti_platform.language import Bilingual, format_number
from dti_platform.periods import moment
from dti_platform.submissions.answer import Answer, Change, Consequence, Finding, Group, Indicator, Standing, UnitScore

ACCOUNTED = terms("answer_accounted")
HEADINGS = terms("answer_headings")
_SCORES, _STANDING = terms("answer_scores"), terms("answer_standing")
#: How many locations of a group, and how many missing indicators, are named.
MOST_NAMED = 3


def score_change(consequence: Consequence) -> Bilingual:
    """The unit and index of a score, and the score before and after the file."""
    code = ", ".join(filter(None, (consequence.unit.unit, consequence.group)))
    unit = Bilingual(f"{consequence.unit.name.vi} ({code})", f"{consequence.unit.name.en} ({code})")
    before, after = unit_score(consequence, consequence.before), unit_score(consequence, consequence.after)
    index, on_basis = indicator_text(consequence.index), basis(consequence.basis)
    return _SCORES["line"].format(unit=unit, index=index, basis=on_basis, before=before, after=after)


def unit_score(consequence: Consequence, result: UnitScore | None) -> Bilingual:
    """The points and score of a unit, as the publisher prints them."""
    if result is None:
        return _SCORES["nothing"]
    maximum = Bilingual.same("–") if consequence.maximum is None else format_number(consequence.maximum)
    points = Bilingual.same("–") if result.points is None else format_number(result.points)
    score = Bilingual.same("–") if result.score is None else format_number(result.score, consequence.decimals)
    key = "score" if result.score is not None else "no_maximum" if result.points is not None else "no_score"
    details = {"points": points, "score": score, "maximum": maximum}
    text = _SCORES[key].format(**details, missing=result.missing, inputs=consequence.inputs)
    return text if result.rank is None else _SCORES["ranked"].format(worth=text, rank=result.rank)


def missing_indicators(consequence: Consequence) -> Bilingual | None:
    """The indicators without a figure, the first ones by name; None where none is missing."""
    if not consequence.missing:
        return None
    indicators = abridged([indicator_text(indicator) for indicator in consequence.missing])
    return _SCORES["missing"].format(count=len(consequence.missing), inputs=consequence.inputs, indicators=indicators)


def indicator_text(indicator: Indicator) -> Bilingual:
    """The code and name of an indicator."""
    return Bilingual(f"{indicator.code} {indicator.name.vi}", f"{indicator.code} {indicator.name.en}")


def abridged(texts: Sequence[Bilingual]) -> Bilingual:
    """The first texts, and how many more there are."""
    first, more = texts[:MOST_NAMED], len(texts) - MOST_NAMED
    listed = Bilingual("; ".join(text.vi for text in first), "; ".join(text.en for text in first))
    return _SCORES["more"].format(shown=listed, count=more) if more > 0 else listed


def locations(group: Group) -> Bilingual:
    """The locations of the findings of a group, each with its indicator; of many the first ones and their number."""
    texts = [_location(finding) for finding in group.findings]
    several = _SCORES["several" if group.first.locator else "several_rows"]
    return several.format(count=len(texts), shown=abridged(texts)) if len(texts) > 1 else texts[0]


def _location(finding: Finding) -> Bilingual:
    """The location, if any, with unit and indicator in brackets, as far as they are known."""
    unit, node = finding.unit, finding.node
    subjects = [Bilingual(f"{unit.name.vi} {unit.unit}", f"{unit.name.en} {unit.unit}")] if unit else []
    subjects += [indicator_text(Indicator(node, finding.name or Bilingual.same("")))] if node else []
    if not subjects:
        return finding.place
    vi, en = ("; ".join(text.strip() for text in texts) for texts in zip(*subjects, strict=True))
    location = finding.place
    return Bilingual(f"{location.vi} ({vi})", f"{location.en} ({en})") if finding.locator else Bilingual(vi, en)


def cell_text(group: Group) -> str:
    """The content of the cells of a group, where it is the same in all of them."""
    texts = {finding.read for finding in group.findings}
    return texts.pop() if len(texts) == 1 else ""


def expected(group: Group) -> Bilingual:
    """The expected content; where the cells differ, that of each, by its location."""
    distinct = list(dict.fromkeys(finding.expected for finding in group.findings))
    if len(distinct) == 1 or not group.first.locator:
        return abridged(distinct)
    by_cell = ((finding.place, finding.expected) for finding in group.findings)
    return abridged([Bilingual(*map(": ".join, zip(*pair, strict=True))) for pair in by_cell])


def basis(code: str) -> Bilingual:
    """The name of a basis; a code that has none stands for itself."""
    return BASES.get(code, Bilingual.same(code))


def with_count(heading: Bilingual, number: int) -> Bilingual:
    """A heading with the number of entries below it."""
    return Bilingual(f"{heading.vi} ({number})", f"{heading.en} ({number})")


def and_more(number: int) -> Bilingual:
    """The sentence that there are more entries than listed."""
    return Bilingual(f"… và {number} mục khác", f"… and {number} more")


def before_and_after(change: Change) -> Bilingual:
    """A figure before and after a change; where both are the same, that its evidence or wording changed."""
    before, after = (text or Bilingual.same("–") for text in (change.before_text, change.after_text))
    figures = Bilingual(f"{before.vi} → {after.vi}", f"{before.en} → {after.en}")
    if change.document_changed:
        return Bilingual(f"{figures.vi} (minh chứng thay đổi)", f"{figures.en} (the evidence changed)")
    return (
        Bilingual(f"{figures.vi} (cách ghi thay đổi)", f"{figures.en} (its wording changed)")
        if before == after
        else figures
    )


def save_as(answer: Answer) -> Bilingual | None:
    """The name under which a corrected file replaces this one; None where the feed has senders."""
    module = discover().get(answer.feed)
    if module is None or module.FEED.sender != "none":
        return None
    first = answer.standing.this_one and answer.standing.file_name
    return terms("answer_effects")["save_as"].format(file=first or answer.file_name)


def standing(answer: Answer) -> Bilingual:
    """A sentence on which version counts, or would count if the file were sent."""
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
