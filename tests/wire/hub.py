"""A stand-in for the Hub, whose answers are shaped as those of the real one.

Source: what huggingface_hub 0.22 to 2.4 reads (`SpaceRuntime`, `SpaceInfo`, `hf_raise_for_status`,
`parse_ratelimit_headers`), the types of huggingface.js, the Hub's page on rate limits. A test has
huggingface_hub itself read them.
"""

from typing import Any

from tests.wire.server import Reply, Request, Script, http

SPACE = "/api/spaces/me/app"
HOST, RUNTIME = f"{SPACE}/host", f"{SPACE}/runtime"

STAGES = {
    "RUNNING": 0,
    "RUNNING_BUILDING": 0,  # runs, while its next version is built
    "RUNNING_APP_STARTING": 0,
    "BUILDING": 75,
    "APP_STARTING": 75,
    "SLEEPING": 75,  # not in huggingface_hub, but in huggingface.js and in Gradio's own client
    "STOPPED": 75,
    "PAUSED": 75,
    "BUILD_ERROR": 22,
    "RUNTIME_ERROR": 22,
    "CONFIG_ERROR": 22,
    "NO_APP_FILE": 22,
    "DELETING": 22,
}
"""Every stage of a Space, and the exit code of a call to it."""
ERROR_MESSAGE = "Exit code: 1. Reason: Traceback (most recent call last):\n  No module 'torch'\n"


def runtime(stage: str) -> dict[str, Any]:
    """What the Hub says of a Space in this stage."""
    hardware = {"current": None if stage == "BUILDING" else "cpu-basic", "requested": "cpu-basic"}
    ready = "READY" if stage.startswith("RUNNING") else "PENDING"
    known: dict[str, Any] = {
        "stage": stage,
        "hardware": hardware,
        "storage": None,
        "gcTimeout": 172800,
        "replicas": {"current": 1, "requested": 1},
        "devMode": False,
        "domains": [{"domain": "me-app.hf.space", "stage": ready}],
    }
    return known | ({"errorMessage": ERROR_MESSAGE} if stage.endswith("ERROR") else {})


def space(app: str, stage: str = "RUNNING", **fields: Any) -> dict[str, Any]:
    """What the Hub says of the Space me/app as a whole, which is served at `app`."""
    return {
        "_id": "62dd8a4f5b7f2b8f1a1e0f3c",
        "id": "me/app",
        "author": "me",
        "sha": "3e34f3f4c0a6b0b0e4d7c1c8d3a5a0b5c1d2e3f4",
        "lastModified": "2026-01-02T03:04:05.000Z",
        "createdAt": "2022-03-02T23:29:04.000Z",
        "private": False,
        "gated": False,
        "disabled": False,
        "host": app,
        "subdomain": "me-app",
        "tags": ["gradio", "region:us"],
        "likes": 3,
        "sdk": "gradio",
        "runtime": runtime(stage),
        "cardData": {"title": "App", "sdk": "gradio", "app_file": "app.py"},
        "siblings": [{"rfilename": "README.md"}, {"rfilename": "app.py"}],
        **fields,
    }


def hub(app: str, *stages: str, replies: Script | None = None) -> dict[str, Reply]:
    """The script of a Hub with the Space me/app; each of `stages` is told once, the last always."""
    left = list(stages or ["RUNNING"])

    def answer(request: Request) -> bytes:
        return http(runtime(left.pop(0) if len(left) > 1 else left[0]))

    return {
        SPACE: http(space(app, left[0])),
        HOST: http({"subdomain": "me-app", "host": app}),
        RUNTIME: answer,
        **(replies or {}),
    }


def refusing(status: int, message: str, code: str = "", **headers: str) -> bytes:
    """An error as the Hub sends it: the message in the body and in a header, a code if it has one.

    In the names of `headers`, an underscore stands for a hyphen.
    """
    own = {"X-Error-Message": message, "X-Request-Id": "Root=1-659fc3fa-3031673e0f92c71a2260dbe2"}
    own |= {"X-Error-Code": code} if code else {}
    return http(
        {"error": message}, status, own | {k.replace("_", "-"): v for k, v in headers.items()}
    )


# Which error of huggingface_hub each of them is.
REFUSALS = {
    # Private or missing, asked without a token and with one.
    "anonymous": refusing(401, "Invalid username or password.", "RepoNotFound"),
    "missing": refusing(404, "Repository not found", "RepoNotFound"),
    "gated": refusing(403, "Access to space me/app is restricted.", "GatedRepo"),
    "disabled": refusing(403, "Access to this resource is disabled."),
    "token": refusing(401, "Invalid credentials in Authorization header"),
}
CLASSES = {
    "anonymous": "RepositoryNotFoundError",
    "missing": "RepositoryNotFoundError",
    "gated": "GatedRepoError",
    "disabled": "DisabledRepoError",
    "token": "HfHubHTTPError",
}


def rate_limited(seconds: int) -> bytes:
    """The Hub's 429: no request is left, for so many seconds."""
    return refusing(
        429,
        "We had to rate limit your IP.",
        RateLimit=f'"api";r=0;t={seconds}',
        RateLimit_Policy='"fixed window";"api";q=500;w=300',
    )
