"""protocol/curl.py: what is printed, where no shell and no server is needed to judge it."""

import json
import re
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_curl.network import Header, Network, Secret
from gradio_curl.protocol.curl import Login, Submission, Target, script
from gradio_curl.protocol.files import Local, from_upload
from tests.unit.described import component, new_app

APP = new_app(run=([component("textbox")], [component("textbox")]))
URL = "http://localhost:7860"


def printed(
    data: Any = (),
    network: Network | None = None,
    app: Any = APP,
    name: str = "/run",
    stdin_name: str | None = None,
    token: bool = False,
    is_hugging_face: bool = False,
    login: Login | None = None,
    oauth_token: bool = False,
    **options: Any,
) -> str:
    """The script for a call of one endpoint with these values."""
    endpoint = app.endpoint("run")._replace(name=name)
    target = Target(URL, app, token, is_hugging_face, login)
    job = Submission(list(data), stdin_name, oauth_token)
    return script(network or Network(), target, endpoint, options.pop("job", job), **options)


def test_a_call_is_a_post_and_a_get() -> None:
    assert printed(["Bob", 2]) == (
        "tmp=$(mktemp -d) || exit\n"
        "trap 'rm -rf \"$tmp\"' EXIT\n"
        "trap 'exit 1' HUP INT TERM\n"
        "app=http://localhost:7860/gradio_api\n"
        "event=$(curl -sSf \"$app/call/run\" -H 'Content-Type: application/json' \\\n"
        '  -d \'{"data": ["Bob", 2]}\' |\n'
        '  sed -n \'s/.*"event_id": *"\\([^"]*\\)".*/\\1/p\')\n'
        'curl -sSfN "$app/call/run/${event:?}" | tee "$tmp/events"\n'
        "grep -q '^event: complete' \"$tmp/events\""
    )


APP_IS = "app=http://localhost:7860/gradio_api"
TEMPORARY = f"""tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
{APP_IS}"""
JSON = "-H 'Content-Type: application/json'"
EVENT_ID = r"""sed -n 's/.*"event_id": *"\([^"]*\)".*/\1/p')"""
SERVER_PATH = r"""sed -n 's/^\["\(.*\)"\]$/\1/p')"""
SUCCEEDED = """grep -q '^event: complete' "$tmp/events\""""
BY_NAME = f"""curl -sSfN "$app/call/run/${{event:?}}" | tee "$tmp/events"
{SUCCEEDED}"""
COMPLETED = (
    """grep -q '^data: {"msg": *"process_completed", *"event_id": *"'"$event"'", """
    """*"output": *{"data"' "$tmp/events\""""
)
ECHO = 'echo "${event:?}"'
META = '"meta": {"_type": "gradio.FileData"}'


def test_a_job_of_a_session_is_followed_by_the_feed_of_the_session() -> None:
    assert (
        printed(["x"], session_hash="a b/'c")
        == rf"""{TEMPORARY}
event=$(curl -sSf "$app/call/run" {JSON} \
  -d '{{"data": ["x"], "session_hash": "a b/'\''c"}}' |
  {EVENT_ID}
curl -sSfN "$app/queue/data?session_hash="'a%20b%2F%27c' | tee "$tmp/events"
{COMPLETED}"""
    )


def test_a_job_by_number_has_the_session_that_is_given_or_one_of_its_own() -> None:
    assert (
        printed(["x"], name="//x", session_hash="s")
        == rf"""{TEMPORARY}
event=$(curl -sSf "$app/queue/join" {JSON} \
  -d '{{"data": ["x"], "session_hash": "s", "fn_index": 10, "simple_format": true}}' |
  {EVENT_ID}
curl -sSfN "$app/queue/data?session_hash="s | tee "$tmp/events"
{COMPLETED}"""
    )
    own = '"session_hash": "\'"${session:?}"\'"'
    assert (
        printed(["x"], name="//x")
        == rf"""{TEMPORARY}
session="curl-$(date +%s)-$$"
event=$(curl -sSf "$app/queue/join" {JSON} \
  -d '{{"data": ["x"], "fn_index": 10, "simple_format": true, {own}}}' |
  {EVENT_ID}
curl -sSfN "$app/queue/data?session_hash=${{session:?}}" | tee "$tmp/events"
{COMPLETED}"""
    )


