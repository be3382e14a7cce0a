# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in bash.

# Completes the last of several names that have commas between them.
_capeasy_list()
{
	local word=$1 before=

	[[ $word == *,* ]] && before=${word%,*},
	COMPREPLY=($(compgen -P "$before" -W "$(capeasy rights | grep '^CAP_') all none" -- "${word##*,}"))
}

_capeasy()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}

	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W "$(capeasy --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word"))
	elif [[ $command == @(allow|diff|rights|show) ]]; then
		_capeasy_list "$word"
	elif [[ $command == need ]]; then
		COMPREPLY=($(compgen -W "$(capeasy need --list)" -- "$word"))
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(capeasy "$command" --help | grep -oE -- '^  --?[a-zA-Z-]+' | tr -d ' ') --help" -- "$word"))
	elif [[ $command == @(run|trace) ]]; then
		COMPREPLY=($(compgen -c -- "$word"))
	fi
}
complete -o default -F _capeasy capeasy
