"""A release in catalogues and citations: DCAT-AP 3, schema.org, Citation File Format.

Here: the metadata that data portals harvest, from the descriptor and the ledger entry of a release, and which of its
files are copied to the site. Not here: pages (``kinds.data``). Addresses of files are relative to the site's folder,
because the address of the server is not known in advance.
Sources: DCAT-AP 3.0 (SEMIC), schema.org/Dataset, Citation File Format 1.2.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dti_platform.language import Bilingual
from dti_platform.report.described import split_text, title_of

if TYPE_CHECKING:
    from markupsafe import Markup

    from dti_platform.report.site.content import Content

NAME = Bilingual("Chỉ số chuyển đổi số của Việt Nam (DTI)", "Vietnam's Digital Transformation Index (DTI)")
MAKER = "DTI Platform"
PARQUET = "application/vnd.apache.parquet"
#: The name and media type of SDMX files, by file extension.
SDMX_FORMATS = {
    "csv": ("SDMX-CSV 2.0", "application/vnd.sdmx.data+csv"),
    "xml": ("SDMX-ML 3.0", "application/vnd.sdmx.structure+xml"),
}
#: The folder of the release's files in the site, and the page that describes the files that are not there.
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
    """A line that identifies the release in a list of references."""
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
        **_first_licence(content, "license", "name"),
    }
    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in lines.items())
    return (text + f'authors:\n  - name: "{MAKER}"\n').encode()


def copied(content: Content) -> list[str]:
    """The files of the release that are copied to the site: those that can't hold illustrative rows."""
    tables, resources = content.release.tables, content.release.descriptor["resources"]
    paths = {resource["path"]: {field["name"] for field in resource["schema"]["fields"]} for resource in resources}
    return [
        path
        for path, columns in paths.items()
        if "/" not in path and ("evidence" not in columns or f"illustrative/{path.removesuffix('.parquet')}" in tables)
    ]


def dcat(content: Content, sdmx_files: Mapping[str, bytes]) -> bytes:
    """The release as a DCAT-AP dataset, with a distribution for each file, its sha256 and size.

    Args:
        content: the release.
        sdmx_files: its files in SDMX, by path.
    """
    release, day = content.release, content.record.published_on.isoformat()
    dataset: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": f"urn:dti:release:{release.name}",
        "@type": "dcat:Dataset",
        "dct:title": _both_languages(NAME),
        "dct:description": _both_languages(_description(content)),
        "dct:identifier": release.name,
        "dcat:version": release.name,
        "dct:issued": {"@type": "xsd:date", "@value": day},
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": MAKER},
        **_licence(content),
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/VNM"},
        "dct:temporal": {"@type": "dct:PeriodOfTime", **_years(content)},
        "adms:versionNotes": {"@language": "en", "@value": content.record.reason or content.record.kind},
        "dct:provenance": [
            {"@type": "dct:ProvenanceStatement", "dct:description": source["title"]} for source in sources(content)
        ],
        "dcat:distribution": [
            *(_release_file(content, resource) for resource in release.descriptor["resources"]),
            *(_sdmx_file(content, path, file) for path, file in sdmx_files.items()),
        ],
    }
    return _json(dataset)


def schema_org(content: Content) -> Markup:
    """The release as a schema.org ``Dataset``, to embed in a page."""
    from markupsafe import Markup

    downloads = copied(content)
    dataset = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": NAME.en,
        "alternateName": NAME.vi,
        "description": _description(content).en,
        "version": content.release.name,
        "identifier": content.release.name,
        "datePublished": content.record.published_on.isoformat(),
        **_first_licence(content, "license", "path"),
        "creator": {"@type": "Organization", "name": MAKER},
        "inLanguage": ["vi", "en"],
        "spatialCoverage": "Viet Nam",
        "temporalCoverage": "/".join(_span(content)),
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": resource["path"],
                "contentUrl" if resource["path"] in downloads else "url": _address(downloads, resource["path"]),
                "encodingFormat": PARQUET,
                "contentSize": str(resource["bytes"]),
                "sha256": resource["hash"].removeprefix("sha256:"),
            }
            for resource in content.release.descriptor["resources"]
        ],
    }
    # In a script element no text may contain "</script>", so "<" is escaped for JSON.
    return Markup(json.dumps(dataset, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - escaped in this line


def _release_file(content: Content, resource: Mapping[str, Any]) -> dict[str, object]:
    """A file of the release; one that is not in the site has the address of the data page, and no download."""
    downloads, path = copied(content), resource["path"]
    sha256 = resource["hash"].removeprefix("sha256:")
    distribution = _distribution(content, path, title_of(resource), PARQUET, resource["bytes"], sha256)
    address = {"@id": _address(downloads, path)}
    return distribution | {"dcat:accessURL": address} | ({"dcat:downloadURL": address} if path in downloads else {})


def _sdmx_file(content: Content, path: str, file: bytes) -> dict[str, object]:
    """A file in SDMX, which is in the site."""
    name, media_type = SDMX_FORMATS[path.rpartition(".")[2]]
    table = path.removeprefix("sdmx/").removesuffix(".csv")
    title = title_of(content.release.described(table)) if path.endswith(".csv") else NAME
    full_title = Bilingual(f"{name}: {title.vi}", f"{name}: {title.en}")
    distribution = _distribution(content, path, full_title, media_type, len(file), hashlib.sha256(file).hexdigest())
    return distribution | {"dcat:accessURL": {"@id": path}, "dcat:downloadURL": {"@id": path}}


def _distribution(
    content: Content, path: str, title: Bilingual, media_type: str, size: int, sha256: str
) -> dict[str, object]:
    return {
        "@id": f"urn:dti:release:{content.release.name}:{path}",
        "@type": "dcat:Distribution",
        "dct:title": _both_languages(title),
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media_type}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(size)},
        **_licence(content),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": sha256},
        },
    }


def _address(downloads: Collection[str], path: str) -> str:
    """The address of a release file in the site's folder; if it is not there, that of the page that describes it."""
    return DOWNLOADS + path if path in downloads else PAGE


def licences(content: Content) -> Sequence[Mapping[str, str]]:
    """The licences of a release; the oldest releases have none."""
    return content.release.descriptor.get("licenses", ())


def sources(content: Content) -> Sequence[Mapping[str, str]]:
    """The sources of a release; the oldest releases have none."""
    return content.release.descriptor.get("sources", ())


def _first_licence(content: Content, name: str, part: str) -> dict[str, Any]:
    """The name or path (``part``) of the first licence under a key; empty if there is no licence."""
    first = next(iter(licences(content)), None)
    return {name: first[part]} if first else {}


def _licence(content: Content) -> Mapping[str, object]:
    return {name: {"@id": path} for name, path in _first_licence(content, "dct:license", "path").items()}


def _span(content: Content) -> tuple[str, str]:
    """The first and the last year of the rankings."""
    years = sorted(period[:4] for period in content.table("league_table")["period"])
    return (years[0], years[-1]) if years else ("", "")


def _years(content: Content) -> dict[str, object]:
    names = ("dcat:startDate", "dcat:endDate")
    return {name: {"@type": "xsd:gYear", "@value": year} for name, year in zip(names, _span(content), strict=True)}


def _description(content: Content) -> Bilingual:
    """The description of a release; the oldest releases have none, so the name of the index."""
    description = content.release.descriptor.get("description")
    return split_text(description) if description else NAME


def _both_languages(text: Bilingual) -> list[dict[str, str]]:
    return [{"@language": "vi", "@value": text.vi}, {"@language": "en", "@value": text.en}]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
