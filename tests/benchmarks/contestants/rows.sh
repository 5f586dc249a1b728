# The recipe for many rows, eight at a time. URL COUNT.
here=$(dirname "$0")
seq 0 $(($2 - 1)) |
    xargs -P 8 -I {} sh "$here/recipe.sh" "$1" greet '{"data": ["row {}", 1, false]}'
