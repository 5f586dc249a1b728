"""Plain text from the HTML that apps put into their messages."""

from __future__ import annotations

import re

# Only what is surely a tag: a message may well hold a `<` of its own.
_TAG = re.compile(
    r"<(/?)(a|abbr|b|big|blockquote|br|center|code|details|div|em|font|h[1-6]|hr|i|img|kbd|li|mark"
    r"|ol|p|pre|s|small|span|strong|sub|summary|sup|table|td|th|tr|u|ul)\b([^<>]*)>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});", re.IGNORECASE)
_BLOCKS = {"blockquote", "br", "div", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}


def plain_text(text: str) -> str:
    """`text` without its tags: a link becomes `words (address)`, a block a line of its own."""
    if "<" in text:
        text = _without_tags(text)
    if _ENTITY.search(text):
        from html import unescape

        text = _ENTITY.sub(lambda match: unescape(match[0]), text)
    return text


def _without_tags(text: str) -> str:
    pieces: list[str] = []
    link: tuple[int, str] | None = None  # where the words of a link begin, and its address
    end = 0
    for tag in _TAG.finditer(text):
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
    if end == 0:
        return text
    plain = "".join([*pieces, text[end:]])
    return "\n".join(filter(None, map(str.strip, plain.split("\n"))))


def _after_words(words: str, address: str) -> str:
    """What follows the words of a link."""
    if not address or address == words:
        return ""
    return f" ({address})" if words else address
