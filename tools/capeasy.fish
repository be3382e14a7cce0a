# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in fish.

# The last of several names with commas between them: with CAP_ or without it; fish does not mind upper or lower case.
function __capeasy_set
    set -l before (commandline -ct | string replace -r '[^,:= ]*$' '')
    set -l names (capeasy rights | string match 'CAP_*')
    if string match -qr '[^,:= ]$' -- (commandline -ct)
        set -a names (string replace CAP_ '' $names)
    end
    printf '%s\n' $before$names {$before}all {$before}none
end

# PATH:SET and its kin, from the set on.
function __capeasy_limited
    string match -qr '[:=]' -- (commandline -ct) && __capeasy_set
end

function __capeasy_options
    set -l command (commandline -opc)[2]
    capeasy $command --help 2>/dev/null | string match -r '^  -.*?(?=  |$)' | string match -ra -- '(?<=[ ,])--?[a-zA-Z-]+'
end

# Whether the command is one of these.
function __capeasy_is
    contains -- (commandline -opc)[2] $argv
end

complete -c capeasy -f
complete -c capeasy -n __fish_use_subcommand -a '(capeasy --help | string match -r "^  [a-z]+" | string trim)'
complete -c capeasy -n __fish_use_subcommand -l version
complete -c capeasy -l help
complete -c capeasy -n '__capeasy_is allow diff rights show' -a '(__capeasy_set)'
complete -c capeasy -n '__capeasy_is explain' -F
complete -c capeasy -n '__capeasy_is need' -a '(capeasy need --list)'
complete -c capeasy -n '__capeasy_is status trace' -s p -x -a '(__fish_complete_pids)'
# What has "=" is no program to fish: options that take it are not named here.
complete -c capeasy -n '__capeasy_is run' -a '(__fish_complete_subcommand --fcs-skip=2 -p -a -b -c --trace-file)'
complete -c capeasy -n '__capeasy_is trace' -a '(__fish_complete_subcommand --fcs-skip=2 -o -p --timeout --kdump)'
complete -c capeasy -n '__capeasy_is run' -s a -r -F
complete -c capeasy -n '__capeasy_is run' -s p -r -F -a '(__capeasy_limited)'
for option in b c d l
    complete -c capeasy -n '__capeasy_is run' -s $option -x -a '(__capeasy_limited)'
end
complete -c capeasy -n '__capeasy_is run' -l trace-file -r -F
complete -c capeasy -n '__capeasy_is trace' -s o -r -F
complete -c capeasy -n '__capeasy_is trace' -l kdump -r -F
complete -c capeasy -n '__capeasy_is trace' -l timeout -x
complete -c capeasy -n 'string match -q -- "-*" (commandline -ct)' -a '(__capeasy_options)'
