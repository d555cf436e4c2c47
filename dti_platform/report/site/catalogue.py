"""How catalogues and people name a release: DCAT-AP 3, schema.org, a citation.

Here: what data portals harvest, from the release's descriptor and its entry of the ledger. Not here: a page
(``kinds.data``). Addresses of files are relative to the site's folder: where it is served, nobody knows beforehand.
Sources: DCAT-AP 3.0 (SEMIC), schema.org/Dataset, Citation File Format 1.2.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dti_platform.language import Bilingual
from dti_platform.report.described import parted, title_of

if TYPE_CHECKING:
    from markupsafe import Markup

    from dti_platform.report.site.content import Content

NAME = Bilingual("Chỉ số chuyển đổi số của Việt Nam (DTI)", "Vietnam's Digital Transformation Index (DTI)")
MAKER = "DTI Platform"
PARQUET = "application/vnd.apache.parquet"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def citation(content: Content) -> Bilingual:
    """A line by which the release is found again."""
    day, name = content.record.published_on.isoformat(), content.release.name
    return Bilingual(f"{MAKER}: {NAME.vi}, bản công bố {name}, {day}.", f"{MAKER}: {NAME.en}, release {name}, {day}.")


def citation_file(content: Content) -> bytes:
    """``CITATION.cff`` of the release."""
    lines = {
        "cff-version": "1.2.0",
        "message": "Cite the release by its name.",
        "type": "dataset",
        "title": f"{NAME.en}: release {content.release.name}",
        "version": content.release.name,
        "date-released": content.record.published_on.isoformat(),
        **_licensed(content, "license", "name"),
    }
    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in lines.items())
    return (text + f'authors:\n  - name: "{MAKER}"\n').encode()


def dcat(content: Content) -> bytes:
    """The release as a DCAT-AP dataset, a distribution for each file with its sha256 and size."""
    release, day = content.release, content.record.published_on.isoformat()
    dataset: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": f"urn:dti:release:{release.name}",
        "@type": "dcat:Dataset",
        "dct:title": _in_both(NAME),
        "dct:description": _in_both(_description(content)),
        "dct:identifier": release.name,
        "dcat:version": release.name,
        "dct:issued": {"@type": "xsd:date", "@value": day},
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": MAKER},
        **_licence(content),
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/VNM"},
        "dct:temporal": {"@type": "dct:PeriodOfTime", **_years(content)},
        "adms:versionNotes": {"@language": "en", "@value": content.record.reason or content.record.kind},
        "dct:provenance": [
            {"@type": "dct:ProvenanceStatement", "dct:description": each["title"]} for each in sources(content)
        ],
        "dcat:distribution": [_distribution(content, each) for each in release.descriptor["resources"]],
    }
    return _json(dataset)


def embedded(content: Content) -> Markup:
    """The release as a schema.org ``Dataset``, to stand in a page."""
    from markupsafe import Markup

    told = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": NAME.en,
        "alternateName": NAME.vi,
        "description": _description(content).en,
        "version": content.release.name,
        "identifier": content.release.name,
        "datePublished": content.record.published_on.isoformat(),
        **_licensed(content, "license", "path"),
        "creator": {"@type": "Organization", "name": MAKER},
        "inLanguage": ["vi", "en"],
        "spatialCoverage": "Viet Nam",
        "temporalCoverage": "/".join(_span(content)),
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": each["path"],
                "contentUrl": _address(content, each["path"]),
                "encodingFormat": PARQUET,
                "contentSize": str(each["bytes"]),
                "sha256": each["hash"].removeprefix("sha256:"),
            }
            for each in content.release.descriptor["resources"]
        ],
    }
    # Within a script element no text may end it: "<" is written as JSON escapes it.
    return Markup(json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - escaped in this line


def _distribution(content: Content, resource: Mapping[str, Any]) -> dict[str, object]:
    return {
        "@id": f"urn:dti:release:{content.release.name}:{resource['path']}",
        "@type": "dcat:Distribution",
        "dct:title": _in_both(title_of(resource)),
        "dcat:accessURL": {"@id": _address(content, resource["path"])},
        "dcat:downloadURL": {"@id": _address(content, resource["path"])},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{PARQUET}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(resource["bytes"])},
        **_licence(content),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": resource["hash"].removeprefix("sha256:")},
        },
    }


def _address(content: Content, path: str) -> str:
    """A file of the release, from the site's folder beside it."""
    return f"../../releases/{content.release.name}/{path}"


def licences(content: Content) -> Sequence[Mapping[str, str]]:
    """The licences of a release; the oldest releases name none."""
    return content.release.descriptor.get("licenses", ())


def sources(content: Content) -> Sequence[Mapping[str, str]]:
    """The sources of a release; the oldest releases name none."""
    return content.release.descriptor.get("sources", ())


def _licensed(content: Content, name: str, part: str) -> dict[str, Any]:
    """The entry of the first licence, its name or its path, under a name; no entry where there is none."""
    first = next(iter(licences(content)), None)
    return {name: first[part]} if first else {}


def _licence(content: Content) -> Mapping[str, object]:
    return {name: {"@id": path} for name, path in _licensed(content, "dct:license", "path").items()}


def _span(content: Content) -> tuple[str, str]:
    """The first and the last year of the rankings."""
    years = sorted(period[:4] for period in content.table("league_table")["period"])
    return (years[0], years[-1]) if years else ("", "")


def _years(content: Content) -> dict[str, object]:
    names = ("dcat:startDate", "dcat:endDate")
    return {name: {"@type": "xsd:gYear", "@value": year} for name, year in zip(names, _span(content), strict=True)}


def _description(content: Content) -> Bilingual:
    """What a release says of itself; of the oldest, which say nothing, what it is."""
    told = content.release.descriptor.get("description")
    return parted(told) if told else NAME


def _in_both(text: Bilingual) -> list[dict[str, str]]:
    return [{"@language": "vi", "@value": text.vi}, {"@language": "en", "@value": text.en}]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
