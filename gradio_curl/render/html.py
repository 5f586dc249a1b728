"""Plain text from HTML: from that of a page, and from what apps put into their messages."""

from __future__ import annotations

import re

_NAMES = (
    r"a|abbr|b|big|blockquote|br|center|code|details|div|em|font|h[1-6]|hr|i|img|kbd|li|mark|ol|p"
    r"|pre|s|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
_TAG = re.compile(r"<(/?)([a-z][^\s<>/]*)(?=[\s/>])([^<>]*)>", re.IGNORECASE)
# What a browser shows nothing of, to its end: as far as there is one.
_HIDDEN = re.compile(
    r"<!--(?P<empty>-?>)?|(?P<ended>-->)|<(/?)(script|style|template|title)\b[^<>]*>",
    re.IGNORECASE,
)
_ATTRIBUTE = r"""\s+[a-z][\w:-]*\s*=\s*(?:"[^"]*"|'[^']*')"""
_CERTAIN_TAG = re.compile(rf"<(/?)({_NAMES})((?:{_ATTRIBUTE})*)\s*/?>", re.IGNORECASE)
# Those that stand alone, or whose end may be left out.
_UNPAIRED = {"br", "hr", "img", "li", "p", "tbody", "td", "tfoot", "th", "thead", "tr"}
_ADDRESS = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});", re.IGNORECASE)
_BLOCKS = {
    "article", "aside", "blockquote", "body", "br", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table",
    "tr", "ul",
}  # fmt: skip
_BLANKS = re.compile(r"\s+")
_CELLS = {"td", "th"}
_OF_TABLES = _CELLS | {"table", "tbody", "tfoot", "thead", "tr"}
_BETWEEN_CELLS = "  "


def plain_text(html: str) -> str:
    """The text that a browser shows of HTML: a link becomes `words (address)`, a block a line of
    its own, and so does the row of a table, with two blanks between its cells."""
    html = _without_hidden(html)
    return _with_characters(_without_tags(html, list(_TAG.finditer(html))))


def _without_hidden(html: str) -> str:
    """HTML without comments, scripts and the like, in one pass however many never end."""
    pieces: list[str] = []
    shown_from, hidden = 0, ""  # what is hidden now: a comment, an element by its name
    for mark in _HIDDEN.finditer(html):
        name = (mark[4] or "--").lower()
        closes = mark["ended"] is not None or mark[3] == "/"
        if not hidden and not closes:
            pieces.append(html[shown_from : mark.start()])
            hidden = "" if mark["empty"] else name
            shown_from = mark.end()
        elif hidden == name and closes:
            hidden, shown_from = "", mark.end()
    return "".join(pieces) if hidden else "".join([*pieces, html[shown_from:]])


def plain_message(text: str) -> str:
    """A message, which may hold HTML, as plain text; its own `<` and `>` stay.

    `a<b and c>d` is not a tag, and that of `Vec<u>` never ends.
    """
    tags = list(_CERTAIN_TAG.finditer(text)) if "<" in text else []
    begun, ended = ({tag[2].lower() for tag in tags if tag[1] == mark} for mark in ("", "/"))
    names = _UNPAIRED | (begun & ended)
    return _with_characters(_without_tags(text, [tag for tag in tags if tag[2].lower() in names]))


def _with_characters(text: str) -> str:
    """Text in which the character stands for each entity."""
    if not _ENTITY.search(text):
        return text
    from html import unescape

    return _ENTITY.sub(lambda match: unescape(match[0]), text)


def _without_tags(text: str, tags: list[re.Match[str]]) -> str:
    if not tags:
        return text
    pieces: list[str] = []
    link: tuple[int, str] | None = None  # where the words of a link begin, and its address
    end = 0
    in_cell = False
    for tag in tags:
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        pieces.append(_between_tags(text[end : tag.start()], in_cell, name in _OF_TABLES))
        end = tag.end()
        if name == "a":
            if link:  # which another one ends too: links don't stand in links
                pieces.append(_after_words("".join(pieces[link[0] :]).strip(), link[1]))
            found = _ADDRESS.search(attributes)
            address = next(filter(None, found.groups()), "") if found else ""
            link = None if closing else (len(pieces), address)
        elif name in _BLOCKS:
            pieces.append("\n- " if name == "li" and not closing else "\n")
        elif name in _CELLS and not closing:
            pieces.append(_BETWEEN_CELLS)
        if name in _OF_TABLES:
            in_cell = name in _CELLS and not closing
    plain = "".join([*pieces, text[end:]])
    return "\n".join(filter(None, map(str.strip, plain.split("\n"))))


def _between_tags(text: str, in_cell: bool, before_table: bool) -> str:
    """The text before a tag: in a cell on one line, so that a row is one."""
    if before_table and text.isspace():
        return ""
    return _BLANKS.sub(" ", text) if in_cell else text


def _after_words(words: str, address: str) -> str:
    """What follows the words of a link."""
    if not address or address == words:
        return ""
    return f" ({address})" if words else address
