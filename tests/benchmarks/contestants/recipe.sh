# Gradio's documented recipe: two curls. URL ENDPOINT BODY [FEED].
# With FEED the events come by the route that gradio-curl reads, for the same bytes.
event_id=$(
    curl -s -X POST "$1/gradio_api/call/$2" -H 'Content-Type: application/json' -d "$3" |
        awk -F'"' '{ print $4 }'
)
if [ -n "$4" ]; then
    exec curl -sN "$1/gradio_api/queue/data?session_hash=$event_id"
fi
exec curl -sN "$1/gradio_api/call/$2/$event_id"
