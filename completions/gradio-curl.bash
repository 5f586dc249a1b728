# TAB for gradio-curl in bash. Made by: gradio-curl --completion bash
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
