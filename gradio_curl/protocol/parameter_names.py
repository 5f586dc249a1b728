"""Which parameter a person means by a name: its own, its label, or either in another spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gradio_curl.errors import Fault
from gradio_curl.protocol.schema import Endpoint, Parameter, did_you_mean
from gradio_curl.protocol.values import Misfit


class Names:
    """Finds parameters by what a person calls them."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.all = [parameter.name for parameter in parameters]
        self._places = {name: place for place, name in enumerate(self.all)}
        self._labels: dict[str, list[int]] = {}
        self._plain: dict[str, list[int]] = {}
        for place, parameter in enumerate(parameters):
            self._labels.setdefault(parameter.label, []).append(place)
            for name in {_plain(parameter.name), _plain(parameter.label)} - {""}:
                self._plain.setdefault(name, []).append(place)

    def find(self, name: str) -> int | None:
        """The place of the parameter with this name, else label, else either of them in another
        case or spacing; None where there is none. Raises Misfit where several have it."""
        if (place := self._places.get(name)) is not None:
            return place
        places = self._labels.get(name) or self._plain.get(_plain(name)) or []
        if len(places) > 1:
            same = [self.all[place] for place in places]
            listed = ", ".join(same[:20]) + (", …" if len(same) > 20 else "")
            hint = f"use one of: {listed}"
            raise Misfit(f"{name} is ambiguous: {len(same)} parameters are called so", hint)
        return places[0] if places else None


def _plain(name: str) -> str:
    """A name or label without case and spacing."""
    return " ".join(re.split(r"[\s_-]+", name.casefold())).strip()


def has_parameters(endpoint: Endpoint, names: Iterable[str]) -> bool:
    """Whether all these are names, or labels, of parameters of `endpoint`."""
    known = Names(endpoint.parameters)
    try:
        return all(known.find(name) is not None for name in names)
    except Misfit:  # a label that several have
        return True


def unknown(name: str, endpoint: Endpoint, names: Names) -> Fault:
    """The fault of a name that is not a parameter, with the nearest that is."""
    hint = did_you_mean(name, names.all) or "it takes none"
    if endpoint.from_labels and names.all:
        hint += "\nthese are made from labels, since the app does not name its parameters: "
        hint += "values can also be given in order, after --"
    return Fault(f"unknown parameter {name} for {endpoint.name}", hint)
