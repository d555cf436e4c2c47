"""Who does something: the account of the process, or the user whom a proxy names."""

from __future__ import annotations

import os
import pwd

import pytest

from dti_platform.storage import account


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DTI_USER", raising=False)


def test_it_is_the_account_of_the_process_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody else")
    monkeypatch.setenv("LOGNAME", "somebody else")
    assert account() == pwd.getpwuid(os.geteuid()).pw_name


def test_an_account_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_001)
    assert account() == "uid 4000000001"


@pytest.mark.parametrize(
    ("user", "shown"), [("tong.hop", "tong.hop"), (" Phòng Tổng hợp ", "Phòng Tổng hợp"), ("a\x1b[2K\n", "a\\x1b[2K")]
)
def test_a_proxy_names_the_user(monkeypatch: pytest.MonkeyPatch, user: str, shown: str) -> None:
    monkeypatch.setenv("DTI_USER", user)
    assert account() == shown


def test_a_blank_user_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_USER", "  ")
    assert account() == pwd.getpwuid(os.geteuid()).pw_name


def test_a_name_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTI_USER", "x" * 5000)
    assert len(account()) == 200
