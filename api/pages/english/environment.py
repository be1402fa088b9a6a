"""The English twin of the environment that renders the pages."""

import re
from typing import Any, Final

from jinja2 import BaseLoader, Environment, TemplateNotFound
from markupsafe import Markup, escape

from api.pages.english.catalogue import Catalogue
from api.pages.english.sources import Translator

_RUN: Final = re.compile(r"([\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]+)")
_FOREIGN: Final = Markup('<bdi lang="zh">{}</bdi>')
_TOGETHER: Final = Markup("<bdi>{}</bdi>")
"""Keeps a sentence with names in it one item of its row."""
_NOTHING: Final = Markup()


def english_environment(chinese: Environment, catalogue: Catalogue) -> Environment:
    """Return an environment with the same templates, filters and globals, whose words are English."""
    twin = chinese.overlay(loader=_Loader(chinese.loader, Translator(catalogue)))
    twin.filters = {
        **chinese.filters,
        "english": lambda value, template: _english(catalogue, value, template),
        "as_chinese": _marked,
        "english_text": lambda value, template: _marked(_english(catalogue, value, template)),
    }
    return twin


class _Loader(BaseLoader):
    """Loads a template as the Chinese pages have it and puts English words into its source."""

    def __init__(self, loader: BaseLoader | None, translator: Translator) -> None:
        self._loader, self._translator = loader, translator

    def get_source(self, environment: Environment, template: str) -> Any:
        """Return source, file name and the test whether it is still the newest."""
        if self._loader is None:
            raise TemplateNotFound(template)
        source, path, newest = self._loader.get_source(environment, template)
        return self._translator.source(source, template), path, newest


def _english(catalogue: Catalogue, value: Any, template: str) -> Any:
    """Translate a plain text; numbers, nothing, and what is markup already stay."""
    return catalogue.english(value, template) if type(value) is str else value


def _marked(value: Any) -> Any:
    """Return a text escaped, its Chinese runs marked as such for those who hear the page."""
    if type(value) is not str:
        return value
    runs = [run for run in _RUN.split(value) if run]
    marked = _NOTHING.join(_FOREIGN.format(run) if _RUN.fullmatch(run) else escape(run) for run in runs)
    return _TOGETHER.format(marked) if len(runs) > 1 else marked