def test_a_job_that_is_queued_is_only_collected() -> None:
    assert printed(job="an event") == f"{TEMPORARY}\nevent='an event'\n{BY_NAME}"
    assert (
        printed(job="e1", name="//x")
        == f"""{TEMPORARY}
event=e1
curl -sSfN "$app/queue/data?session_hash=${{event:?}}" | tee "$tmp/events"
{COMPLETED}"""
    )


def test_without_a_collection_the_event_id_is_printed() -> None:
    assert (
        printed(["x"], collect=False)
        == rf"""{APP_IS}
event=$(curl -sSf "$app/call/run" {JSON} \
  -d '{{"data": ["x"]}}' |
  {EVENT_ID}
{ECHO}"""
    )
    assert printed(job="e1", collect=False) == f"{APP_IS}\nevent=e1\n{ECHO}"


def test_each_file_is_uploaded_once_under_its_name() -> None:
    cat, env, odd = Local("my cat,1.png"), Local("dir/.env"), Local("b\udcff.png")
    empty = "stdin is empty: save this script, then run it as sh SCRIPT <FILE"

    def payload(number: int, name: str) -> str:
        path = f"""'"${{file{number}:?}}"'"""
        return f'{{"path": "{path}", "orig_name": "{name}", {META}}}'

    told = printed([Local("-"), cat, env, cat, {"more": odd}])
    data = ", ".join(
        [
            payload(1, "stdin"),
            payload(2, "my cat,1.png"),
            payload(3, "env"),
            payload(2, "my cat,1.png"),
            '{"more": ' + payload(4, "b\ufffd.png") + "}",
        ]
    )
    assert (
        told
        == rf"""{{
{TEMPORARY}
cat >"$tmp/stdin"
test -s "$tmp/stdin" || {{ echo '{empty}' >&2; exit 26; }}
file1=$(curl -sSf "$app/upload" -F files=@"$tmp/stdin"';filename="stdin"' |
  {SERVER_PATH}
file2=$(curl -sSf "$app/upload" -F 'files=@"my cat,1.png"' |
  {SERVER_PATH}
file3=$(curl -sSf "$app/upload" -F files=@dir/.env';filename="env"' |
  {SERVER_PATH}
file4=$(curl -sSf "$app/upload" -F 'files=@"b{chr(0xDCFF)}.png"' |
  {SERVER_PATH}
event=$(curl -sSf "$app/call/run" {JSON} \
  -d '{{"data": [{data}]}}' |
  {EVENT_ID}
{BY_NAME}
exit
}}"""
    )


def test_options_stand_in_every_command_and_secrets_are_variables() -> None:
    network = Network(
        insecure=True,
        cacert="my ca.pem",
        cert="c.pem",
        key="k.pem",
        connect_timeout=5.0,
        idle_timeout=0.2,
        proxy=Secret("socks5h://proxy:1"),
        headers=[
            Header("Content-Type", Secret("x")),
            Header("Accept", Secret("*/*")),
            Header("ACCEPT-ENCODING", Secret("x")),
            Header("X", Secret("S3CRET")),
        ],
    )
    flags = (
        """-H "Authorization: Bearer ""${HF_TOKEN:?}" -H 'Accept: */*' """
        """-H 'X: '"${GRADIO_HEADER_X:?}" -k --cacert 'my ca.pem' --cert c.pem --key k.pem """
        "--proxy socks5h://proxy:1 --connect-timeout 5 --speed-limit 1 --speed-time 1 "
        "--max-time 1.5"
    )
    told = printed(
        ["x"],
        network,
        login=Login("ann\nlee", "form"),
        token=True,
        is_hugging_face=True,
        max_time=1.5,
    )
    assert (
        told
        == rf"""# Set these variables first:
#   HF_TOKEN: the token for the app
#   GRADIO_HEADER_X: the value of the header X
#   GRADIO_PASSWORD: the password of ann lee
{TEMPORARY}
curl -sSf {flags} -c "$tmp/cookies" -o /dev/null http://localhost:7860/login \
  --data-urlencode 'username=ann
lee' --data-urlencode "password=""${{GRADIO_PASSWORD:?}}" || exit
event=$(curl -sSf {flags} -b "$tmp/cookies" "$app/call/run" {JSON} \
  -d '{{"data": ["x"]}}' |
  {EVENT_ID}
curl -sSfN {flags} -b "$tmp/cookies" "$app/call/run/${{event:?}}" | tee "$tmp/events"
{SUCCEEDED}"""
    )


