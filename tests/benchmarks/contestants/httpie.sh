# The recipe with HTTPie's `http` in the place of curl. URL ENDPOINT DATA.
event_id=$(
    http --ignore-stdin --body POST "$1/gradio_api/call/$2" "data:=$3" |
        awk -F'"' '{ print $4 }'
)
exec http --ignore-stdin --body --stream GET "$1/gradio_api/call/$2/$event_id"
