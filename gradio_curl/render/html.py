"""Plain text from HTML: from that of a page, and from what apps put into their messages."""

from __future__ import annotations

import re

_NAMES = (
    r"a|abbr|b|big|blockquote|br|center|code|details|div|em|font|h[1-6]|hr|i|img|kbd|li|mark|ol|p"
    r"|pre|s|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
_TAG = re.compile(rf"<(/?)({_NAMES})\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = r"""\s+[a-z][\w:-]*\s*=\s*(?:"[^"]*"|'[^']*')"""
_CERTAIN_TAG = re.compile(rf"<(/?)({_NAMES})((?:{_ATTRIBUTE})*)\s*/?>", re.IGNORECASE)
# Those that stand alone, or whose end may be left out.
_UNPAIRED = {"br", "hr", "img", "li", "p", "tbody", "td", "tfoot", "th", "thead", "tr"}
_ADDRESS = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});", re.IGNORECASE)
_BLOCKS = {"blockquote", "br", "div", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}


def plain_text(html: str) -> str:
    """HTML without its tags: a link becomes `words (address)`, a block a line of its own."""
    return _with_characters(_without_tags(html, list(_TAG.finditer(html))))


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
    for tag in tags:
        pieces.append(text[end : tag.start()])
        end = tag.end()
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        if name == "a":
            if link:  # which another one ends too: links don't stand in links
                pieces.append(_after_words("".join(pieces[link[0] :]).strip(), link[1]))
            found = _ADDRESS.search(attributes)
            address = next(filter(None, found.groups()), "") if found else ""
            link = None if closing else (len(pieces), address)
        elif name in _BLOCKS or name[0] == "h":
            pieces.append("\n- " if name == "li" and not closing else "\n")
    plain = "".join([*pieces, text[end:]])
    return "\n".join(filter(None, map(str.strip, plain.split("\n"))))


def _after_words(words: str, address: str) -> str:
    """What follows the words of a link."""
    if not address or address == words:
        return ""
    return f" ({address})" if words else address