def test_a_comment_is_one_line_that_moves_no_cursor() -> None:
    told = printed(login=Login("ann\x1b[2J\r\nlee", "form"))
    assert "#   GRADIO_PASSWORD: the password of ann [2J lee\n" in told


def test_cookies_that_an_app_sets_unasked_are_kept() -> None:
    target = Target(URL, APP, sets_cookies=True)
    told = script(Network(insecure=True), target, APP.endpoint("run"), Submission([]))
    assert told.count(' -k -b "$tmp/cookies" -c "$tmp/cookies" "$app/') == told.count("curl ") == 2


@pytest.mark.parametrize(
    ("seconds", "flags"),
    [
        (60.0, ""),
        (90.0, " --speed-limit 1 --speed-time 90"),
        (1.6, " --speed-limit 1 --speed-time 2"),
        (float("inf"), ""),
    ],
)
def test_the_idle_time_is_whole_seconds_and_told_where_it_is_not_the_default(
    seconds: float, flags: str
) -> None:
    told = printed(network=Network(idle_timeout=seconds))
    assert told.startswith(f'{TEMPORARY}\nevent=$(curl -sSf{flags} "$app')


def test_a_proxy_that_asks_for_no_login_is_given_as_it_is() -> None:
    told = printed(network=Network(proxy=Secret("http://proxy:3128")))
    assert told.startswith(f'{TEMPORARY}\nevent=$(curl -sSf --proxy http://proxy:3128 "$app')
    told = printed(network=Network(proxy=Secret("http://u@x.org:p@proxy:3128")))
    assert "#   GRADIO_PROXY_USER: USER:PASSWORD for the proxy\n" in told
    assert "--proxy http://proxy:3128 --proxy-user" in told


def test_a_here_document_keeps_what_the_shell_would_read() -> None:
    long = "x" * 100_000
    told = printed([f"$a `b` \\c\n{long}", Local("a.png")])
    assert (
        told
        == rf"""{TEMPORARY}
file1=$(curl -sSf "$app/upload" -F files=@a.png |
  {SERVER_PATH}
event=$(curl -sSf "$app/call/run" {JSON} --data-binary @- <<EOF |
{{"data": ["\$a \`b\` \\\\c\\n{long}", {{"path": "${{file1:?}}", "orig_name": "a.png", {META}}}]}}
EOF
  {EVENT_ID}
{BY_NAME}"""
    )


def test_a_body_up_to_the_limit_is_an_argument_paths_of_the_server_included() -> None:
    payloads = [from_upload("file1", "a"), from_upload("file2", "b")]
    for local, sent, room in (([], [], 0), ([Local("a"), Local("b")], payloads, 2 * 512)):
        length = 100_000 - room - len(json.dumps({"data": ["", *sent]}))
        assert "<<EOF" not in printed(["x" * length, *local])
        assert "<<EOF" in printed(["x" * (length + 1), *local])


def test_text_is_readable_and_what_marks_a_variable_is_not_taken_for_one() -> None:
    text = "\0file1\0 \u2028 \ud800 é漢 \\u00e9 \\\\u00e9"
    told = printed([text, Local("a"), "\0\0file1\0\0"])
    shown = r"\u0000file1\u0000 \u2028 \ud800 é漢 \\u00e9 \\\\u00e9"
    path = """'"${file1:?}"'"""
    assert (
        f"""  -d '{{"data": ["{shown}", {{"path": "{path}", "orig_name": "a", {META}}}, """
        rf""""\u0000\u0000file1\u0000\u0000"]}}' |"""
    ) in told


