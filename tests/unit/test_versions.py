"""What each version of Gradio can do: the first, or the last, version of each."""

import pytest

from gradio_curl.protocol.versions import LATEST, Version, version_of


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("5.50.0", (5, 50)),
        ("6.0.0.dev3", (6, 0)),
        ("v4.20", (4, 20)),
        ("6", (6, 0)),
        ("5.0rc1", (5, 0)),
        ("", (0, 0)),
        ("main", (0, 0)),
    ],
)
def test_a_version_is_its_first_two_numbers(text: str, version: tuple[int, int]) -> None:
    assert version_of(text) == version


@pytest.mark.parametrize(
    ("ability", "first", "last"),
    [
        ("quotes_errors", None, (5, 2)),
        ("call_route_keeps_sessions", (6, 18), None),
        ("call_route_has_messages", (6, 13), None),
        ("call_route_carries_large_integers", (4, 24), None),
        ("has_cancel", (4, 31), None),
        ("resets_generators", None, (4, 32)),
        ("cancels_waiting_jobs", (6, 14), None),
    ],
)
def test_an_ability_begins_or_ends_with_a_version(
    ability: str, first: tuple[int, int] | None, last: tuple[int, int] | None
) -> None:
    if first is not None:
        before = Version(first[0], first[1] - 1)
        told = [getattr(v, ability) for v in (Version(4, 20), before, Version(*first), LATEST)]
        assert told == [False, False, True, True]
    if last is not None:
        after = Version(last[0], last[1] + 1)
        told = [getattr(v, ability) for v in (Version(4, 20), Version(*last), after, LATEST)]
        assert told == [True, True, False, False]


def test_the_call_route_carries_json_but_from_4_31_to_4_42() -> None:
    versions = [Version(4, minor) for minor in (20, 30, 31, 42, 43)]
    carries = [version.call_route_carries_json for version in [*versions, LATEST]]
    assert carries == [True, True, False, False, True, True]
