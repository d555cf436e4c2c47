"""How catalogues and people name a release: DCAT-AP 3, schema.org, a citation.

Here: what data portals harvest, from the release's descriptor and its entry of the ledger, and which files of the
release lie in the site. Not here: a page (``kinds.data``). Addresses of files are relative to the site's folder: where
it is served, nobody knows beforehand.
Sources: DCAT-AP 3.0 (SEMIC), schema.org/Dataset, Citation File Format 1.2.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dti_platform.language import Bilingual
from dti_platform.report.described import parted, title_of

if TYPE_CHECKING:
    from markupsafe import Markup

    from dti_platform.report.site.content import Content

NAME = Bilingual("Chỉ số chuyển đổi số của Việt Nam (DTI)", "Vietnam's Digital Transformation Index (DTI)")
MAKER = "DTI Platform"
PARQUET = "application/vnd.apache.parquet"
#: By how a file in SDMX ends: what it is called, and its media type.
EXCHANGED = {
    "csv": ("SDMX-CSV 2.0", "application/vnd.sdmx.data+csv"),
    "xml": ("SDMX-ML 3.0", "application/vnd.sdmx.structure+xml"),
}
#: Where files of the release lie in the site, and the page that tells of those that don't.
DOWNLOADS, PAGE = "du-lieu/", "du-lieu.html"
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


def held(content: Content) -> list[str]:
    """The files of the release that lie in the site as they are: those in which no row can be illustrative."""
    tables, resources = content.release.tables, content.release.descriptor["resources"]
    paths = {each["path"]: {field["name"] for field in each["schema"]["fields"]} for each in resources}
    return [
        path
        for path, columns in paths.items()
        if "/" not in path and ("evidence" not in columns or f"illustrative/{path.removesuffix('.parquet')}" in tables)
    ]


def dcat(content: Content, exchanged: Mapping[str, bytes]) -> bytes:
    """The release as a DCAT-AP dataset, a distribution for each file with its sha256 and size.

    Args:
        content: the release.
        exchanged: its files in SDMX, by path.
    """
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
        "dcat:distribution": [
            *(_released(content, each) for each in release.descriptor["resources"]),
            *(_in_sdmx(content, path, file) for path, file in exchanged.items()),
        ],
    }
    return _json(dataset)


def embedded(content: Content) -> Markup:
    """The release as a schema.org ``Dataset``, to stand in a page."""
    from markupsafe import Markup

    there = held(content)
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
                "contentUrl" if each["path"] in there else "url": _address(there, each["path"]),
                "encodingFormat": PARQUET,
                "contentSize": str(each["bytes"]),
                "sha256": each["hash"].removeprefix("sha256:"),
            }
            for each in content.release.descriptor["resources"]
        ],
    }
    # Within a script element no text may end it: "<" is written as JSON escapes it.
    return Markup(json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - escaped in this line


def _released(content: Content, resource: Mapping[str, Any]) -> dict[str, object]:
    """A file of the release; of one that doesn't lie in the site the page that tells of it, and no download."""
    there, path = held(content), resource["path"]
    sha256 = resource["hash"].removeprefix("sha256:")
    told = _distribution(content, path, title_of(resource), PARQUET, resource["bytes"], sha256)
    address = {"@id": _address(there, path)}
    return told | {"dcat:accessURL": address} | ({"dcat:downloadURL": address} if path in there else {})


def _in_sdmx(content: Content, path: str, file: bytes) -> dict[str, object]:
    """A file in SDMX, which lies in the site."""
    name, kind = EXCHANGED[path.rpartition(".")[2]]
    table = path.removeprefix("sdmx/").removesuffix(".csv")
    title = title_of(content.release.described(table)) if path.endswith(".csv") else NAME
    named = Bilingual(f"{name}: {title.vi}", f"{name}: {title.en}")
    told = _distribution(content, path, named, kind, len(file), hashlib.sha256(file).hexdigest())
    return told | {"dcat:accessURL": {"@id": path}, "dcat:downloadURL": {"@id": path}}


def _distribution(
    content: Content, path: str, title: Bilingual, kind: str, size: int, sha256: str
) -> dict[str, object]:
    return {
        "@id": f"urn:dti:release:{content.release.name}:{path}",
        "@type": "dcat:Distribution",
        "dct:title": _in_both(title),
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{kind}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(size)},
        **_licence(content),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": sha256},
        },
    }


def _address(there: Collection[str], path: str) -> str:
    """A file of the release, from the site's folder; of one that doesn't lie there the page that tells of it."""
    return DOWNLOADS + path if path in there else PAGE


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
