# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in fish.

# Completes the last of several names that have commas between them.
function __capeasy_sets
    set -l before (commandline -ct | string replace -rf '[^,]*$' '')
    for name in (capeasy rights | string match 'CAP_*') all none
        echo "$before$name"
    end
end

function __capeasy_options
    set -l command (commandline -opc)[2]
    capeasy $command --help 2>/dev/null | string match -r '^  --?[a-zA-Z-]+' | string trim
end

complete -c capeasy -f
complete -c capeasy -n __fish_use_subcommand -a '(capeasy --help | string match -r "^  [a-z]+" | string trim)'
complete -c capeasy -n '__fish_seen_subcommand_from allow diff rights show' -a '(__capeasy_sets)'
complete -c capeasy -n '__fish_seen_subcommand_from need' -a '(capeasy need --list)'
complete -c capeasy -n '__fish_seen_subcommand_from run trace' -a '(__fish_complete_command)'
complete -c capeasy -n '__fish_seen_subcommand_from explain' -F
complete -c capeasy -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -a '(__capeasy_options)'