@pytest.mark.parametrize(
    ("version", "route"),
    [
        ("4.30.0", "call/run"),
        ("4.31.0", "queue/data"),
        ("4.42.0", "queue/data"),
        ("4.43.0", "call/run"),
    ],
)
def test_where_the_call_route_cannot_carry_json_the_queue_feed_is_read(
    version: str, route: str
) -> None:
    assert f'curl -sSfN "$app/{route}' in printed(app=APP._replace(version=version))


@pytest.mark.parametrize("name", ["//lead", "/a/b", "/end/", "/.", "/..", "/"])
def test_an_endpoint_that_no_path_leads_to_joins_the_queue_by_its_number(name: str) -> None:
    told = printed(["x"], name=name)
    assert '"$app/queue/join"' in told
    assert '"fn_index": 10' in told
    assert '"session_hash": "\'"${session:?}"\'"' in told
    assert "/call/" not in told


def test_a_file_from_stdin_keeps_its_name_and_must_not_be_empty() -> None:
    told = printed([Local("-")], stdin_name='c"a\\t.png')
    assert '\'files=@"$tmp/stdin"' not in told
    assert r""";filename="c\"a\\t.png"'""" in told
    assert r'"orig_name": "c\"a\\t.png"' in told
    assert 'test -s "$tmp/stdin" || {' in told
    # A shell reads a group to its end before it runs it: what then is on stdin is the file.
    assert (told.splitlines()[0], told.splitlines()[-1]) == ("{", "}")


def test_a_form_login_posts_the_password_as_a_variable() -> None:
    told = printed(login=Login("me & you", "form"))
    assert "'username=me & you'" in told
    assert '"password=""${GRADIO_PASSWORD:?}"' in told
    assert told.count('-b "$tmp/cookies"') == 2
    assert "#   GRADIO_PASSWORD: the password of me & you" in told


def test_http_basic_sends_the_login_with_every_request_and_posts_no_form() -> None:
    told = printed(login=Login("ann", "basic"))
    assert (
        told.count("-u 'ann:'\"${GRADIO_PASSWORD:?}\"")
        + told.count('-u ann:"${GRADIO_PASSWORD:?}"')
        == 2
    )
    assert "/login" not in told


@pytest.mark.parametrize("proxy", ["http://me:secret@proxy:3128", "http://u:secret[x@proxy:3128"])
def test_a_proxy_keeps_its_password_to_itself(proxy: str) -> None:
    told = printed(network=Network(proxy=Secret(proxy)))
    assert "secret" not in told
    assert '--proxy http://proxy:3128 --proxy-user "${GRADIO_PROXY_USER:?}"' in told


def headers(*pairs: tuple[str, str]) -> str:
    """The script with these headers, whose comments are left out."""
    told = printed(network=Network(headers=[Header(name, Secret(value)) for name, value in pairs]))
    return "\n".join(line for line in told.splitlines() if not line.startswith("#"))


@pytest.mark.parametrize("name", ["X-Api", "X-Pass", "X-Signature", "X-Jwt", "X-PIN", "Referer"])
def test_the_value_of_a_header_is_a_variable_whatever_its_name(name: str) -> None:
    told = headers((name, "S3CRET"))
    assert "S3CRET" not in told
    assert f"-H '{name}: '\"${{GRADIO_HEADER_{name.upper().replace('-', '_')}:?}}\"" in told


def test_only_headers_that_never_hold_a_secret_are_printed() -> None:
    told = headers(("Accept-Language", "de"), ("user-agent", "mine/1"))
    assert "-H 'Accept-Language: de'" in told
    assert "-H 'user-agent: mine/1'" in told


