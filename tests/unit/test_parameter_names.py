"""Which parameter a person means by a name."""

import pytest

from gradio_curl.errors import Fault
from gradio_curl.protocol.parameter_names import Names, has_parameters, unknown
from gradio_curl.protocol.values import Misfit
from tests.unit.described import component, endpoint, old_endpoint

SAY = endpoint(component("textbox", "Your  Name"), component("number", "Top_P"))
SAY = SAY._replace(
    parameters=(
        SAY.parameters[0]._replace(name="name"),
        SAY.parameters[1]._replace(name="Your  Name 2"),
    )
)
TWINS = old_endpoint(*[component("textbox", "Text")] * 30)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("name", 0),
        ("NAME", 0),
        ("Your  Name", 0),
        ("your-name", 0),
        (" your_name ", 0),
        ("Top_P", 1),
        ("top p", 1),
        ("TOP--P", 1),
        ("your name 2", 1),
        ("topp", None),
        ("", None),
        ("_", None),
    ],
)
def test_a_name_or_label_is_found_in_any_spelling(name: str, place: int | None) -> None:
    assert Names(SAY.parameters).find(name) == place


def test_a_name_comes_before_a_label_that_is_the_same() -> None:
    names = Names(TWINS.parameters)
    assert [names.find(name) for name in ("text", "text_2", "TEXT_30")] == [0, 1, 29]


def test_a_label_comes_before_one_in_another_case() -> None:
    first, second = SAY.parameters
    names = Names([first._replace(name="a", label="Text"), second._replace(name="b", label="TEXT")])
    assert (names.find("Text"), names.find("TEXT")) == (0, 1)
    with pytest.raises(Misfit, match="text is ambiguous: 2 parameters are called so"):
        names.find("text")


def test_a_label_without_a_letter_has_no_other_spelling() -> None:
    names = Names([SAY.parameters[0]._replace(label="-")])
    assert [names.find(name) for name in ("-", "_", "", " ")] == [0, None, None, None]


def test_of_many_that_share_a_label_twenty_are_told() -> None:
    with pytest.raises(Misfit) as raised:
        Names(TWINS.parameters).find("Text")
    some = ", ".join(["text", *(f"text_{n}" for n in range(2, 21))])
    message = "Text is ambiguous: 30 parameters are called so"
    assert raised.value.fault == Fault(message, f"use one of: {some}, …")
    for count, rest in ((20, ""), (21, ", …")):
        with pytest.raises(Misfit) as raised:
            Names(TWINS.parameters[:count]).find("Text")
        assert raised.value.fault.hint == f"use one of: {some}{rest}"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["name", "Top_P"], True),
        (["NAME"], True),
        ([], True),
        (["name", "size"], False),
    ],
)
def test_an_object_may_be_one_of_parameters(names: list[str], expected: bool) -> None:
    assert has_parameters(SAY, names) is expected
    assert has_parameters(TWINS, ["Text", "size"]) is True  # a label that several have


MADE_OF_LABELS = (
    "these are made from labels, since the app does not name its parameters: values can also be "
    "given in order, after --"
)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    names = Names(SAY.parameters)
    message = "unknown parameter nmae for /run"
    hint = "did you mean name? there are: name, Your  Name 2"
    assert unknown("nmae", SAY, names) == Fault(message, hint)
    made = unknown("nmae", SAY._replace(from_labels=True), names)
    assert made == Fault(message, f"{hint}\n{MADE_OF_LABELS}")
    none = SAY._replace(parameters=())
    assert unknown("nmae", none, Names(())) == Fault(message, "it takes none")
