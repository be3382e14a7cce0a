# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in bash.
_capeasy()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}

	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W 'diff fds need rights run show status' -- "$word"))
	elif [[ $command == @(rights|show|diff) ]]; then
		COMPREPLY=($(compgen -W "$(capeasy rights | grep '^CAP_')" -- "$word"))
	elif [[ $command == run ]]; then
		COMPREPLY=($(compgen -W '-L -d -l' -- "$word") $(compgen -c -- "$word"))
	fi
}
complete -o default -F _capeasy capeasy
