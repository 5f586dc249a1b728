# Each FILE in a request of its own, by one curl: URL OPTION FILE..., OPTION being -Z or -s.
url=$1/gradio_api/upload option=$2
shift 2
next=
for file in "$@"; do
    echo "$next"
    echo "form = \"files=@$file\""
    echo "url = \"$url\""
    next=next
done | exec curl "$option" -sS -K -
