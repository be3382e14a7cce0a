# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in bash.

# The last of several names with commas between them: with CAP_ or without it, in upper or lower case.
_capeasy_set()
{
	local last=${1##*[, ]} names

	names=$(capeasy rights | grep '^CAP_')
	[[ $last ]] && names+=" ${names//CAP_/}"
	[[ $last == *[a-z]* ]] && names=${names,,}
	mapfile -t COMPREPLY < <(compgen -P "${1%"$last"}" -W "$names all none" -- "$last")
}

# The options of a command, as its help has them.
_capeasy_options()
{
	capeasy "$1" --help | sed -n '/^  -/s/   *[^ -].*//p' | grep -oE -- '--?[a-zA-Z-]+'
	echo --help
}

# Whether the words before the present one name the program that run or trace is to start.
_capeasy_has_program()
{
	local i

	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-[pabcdlo] | --trace-file | --timeout | --kdump)
			((i++))
			while [[ ${COMP_WORDS[i + 1]-} == [=:] ]]; do # which bash takes for words
				((i += 2))
			done
			;;
		-*) ;;
		*) return 0 ;;
		esac
	done
	return 1
}

_capeasy()
{
	local word=${2-} before=${3-} command=${COMP_WORDS[1]}

	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$(capeasy --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word")
	elif [[ $command == @(run|trace) ]] && _capeasy_has_program; then
		: # its arguments: files
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_capeasy_options "$command")" -- "$word")
	elif [[ $command == @(allow|diff|rights|show) || ($command == run && $before == [=:]) ]]; then
		_capeasy_set "$word"
	elif [[ $command == need ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(capeasy need --list)" -- "${word,,}")
	elif [[ $command == @(status|trace) && $before == -p ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(ps -Ao pid= 2> /dev/null)" -- "$word")
	elif [[ $command == @(run|trace) && $before != -[pabcdlo] && $before != --@(trace-file|timeout|kdump) ]]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$word" | sort -u)
	fi
}
complete -o default -F _capeasy capeasy
