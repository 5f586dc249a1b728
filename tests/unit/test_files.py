"""FileData: what is a file, where it can be fetched, under which name it is saved."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradio_curl.errors import Fault, InputError
from gradio_curl.protocol.files import (
    Local,
    content_url,
    escaped,
    file_url,
    from_upload,
    from_url,
    is_component,
    is_file,
    is_local,
    is_payload,
    is_plot,
    is_reference,
    max_files,
    output_files,
    replaced_files,
    safe_name,
    shaped,
    shortened,
    transform,
    unescaped,
    upload_name,
    urls_not_saved,
    walk,
    with_urls,
)
from gradio_curl.protocol.output_names import Template
from gradio_curl.protocol.schema import Shape

NEW: dict[str, Any] = {"path": "/srv/a.png", "url": None, "meta": {"_type": "gradio.FileData"}}
OLD: dict[str, Any] = {
    "path": "/srv/a.png",
    "url": "http://wrong/file=/srv/a.png",
    "size": None,
    "orig_name": "a.png",
    "mime_type": None,
    "is_stream": False,
}


LEAST = dict.fromkeys(("path", "url", "orig_name", "mime_type", "is_stream"), "x")


@pytest.mark.parametrize("value", [NEW, OLD, LEAST, {"url": "http://x", "meta": NEW["meta"]}])
def test_a_file_is_known_by_its_meta_or_on_4_20_by_all_its_keys(value: Any) -> None:
    assert is_file(value)


@pytest.mark.parametrize(
    "value",
    [
        {"path": "x"},
        {"path": "x", "size": 3, "orig_name": "x"},
        {"meta": {"_type": "gradio.FileData"}},
        {**NEW, "path": None},
        {**NEW, "meta": {"_type": "other"}},
        "/srv/a.png",
        None,
    ],
)
def test_what_an_app_calls_a_path_is_no_file(value: Any) -> None:
    assert not is_file(value)


A, B, C = Local("a"), Local("b"), Local("c")


@pytest.mark.parametrize(
    ("shape", "most", "files", "value"),
    [
        ("file", 1, [A], A),
        ("files", None, [A, B], [A, B]),
        ("pair", 2, [A, B], [A, B]),
        ("gallery", None, [A, B], [{"image": A, "caption": None}, {"image": B, "caption": None}]),
        ("video", 2, [A], {"video": A, "subtitles": None}),
        ("video", 2, [A, B], {"video": A, "subtitles": B}),
        ("multimodal", None, [A, B], {"text": "", "files": [A, B]}),
        ("editor", None, [A, B, C], {"background": A, "layers": [B, C], "composite": A}),
    ],
)
def test_files_go_in_by_the_shape_of_the_parameter(
    shape: Shape, most: int | None, files: list[Any], value: Any
) -> None:
    assert shaped(shape, files) == value
    assert max_files(shape) == most


def test_a_message_has_its_text_beside_its_files() -> None:
    assert shaped("multimodal", [A], "hi") == {"text": "hi", "files": [A]}


def test_files_are_found_in_lists_and_updates_and_their_urls_made_right() -> None:
    outputs = [{"__type__": "update", "value": [{"image": OLD, "caption": None}]}, "text", NEW]
    mended = with_urls(outputs, "http://here/sub", "/gradio_api")
    urls = [file["url"] for file in walk(mended, is_file)]
    assert urls == ["http://here/sub/gradio_api/file=/srv/a.png"] * 2
    assert OLD["url"] == "http://wrong/file=/srv/a.png"
    without: list[Any] = ["text", {"path": "x"}]
    assert with_urls(without, "http://here", "") is without


@pytest.mark.parametrize(
    ("file", "url"),
    [
        ({"path": "/srv/a b#é?.png"}, "http://h/file=/srv/a%20b%23%C3%A9%3F.png"),
        ({"path": "C:\\srv\\a.png"}, "http://h/file=C%3A%5Csrv%5Ca.png"),
        ({"path": "https://x.org/a.png", "url": "http://h/file=x"}, "https://x.org/a.png"),
        ({"path": None, "url": "https://x.org/a.png"}, "https://x.org/a.png"),
        (
            {"path": "s1/r/2/playlist.m3u8", "is_stream": True},
            "http://h/stream/s1/r/2/playlist.m3u8",
        ),
        ({"path": "/srv/\ud800"}, "http://h/file=/srv/%ED%A0%80"),
    ],
)
def test_a_url_is_built_from_the_path(file: dict[str, Any], url: str) -> None:
    assert file_url(file, "http://h", "") == url


@pytest.mark.parametrize(
    ("file", "url"),
    [
        ({"path": "s/playlist.m3u8", "is_stream": True}, "http://h/p/stream/s/playlist-file"),
        ({"path": "s/1.aac", "is_stream": True}, "http://h/p/stream/s/1.aac"),
        ({"path": "/s/playlist.m3u8", "is_stream": False}, "http://h/p/file=/s/playlist.m3u8"),
        ({"path": "/s/playlist.m3u8"}, "http://h/p/file=/s/playlist.m3u8"),
    ],
)
def test_a_stream_is_fetched_as_one_file_not_as_its_playlist(
    file: dict[str, Any], url: str
) -> None:
    assert content_url(file, "http://h", "/p") == url


IMAGE = {**OLD, "path": "/srv/b.png", "url": "http://h/b.png"}
AUDIO = {"url": "http://h/c.wav", "meta": NEW["meta"]}
ANSWER = {
    "component": "gallery",
    "value": [{"image": IMAGE}, NEW],
    "props": {"value": [{"image": IMAGE}, NEW], "label": "Cats"},
}


def test_a_file_that_a_chat_answer_has_twice_is_replaced_once() -> None:
    seen: list[dict[str, Any]] = []

    def replace(file: dict[str, Any]) -> dict[str, Any]:
        seen.append(file)
        return {"number": len(seen)}

    replaced = replaced_files(
        [IMAGE, "text", [{"role": "user", "content": ANSWER}], AUDIO], replace
    )
    assert seen == [IMAGE, IMAGE, NEW, AUDIO]
    content = {
        "component": "gallery",
        "value": [{"image": {"number": 2}}, {"number": 3}],
        "props": {"value": [{"image": {"number": 2}}, {"number": 3}], "label": "Cats"},
    }
    assert replaced == [
        {"number": 1},
        "text",
        [{"role": "user", "content": content}],
        {"number": 4},
    ]
    assert output_files([IMAGE, "text", [ANSWER], AUDIO]) == [IMAGE, IMAGE, NEW, AUDIO]


@pytest.mark.parametrize("other", [{"url": "http://other/b.png"}, {"path": "/srv/c.png"}])
def test_files_of_two_paths_or_of_two_urls_are_two(other: dict[str, str]) -> None:
    elsewhere = {**IMAGE, **other}
    answer = {"component": "image", "value": IMAGE, "props": {"value": elsewhere, "more": [AUDIO]}}
    assert output_files([answer]) == [IMAGE, elsewhere, AUDIO]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ANSWER, True),
        ({"component": "image", "props": {}}, True),
        ({"component": "image", "props": None}, False),
        ({"component": "image"}, False),
        ({"props": {}}, False),
        (["component", "props"], False),
        ("component", False),
        (None, False),
    ],
)
def test_a_component_in_a_chat_has_props(value: Any, expected: bool) -> None:
    assert is_component(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "matplotlib", "plot": "data:image/webp;base64,UklGRg=="}, True),
        ({"type": "plotly", "plot": '{"data": []}'}, False),
        ({"type": "plotly"}, False),
        ("data:image/png;base64,", False),
        (None, False),
    ],
)
def test_a_plot_that_is_drawn_has_its_picture_in_it(value: Any, expected: bool) -> None:
    assert is_plot(value) is expected


def test_each_url_without_a_saved_file_is_told_once() -> None:
    saved = {**OLD, "saved": "out/a.png"}
    data = [IMAGE, saved, {"more": [AUDIO, IMAGE]}, {**NEW, "url": "http://h/a.png"}]
    assert urls_not_saved(data) == ["http://h/b.png", "http://h/c.wav", "http://h/a.png"]
    assert urls_not_saved([saved, "text"]) == []


def test_a_payload_keeps_the_name_that_the_file_has_here() -> None:
    assert from_upload("/srv/ab.png", 'a"b.png') == {
        "path": "/srv/ab.png",
        "orig_name": 'a"b.png',
        "meta": {"_type": "gradio.FileData"},
    }
    assert from_url("https://x.org/d/a%20b.png?x=1")["orig_name"] == "a b.png"
    assert is_payload(from_upload("/srv/a", "a"))
    assert is_payload(from_url("https://x.org/"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x.org/d/a%20b.png?x=/1#y", "a b.png"),
        ("HTTPS://x.org/a", "a"),
        ("https://x.org/d/", None),
        ("https://x.org", None),
    ],
)
def test_a_url_is_sent_with_the_name_in_its_path(url: str, name: str | None) -> None:
    assert from_url(url) == {"path": url, "url": url, "orig_name": name, "meta": NEW["meta"]}


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (
            "https://me:se@cret@x.org/a",
            Fault(
                "the URL 'https://x.org/a' has a login in it, which is not sent",
                "the app would get it, for it fetches the URL: "
                "download the file, and give its path",
            ),
        ),
        (
            "https://me:secret@x.org/a?to=http://b.example",
            Fault(
                "the URL 'https://x.org/a?to=http://b.example' has a login in it, which is not "
                "sent",
                "the app would get it, for it fetches the URL: download the file, and give its "
                "path",
            ),
        ),
        ("https://me:se/cret@x.org/a", Fault("'https://x.org/a' is not a valid URL")),
        ("https://x.org:http/a", Fault("'https://x.org:***' is not a valid URL")),
        ("https://me:s3cret", Fault("'https://me:***' is not a valid URL")),
        ("https://me:s3/cret", Fault("'https://me:***' is not a valid URL")),
    ],
)
def test_a_url_that_is_not_sent_is_told(url: str, fault: Fault) -> None:
    with pytest.raises(InputError) as refused:
        from_url(url)
    assert refused.value.faults == [fault]


@pytest.mark.parametrize("login", ["me:secret", "secret", "me:secret/x", ":secret#x", "[secret"])
def test_a_url_with_a_login_is_refused_in_words_without_it(login: str) -> None:
    with pytest.raises(InputError) as refused:
        from_url(f"https://{login}@files.example/a.txt")
    [fault] = refused.value.faults
    assert "secret" not in fault.message + fault.hint
    assert "https://files.example/a.txt" in fault.message


@pytest.mark.parametrize("url", ["https://x.org/@me/a.png", "http://x.org:80/?to=me@x.org"])
def test_an_at_sign_behind_the_host_is_no_login(url: str) -> None:
    assert from_url(url)["url"] == url
    assert not is_payload({"path": "/srv/a"})


def test_replacing_leaves_the_rest_as_it_was() -> None:
    value = {"a": [1, {"b": "x"}], "c": None}
    assert transform(value, lambda part: part == 1, lambda part: 2) == {
        "a": [2, {"b": "x"}],
        "c": None,
    }


def test_nesting_of_any_depth_is_followed_in_order() -> None:
    deep: Any = ["x", {"@": "last"}]
    for _ in range(5_000):
        deep = [deep]
    (local,) = walk(transform(deep, is_reference, lambda part: Local(part["@"])), is_local)
    assert local == Local("last")
    assert list(walk(unescaped(escaped(deep)), is_reference)) == [{"@": "last"}]
    order: list[int] = []
    transform([1, {"a": [2, 3], "b": 4}, 5], lambda part: isinstance(part, int), order.append)
    assert order == list(walk([1, {"a": [2, 3], "b": 4}, 5], lambda part: isinstance(part, int)))


@pytest.mark.parametrize(
    ("value", "out"),
    [
        ({"@": "/etc/passwd"}, {"@@": "/etc/passwd"}),
        ({"@@": 1}, {"@@@": 1}),
        ([{"a": {"@": {"@": "x"}}}], [{"a": {"@@": {"@@": "x"}}}]),
        ({"@": "x", "b": 1}, {"@": "x", "b": 1}),
        ({"@a": "x"}, {"@a": "x"}),
        ("{@}", "{@}"),
    ],
)
def test_what_an_app_sends_never_stands_for_a_file(value: Any, out: Any) -> None:
    assert escaped(value) == out
    assert unescaped(out) == value
    assert not list(walk(escaped(value), is_reference))


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("/", "file"),
        ("", "file"),
        ("C:\\Windows\\x.exe", "x.exe"),
        (".bashrc", "bashrc"),
        ("a\x00b\nc\x1b[31m.txt", "a_b_c_[31m.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("con.txt", "_con.txt"),
        ("COM1", "_COM1"),
        ("\u202egnp.exe", "_gnp.exe"),
        ("trailing. ", "trailing"),
        ("X-ray.X", "X-ray.X"),
        ("console.txt", "console.txt"),
        ("lpt1.tar.gz", "_lpt1.tar.gz"),
    ],
)
def test_a_name_from_the_server_is_made_safe(claimed: str, name: str) -> None:
    assert safe_name({"orig_name": claimed}) == name


def test_a_file_without_a_name_has_that_of_its_path_or_url() -> None:
    assert safe_name({"orig_name": None, "path": "/srv/x/a.png"}) == "a.png"
    assert safe_name({"path": None, "url": "https://x.org/b.png"}) == "b.png"
    assert safe_name({}) == "file"


@given(st.text(alphabet=st.characters(), max_size=400))
@example("é" * 300 + ".png")
@example("\ud800" * 200)
@example("x" * 300 + "." + "y" * 300)
def test_a_safe_name_is_one_component_that_any_file_system_takes(claimed: str) -> None:
    name = safe_name({"orig_name": claimed})
    assert PurePosixPath(name).name == name
    assert name not in ("", ".", "..")
    assert not name.startswith(".")
    assert len(name.encode()) <= 255
    assert name.isprintable()


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        ("é" * 300 + ".png", "é" * 98 + ".png"),
        ("é" * 300 + ".jpeg", "é" * 97 + ".jpeg"),  # half a letter is none
        ("x" * 300 + "." + "y" * 15, "x" * 184 + "." + "y" * 15),
        ("x" * 300 + "." + "y" * 16, "x" * 200),
        ("\ud800.png", "?.png"),
        ("x" * 300 + ".\ud800", "x" * 198 + ".?"),
    ],
)
def test_a_long_name_keeps_its_suffix(name: str, short: str) -> None:
    assert shortened(name) == short


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (".env", "env"),
        ("..env", "env"),
        ("...", "file"),
        ("", "file"),
        ("a.png.", "a.png."),
        ("X.png", "X.png"),
        (" a.png", " a.png"),
    ],
)
def test_no_dot_stands_before_the_name_of_an_upload(name: str, sent: str) -> None:
    assert upload_name(name) == sent


@pytest.mark.parametrize("name", ["-rf", "--help", "-"])
def test_no_name_of_a_saved_file_looks_like_an_option(name: str) -> None:
    assert safe_name({"orig_name": name}) == f"_{name}"
    assert safe_name({"path": f"/tmp/{name}"}) == f"_{name}"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{name}", "_-rf.txt"),
        ("{prompt}/{name}", "_-x/_-rf.txt"),
        ("a{prompt}", "a-x"),
        ("-{prompt}", "--x"),
    ],
)
def test_no_field_makes_a_path_look_like_an_option(template: str, path: str) -> None:
    assert Template(template).path(safe_name({"path": "/-rf.txt"}), {"prompt": "-x"}) == path
