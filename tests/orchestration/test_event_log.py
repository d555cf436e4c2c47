"""The event log with kept connections: Dagster's own in files and answers, less what each event costs."""

import inspect
import shutil
from pathlib import Path

import dagster as dg
import pytest

from dti_platform.orchestration import event_log
from dti_platform.orchestration.event_log import KeptEventLog, KeptStorage
from dti_platform.orchestration.liveness import instance

#: What is overridden of Dagster's classes, and how it is called there.
OVERRIDDEN = {
    (KeptEventLog, "__init__"): "(self, base_dir, inst_data=None)",
    (KeptEventLog, "_connect"): "(self, shard)",
    (KeptEventLog, "has_table"): "(self, table_name)",
    (KeptEventLog, "_has_asset_key_col_on_connection"): "(self, conn, column_name)",
    (KeptEventLog, "wipe"): "(self)",
    (KeptEventLog, "dispose"): "(self)",
    (KeptStorage, "__init__"): "(self, base_dir, inst_data=None)",
    (KeptStorage, "from_config_value"): "(inst_data, config_value)",
}


@dg.asset
def table(context: dg.AssetExecutionContext) -> None:
    context.add_output_metadata({"rows": 63})


@pytest.fixture
def opened(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    shutil.copy2(project / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return instance()


def log_of(opened: dg.DagsterInstance) -> KeptEventLog:
    log = opened.event_log_storage
    assert isinstance(log, KeptEventLog)
    return log


def called(method: object) -> str:
    """A signature without its types."""
    signature = inspect.signature(method)  # pyright: ignore[reportArgumentType]
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))


@pytest.mark.parametrize(("kind", "name"), OVERRIDDEN)
def test_what_is_overridden_is_called_as_in_dagster(kind: type, name: str) -> None:
    assert called(getattr(kind.__base__, name)) == OVERRIDDEN[kind, name]
    assert called(getattr(kind, name)) == OVERRIDDEN[kind, name]


@pytest.mark.parametrize("kind", [KeptEventLog, KeptStorage])
def test_nothing_else_of_dagster_is_overridden(kind: type) -> None:
    ours = {name for name in vars(kind) if hasattr(kind.__base__, name) and inspect.isroutine(getattr(kind, name))}
    assert {(kind, name) for name in ours} == {each for each in OVERRIDDEN if each[0] is kind}


def test_dagster_reads_what_it_wrote_while_it_is_open(opened: dg.DagsterInstance, tmp_path: Path) -> None:
    with opened:
        run = dg.materialize([table], instance=opened)
        log_of(opened)
        events = [each.dagster_event_type for each in opened.all_logs(run.run_id)]
        assert dg.DagsterEventType.ASSET_MATERIALIZATION in events
        (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
        with dg.DagsterInstance.get() as plain:
            assert [each.dagster_event_type for each in plain.all_logs(run.run_id)] == events
            made = plain.get_latest_materialization_event(dg.AssetKey("table"))
            assert made
            assert made.asset_materialization
            assert made.asset_materialization.metadata["rows"] == dg.IntMetadataValue(63)


def test_few_files_stay_open_and_none_after_the_end(
    opened: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "MOST_OPEN", 2)
    with opened:
        log = log_of(opened)
        runs = [dg.materialize([table], instance=opened).run_id for _ in range(3)]
        assert {*log.engines} == {"index", runs[-1]}
        assert all(opened.all_logs(run) for run in runs)
    assert not log.engines
    assert not [*tmp_path.rglob("history/runs/*-wal")]


def test_what_stands_is_looked_for_once_and_what_is_missing_again(
    opened: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    look = event_log.SqliteEventLogStorage.has_table
    monkeypatch.setattr(
        event_log.SqliteEventLogStorage, "has_table", lambda self, name: looked.append(name) or look(self, name)
    )
    with opened:
        dg.materialize([table], instance=opened)
        assert looked
        assert len(looked) == len({*looked})
        assert not any(log_of(opened).has_table("not_migrated_yet") for _ in range(2))
        assert looked.count("not_migrated_yet") == 2


def test_a_run_is_logged_after_the_log_was_wiped(opened: dg.DagsterInstance) -> None:
    with opened:
        before = dg.materialize([table], instance=opened).run_id
        opened.event_log_storage.wipe()
        after = dg.materialize([table], instance=opened).run_id
        assert not opened.all_logs(before)
        assert opened.all_logs(after)
