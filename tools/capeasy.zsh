#compdef capeasy
# SPDX-License-Identifier: BSD-2-Clause
# Completion for capeasy(1) in zsh.

_capeasy_sets() {
	local -a names
	names=(${(f)"$(capeasy rights | grep '^CAP_')"} all none)
	_values -s , 'set of rights' $names
}

_capeasy() {
	local -a commands options
	local command=$words[2]

	if ((CURRENT == 2)); then
		commands=(${(f)"$(capeasy --help | sed -n 's/^  \([a-z]*\) */\1:/p')"})
		_describe command commands
		return
	fi
	if [[ $PREFIX == -* ]]; then
		options=(--help ${(f)"$(capeasy $command --help | sed -n 's/^  \(--*[a-zA-Z-]*\).*/\1/p')"})
		compadd -- $options
		return
	fi
	case $command in
	(allow | diff | rights | show) _capeasy_sets ;;
	(need) compadd -- ${(f)"$(capeasy need --list)"} ;;
	(run | trace) _normal -p capeasy || _command_names ;;
	(*) _files ;;
	esac
}

_capeasy "$@"
