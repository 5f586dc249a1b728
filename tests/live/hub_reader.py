"""What huggingface_hub makes of a Hub: run on its Python with the Hub's URL, prints JSON."""

import json
import sys

from huggingface_hub import HfApi, SpaceStage
from huggingface_hub.utils import HfHubHTTPError

api = HfApi(endpoint=sys.argv[1], token=False)
told = {"stages": [stage.value for stage in SpaceStage]}
try:
    runtime = api.get_space_runtime("me/app")
    space = api.space_info("me/app")
    told |= {
        "stage": runtime.stage,
        "hardware": [runtime.hardware, runtime.requested_hardware],
        "sleeps after": runtime.sleep_time,
        "error message": runtime.raw.get("errorMessage"),
        "space": [space.id, space.author, space.host, space.subdomain, space.sdk, space.private],
        "of the space": space.runtime.stage,
        "is new": space.created_at.year,
    }
except HfHubHTTPError as error:
    told |= {"error": type(error).__name__, "said": error.server_message}
print(json.dumps(told))
