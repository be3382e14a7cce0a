#compdef capeasy
# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in zsh.

# The last of several names with commas between them: with CAP_ or without it, in upper or lower case.
_capeasy_set() {
	local -a names

	compset -P '*[, ]'
	names=(${(f)"$(capeasy rights | grep '^CAP_')"})
	[[ -n $PREFIX ]] && names+=(${names#CAP_})
	compadd -q -S , -M 'm:{a-z}={A-Z}' -- $names
	compadd -- all none
}

# PATH:SET and its kin: what comes before the set is completed by $1, if anything can.
_capeasy_limited() {
	if compset -P '*[:=]'; then
		_capeasy_set
	elif [[ $1 == files ]]; then
		_files
	fi
}

_capeasy_call() {
	compadd -M 'm:{A-Z}={a-z}' -- ${(f)"$(capeasy need --list)"}
}

_capeasy_program() {
	_arguments -S --help $@ '(-)1:program: _command_names -e' '*::argument: _normal'
}

_capeasy() {
	local -a subcommands
	local command=$words[2]

	if ((CURRENT == 2)); then
		subcommands=(${(f)"$(capeasy --help | sed -n 's/^  \([a-z]*\) */\1:/p')"})
		_describe command subcommands
		[[ $PREFIX == -* ]] && compadd -- --help --version
		return
	fi
	shift words
	((CURRENT--))
	case $command in
	(allow | diff | rights | show) _arguments --help '*: :_capeasy_set' ;;
	(explain) _arguments --help '*: :_files' ;;
	(need) _arguments --help --freebsd --list '*: :_capeasy_call' ;;
	(run)
		_capeasy_program -L -A '*-a:path:_files' '*-p:path: _capeasy_limited files' '*-l:descriptor: _capeasy_limited' \
			'*-d:directory: _capeasy_limited' '*-b:address: _capeasy_limited' '*-c:address: _capeasy_limited' \
			'*--trace-file:file:_files'
		;;
	(status) _arguments --help '-p:process:_pids' ;;
	(trace)
		_capeasy_program '-o:file:_files' '-p:process:_pids' '--timeout:seconds: ' --c --python --json \
			'--kdump:file:_files'
		;;
	(*) _arguments --help ;;
	esac
}

_capeasy "$@"
