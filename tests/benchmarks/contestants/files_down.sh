# The recipe, then its files with one curl: URL COUNT SIZE FOLDER [OPTION]... of that curl, as -Z.
here=$(dirname "$0")
url=$1 count=$2 size=$3 folder=$4
shift 4
mkdir -p "$folder"
sh "$here/recipe.sh" "$url" files "{\"data\": [$count, $size]}" feed || exit
for number in $(seq -w 0 $((count - 1))); do
    echo "url = \"$url/gradio_api/file=/tmp/gradio/$number.bin/$size\""
    echo "output = \"$folder/$number.bin\""
done | exec curl -sSf "$@" -K -
