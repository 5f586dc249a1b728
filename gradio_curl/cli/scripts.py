"""The scripts that bash, zsh and fish load: each asks the command itself at TAB."""

BASH = r"""# TAB for gradio-curl in bash. Made by: gradio-curl --completion bash
_gradio_curl() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(
        _GRADIO_CURL_COMPLETE=bash COMP_WORDBREAKS=$COMP_WORDBREAKS \
            "${1/#\~\//$HOME/}" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null
    )
    # More is to come behind a name and behind a folder.
    if [[ ${COMPREPLY[0]-} == *[=@/] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _gradio_curl gradio-curl
"""
ZSH = r"""#compdef gradio-curl
# TAB for gradio-curl in zsh. Made by: gradio-curl --completion zsh
_gradio_curl() {
    local word description
    local -a ended open ended_shown open_shown
    while IFS=$'\t' read -r word description; do
        if [[ $word == *[=@/] ]]; then
            open+=("$word")
            open_shown+=("$word${description:+  -- $description}")
        else
            ended+=("$word")
            ended_shown+=("$word${description:+  -- $description}")
        fi
    done < <(
        _GRADIO_CURL_COMPLETE=zsh "${(Q)words[1]}" \
            "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null
    )
    # More is to come behind a name and behind a folder.
    compadd -l -V open -S '' -d open_shown -a open
    compadd -l -V ended -d ended_shown -a ended
}
if [[ ${funcstack[1]} == _gradio-curl ]]; then
    _gradio_curl "$@"
else
    compdef _gradio_curl gradio-curl
fi
"""
FISH = r"""# TAB for gradio-curl in fish. Made by: gradio-curl --completion fish
function __gradio_curl
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    _GRADIO_CURL_COMPLETE=fish $words[1] $words[2..-1] "$current" 2>/dev/null </dev/null
end
complete -c gradio-curl -f -k -a '(__gradio_curl)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
