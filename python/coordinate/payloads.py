"""From the data of a unit to the arguments of a function, and back.

A function with one parameter that is a map, a dataclass or a pydantic model gets the data as a whole; any other gets them by name.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .cbor import text, text_keys
from .context import Context
from .exceptions import CoordinateException


_PLAIN = frozenset([str, int, float, bytes, bool, type(None)])


class PayloadError(CoordinateException):
    """The data of a unit are not what the function takes. The message says what is wrong with them."""


class Payload:
    """What a function takes."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = getattr(function, "__name__", "the task")
        try:
            hints = typing.get_type_hints(function)
        except (NameError, TypeError):
            # Of classes that are not known where the function is, or written as this version of Python does not read them.
            hints = {}
        parameters = list(inspect.signature(function).parameters.values())
        self.context: Optional[str] = None
        taken: List[inspect.Parameter] = []
        for parameter in parameters:
            if hints.get(parameter.name) is Context or parameter.name == "ctx":
                self.context = parameter.name
            else:
                taken.append(parameter)
        self.signature = inspect.Signature(taken)
        self.hints = hints
        #: For most functions: the names of their parameters, and how what is not as it is in the data is made; None for the others.
        self._plain: Optional[Dict[str, Any]] = None
        if all(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in taken):
            self._plain = {p.name: _shape_of(hints.get(p.name)) for p in taken}
        #: The parameter that gets the data as a whole, if there is one.
        self.whole = taken[0].name if len(taken) == 1 and _takes_all(hints.get(taken[0].name)) else None
        #: The only parameter, of a function that has one and gets it by name.
        positional = len(taken) == 1 and taken[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.only = taken[0].name if positional and self.whole is None else None

    def pack(self, args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> Dict[Any, Any]:
        """The data of a unit for which the function is to be called so."""
        if self.only is not None and len(args) == 1 and not kwargs:
            return {self.only: plain(args[0])}
        bound = self.signature.bind(*args, **kwargs)
        if self.whole is not None:
            data = plain(bound.arguments[self.whole])
            if not isinstance(data, dict):
                raise TypeError(f"{self.name} takes a map or an object with fields, not {type(data).__name__}")
            return data
        bound.apply_defaults()
        packed: Dict[Any, Any] = {}
        for name, value in bound.arguments.items():
            kind = self.signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                raise TypeError(f"{self.name} takes *{name}, which has no names")
            packed.update(value) if kind is inspect.Parameter.VAR_KEYWORD else packed.__setitem__(name, plain(value))
        return packed

    def unpack(self, data: Any, context: Optional[Context]) -> Dict[str, Any]:
        """The arguments that the data are; a `PayloadError` if they are none."""
        try:
            arguments = self._arguments(text_keys(data or {}))
        except PayloadError:
            raise
        except Exception as error:
            raise PayloadError(f"{self.name} refuses its data: {error}") from error
        if self.context is not None:
            arguments[self.context] = context
        return arguments

    def _arguments(self, data: Dict[Any, Any]) -> Dict[str, Any]:
        if self.whole is not None:
            return {self.whole: shaped(self.hints.get(self.whole), data)}
        parameters = self.signature.parameters
        if self._plain is not None and all(name in data for name in self._plain):
            return {name: data[name] if shape is None else shaped(shape, data[name]) for name, shape in self._plain.items()}
        takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
        known = {name: value for name, value in data.items() if name in parameters or takes_any}
        bound = self.signature.bind(**known)
        return {name: shaped(self.hints.get(name), value) for name, value in bound.kwargs.items()} | _by_name(bound, self.hints)


def _by_name(bound: inspect.BoundArguments, hints: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        name: shaped(hints.get(name), value)
        for name, value in bound.arguments.items()
        if bound.signature.parameters[name].kind is not inspect.Parameter.VAR_KEYWORD
    }


def _shape_of(hint: Any) -> Any:
    """An annotation that `shaped` makes something of; None for any other."""
    return hint if hint is str or _is_dataclass(hint) or _is_pydantic(hint) else None


def _takes_all(hint: Any) -> bool:
    origin = typing.get_origin(hint) or hint
    is_map = isinstance(origin, type) and issubclass(origin, typing.cast(type, typing.get_origin(Mapping[Any, Any])))
    return is_map or _is_dataclass(hint) or _is_pydantic(hint)


def _is_dataclass(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _is_pydantic(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "model_validate")


def plain(value: Any) -> Any:
    """Dataclasses and pydantic models as maps, wherever they are; everything else as it is."""
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if _is_pydantic(type(value)):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if type(value) is tuple:
        return tuple([plain(item) for item in value])
    return value


def shaped(hint: Any, value: Any) -> Any:
    """A value as its annotation says, where that is a dataclass or a pydantic model; bytes where it says text become text."""
    if _is_pydantic(hint):
        return hint.model_validate(text_keys(value))
    if _is_dataclass(hint) and isinstance(value, dict):
        hints = typing.get_type_hints(hint)
        return hint(**{name: shaped(hints.get(name), item) for name, item in text_keys(value).items()})
    return text(value) if hint is str else value
