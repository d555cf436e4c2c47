"""All definitions in Dagster, by name: assets with their inputs and checks, jobs, schedules, sensors."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import dagster as dg

from dti_platform.orchestration.build import build
from dti_platform.storage import Store

FILE = Path(__file__).with_name("definitions.json")


def snapshot(definitions: dg.Definitions) -> dict[str, object]:
    """What the file holds."""
    graph = definitions.resolve_asset_graph()
    keys = sorted(graph.get_all_asset_keys(), key=lambda key: key.to_user_string())
    repository = definitions.get_repository_def()
    return {
        "assets": {
            key.to_user_string(): {
                "group": graph.get(key).group_name,
                "inputs": sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
                "partitioned": graph.get(key).is_partitioned,
                "kinds": sorted(graph.get(key).kinds),
                "checks": sorted(check.name for check in graph.get_check_keys_for_assets({key})),
            }
            for key in keys
        },
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "schedules": sorted(f"{schedule.name} {schedule.cron_schedule}" for schedule in repository.schedule_defs),
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
    }


def write() -> None:
    """Writes the file anew."""
    with tempfile.TemporaryDirectory() as folder:
        content = snapshot(build(Store(Path(folder))))
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