def test_no_two_headers_share_a_variable_and_none_is_one_of_the_shell() -> None:
    told = headers(*((name, "s") for name in ("X-Auth", "X.Auth", "x-auth", "2fa-token", "Path")))
    variables = re.findall(r"\$\{(\w+):\?\}", told.split("curl")[1])
    assert variables == [
        "GRADIO_HEADER_X_AUTH",
        "GRADIO_HEADER_X_AUTH_2",
        "GRADIO_HEADER_X_AUTH_3",
        "GRADIO_HEADER_2FA_TOKEN",
        "GRADIO_HEADER_PATH",
    ]


def test_an_empty_header_is_sent_empty() -> None:
    assert "-H 'X-C;'" in headers(("X-C", ""))


def test_a_header_that_is_left_out_is_left_out_by_curl_too() -> None:
    assert "-H User-Agent:" in printed(network=Network(headers=[Header("User-Agent", None)]))


def test_an_authorization_header_replaces_the_token() -> None:
    assert '-H "Authorization: Bearer ""${GRADIO_TOKEN:?}"' in printed(token=True)
    told = printed(
        token=True, network=Network(headers=[Header("authorization", Secret("Basic S3CRET"))])
    )
    assert "_TOKEN" not in told
    assert told.count('"${GRADIO_HEADER_AUTHORIZATION:?}"') == 2


def test_an_oauth_token_is_a_variable_in_the_body() -> None:
    told = printed(["x"], oauth_token=True)
    assert '"oauth_token": "\'"${GRADIO_OAUTH_TOKEN:?}"\'"}' in told
    assert "#   GRADIO_OAUTH_TOKEN: your Hugging Face token, which the app will get" in told


def test_a_time_is_a_plain_number() -> None:
    assert "--max-time 1234567 " in printed(max_time=1234567.0)
    assert "--connect-timeout 0.25 " in printed(network=Network(connect_timeout=0.25))
    assert "--max-time" not in printed(max_time=float("inf"))


def test_what_curl_lacks_and_what_is_to_be_set_is_told_first() -> None:
    told = printed(token=True, missing=["--retry"])
    assert told.startswith(
        "# curl has nothing like --retry\n"
        "# Set these variables first:\n"
        "#   GRADIO_TOKEN: the token for the app\n"
    )


def test_only_for_hugging_face_a_variable_is_read_that_machines_have_set() -> None:
    everything: dict[str, Any] = {
        "token": True,
        "oauth_token": True,
        "login": Login("ann", "form"),
        "network": Network(
            headers=[Header("X-Key", Secret("k"))], proxy=Secret("http://me:pw@proxy:3128")
        ),
    }
    for name in ("/run", "//by-number"):
        for job in (dict[str, Any](), {"job": "an-event"}):
            told = printed(["x"], name=name, **everything, **job)
            assert all(v.startswith("GRADIO_") for v in read_from_outside(told)), told
    told = printed(["x"], is_hugging_face=True, **everything)
    assert '"Authorization: Bearer ""${HF_TOKEN:?}"' in told


def read_from_outside(told: str) -> set[str]:
    """The variables of a script that it does not set before it reads them."""
    own = {"app", "event", "session", "tmp"}
    lines = [line for line in told.splitlines() if not line.startswith("#")]
    assigned: set[str] = set()
    read: set[str] = set()
    for line in lines:
        read |= set(re.findall(r"\$\{?(\w+)", line)) - assigned
        assigned |= set(re.findall(r"^(\w+)=", line)) & own
    return read


@pytest.mark.parametrize("data", [["漢" * 45_000], [[Local(f"{n}.txt") for n in range(700)]]])
def test_a_body_that_is_long_in_bytes_or_grows_is_a_here_document(data: Any) -> None:
    assert "--data-binary @- <<EOF |\n" in printed(data)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_text_is_one_word_of_the_shell(text: str) -> None:
    line = next(line for line in printed([text]).splitlines() if line.startswith("  -d "))
    words = shlex.split(line.removesuffix(" |"))
    assert words[0] == "-d"
    assert json.loads(words[1]) == {"data": [text]}
