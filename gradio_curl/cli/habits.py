"""The options of curl and HTTPie that people type by habit: one table for parsing and the manual.

Each either works here (as one of our options, or because it asks for what happens anyway), or is
answered with the line that serves instead.
"""

from __future__ import annotations

from typing import NamedTuple


class Habit(NamedTuple):
    """An option of curl or HTTPie, by its `names`.

    `metavar` is its value, empty for a flag. It stands for our `option` with `prefix` before the
    value, or for what `does` names: `ignore`, `method`, `app` (the value is APP), `form` (the
    value has a file to upload) or `refuse`. `told` says so to a person, or what to use instead.
    """

    names: tuple[str, ...]
    metavar: str
    told: str
    option: str = ""
    prefix: str = ""
    does: str = "ignore"


def _same(names: str, option: str, metavar: str = "", prefix: str = "", told: str = "") -> Habit:
    told = told or f"the same as {option}"
    return Habit(tuple(names.split()), metavar, told, option, prefix, "option")


def _ignored(names: str, told: str, metavar: str = "") -> Habit:
    return Habit(tuple(names.split()), metavar, told)


def _refused(names: str, told: str, metavar: str = "") -> Habit:
    return Habit(tuple(names.split()), metavar, told, does="refuse")


HABITS = (
    Habit(("-X", "--request"), "METHOD", "no effect: GET or POST as needed", does="method"),
    Habit(("--url",), "URL", "the same as APP", does="app"),
    Habit(("-F", "--form"), "files=@FILE", "with upload: the file to upload", does="form"),
    _same("--data-binary --data-ascii", "--data", "JSON|@FILE|@-"),
    _same("--data-raw", "--data", "JSON"),
    _same("-u --user -a", "--auth", "LOGIN|@FILE"),
    _same("--oauth2-bearer", "--token", "TOKEN|@FILE"),
    _same("-x", "--proxy", "URL"),
    _same("-E", "--cert", "FILE"),
    _same("-s --silent --no-progress-meter", "--quiet"),
    _same("-b --cookie", "--header", "COOKIES", "Cookie: ", "send the header Cookie"),
    _same("-A --user-agent", "--header", "NAME", "User-Agent: ", "send the header User-Agent"),
    _same("-e --referer", "--header", "URL", "Referer: ", "send the header Referer"),
    _same("--timeout", "--max-time", "SECONDS"),
    _ignored("-S --show-error", "no effect: errors are always shown"),
    _ignored("-f --fail --fail-with-body --check-status", "no effect: HTTP errors always fail"),
    _ignored("-L --location --follow", "no effect: redirects are followed"),
    _ignored("-N --no-buffer", "no effect: output is never held back"),
    _ignored("-i --include", "no effect: --verbose shows headers"),
    _ignored("-n --netrc --netrc-optional", "no effect: ~/.netrc is always read"),
    _ignored("--ignore-stdin", "no effect: stdin is read only where - or @- names it"),
    _ignored("-# --progress-bar --compressed --http1.1 --http2", "no effect"),
    _refused("-O --remote-name --download --remote-name-all", "use -o ./"),
    _refused("-J --remote-header-name", "use -o ./"),
    _refused("--output-dir --create-dirs", "use -o DIR/, which is created"),
    _refused("-T --upload-file", "use gradio-curl upload APP FILE", "FILE"),
    _refused("-w --write-out", "use --json, or --verbose for the times", "FORMAT"),
    _refused("-K --config", "use environment variables: see --manual", "FILE"),
    _refused("-I --head", "use gradio-curl info APP"),
    _refused("-D --dump-header --trace --trace-ascii", "use --verbose", "FILE"),
    _refused("-c --cookie-jar", "use --session NAME to keep an app's state", "FILE"),
    _refused("-U --proxy-user", "use --proxy http://USER:PASSWORD@HOST:PORT", "USER:PASSWORD"),
    _refused("-Z --parallel", "use --batch FILE -j N"),
    _refused("--retry-delay --retry-max-time", "use --retry N with -m SECONDS", "SECONDS"),
    _refused("--retry-all-errors --retry-connrefused", "use --retry N, or --wait SECONDS"),
    _refused("--data-urlencode --form-string --url-query", "use NAME=TEXT", "NAME=TEXT"),
    _refused("-G --get", "use NAME=TEXT for each parameter"),
    _refused("--noproxy", "use the variable NO_PROXY", "HOSTS"),
    _refused("--max-filesize --limit-rate --max-redirs", "use --curl, and add it there", "N"),
    _refused(
        "--resolve --connect-to --unix-socket --interface", "use --curl, and add it there", "X"
    ),
    _refused("--stream", "use gradio-curl stream"),
    _refused("--offline", "use --curl"),
    _refused("--verify", "use --insecure, or --cacert FILE", "no|FILE"),
    _refused("--pretty --style -p --print --body --headers", "use --json, --color or --verbose"),
)
BY_NAME = {name: habit for habit in HABITS for name in habit.names}
