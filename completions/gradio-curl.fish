# TAB for gradio-curl in fish. Made by: gradio-curl --completion fish
function __gradio_curl
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    _GRADIO_CURL_COMPLETE=fish $words[1] $words[2..-1] "$current" 2>/dev/null </dev/null
end
complete -c gradio-curl -f -k -a '(__gradio_curl)'
