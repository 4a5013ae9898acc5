# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the integration scripts share: a folder of their own, "ok" lines, a small valid case.
# A script sources this file, calls `check NAME COMMAND…` or `expect CODE NAME COMMAND…`, and ends with `finish`.

set -uo pipefail
export LC_ALL=C.UTF-8 # for tools that turn names into the locale's characters, as bsdtar does
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SR_BUILD=${SR_BUILD:-$root/build/release}
strongroom=$SR_BUILD/strongroom
# shellcheck disable=SC2034  # for the scripts
fixtures=$root/tests/fixtures
work=$(mktemp -d "${TMPDIR:-/tmp}/strongroom-test-XXXXXX")
trap 'rm -rf "$work"' EXIT
export STRONGROOM_DATA=$work/data
export STRONGROOM_RULEBOOKS=$work/rulebooks # none, unless a script puts some there
failures=0

ok() { echo "ok - $1"; }
not_ok() {
	echo "not ok - $1"
	failures=$((failures + 1))
	show "$work/err"
	show "$work/out"
}
# show FILE: its first lines as comments, or its size where it is no text
show() {
	[ -s "$1" ] || return 0
	if iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 && [ "$(tr -dc '\000' <"$1" | wc -c)" = 0 ]; then
		sed 's/^/#   /' "$1" | head -n 20
	else
		echo "#   $(stat -c %s "$1") bytes that are no text"
	fi
}

# expect CODE NAME COMMAND…: the exit code is CODE; output in $work/out and $work/err
expect() {
	local code=$1 name=$2 got
	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	if [ "$got" = "$code" ]; then
		ok "$name"
	else
		not_ok "$name (exit $got, expected $code)"
		return 1
	fi
}

check() { expect 0 "$@"; }

# says TEXT NAME: the last command's messages hold TEXT
says() {
	if grep -qF -- "$1" "$work/err" || grep -qF -- "$1" "$work/out"; then
		ok "$2"
	else
		not_ok "$2: no '$1'"
	fi
}

# flip FILE OFFSET: one bit of that byte turned over, so that it is another byte whatever it was
flip() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1") || return
	printf '%b' "\\0$(printf %o $((byte ^ 4)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# until_true SECONDS COMMAND…
until_true() {
	local tries=$(($1 * 20))
	shift
	while [ "$tries" -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

# free_port: a port below those that the kernel gives away by itself, so that nobody takes it while our server is down
free_port() {
	local port=$((20000 + $$ % 12000))
	until python3 -c 'import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))' "$port" 2>/dev/null; do port=$((port + 1)); done
	echo "$port"
}

# same_day SECONDS: that many of them are left of Asia/Shanghai's day; else wait for the next day
same_day() {
	local left=$((86400 - ($(date +%s) + 28800) % 86400))
	[ "$left" -ge "$1" ] || sleep "$left"
}

# json FILTER: jq on the last command's standard output
json() { jq -r "$1" "$work/out"; }

# same NAME A B
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else
		not_ok "$1: '$2' is not '$3'"
	fi
}

# vault_is_empty NAME: no archive, no trace of one
vault_is_empty() {
	if [ -z "$(find "$STRONGROOM_DATA/vault" -type f)" ]; then ok "$1"; else
		not_ok "$1: $(find "$STRONGROOM_DATA/vault" -type f)"
	fi
}

# small_case FOLDER NUMBER: a correct case with one document, one explanation and one photograph
small_case() {
	mkdir -p "$1/documents" "$1/media" "$1/explanations"
	printf '%%PDF-1.4\n%% %s\n' "$2" >"$1/documents/001 立案审批表.pdf"
	printf '\xff\xd8\xff\xe0photo of %s' "$2" >"$1/media/现场照片.jpg"
	printf '# 文字说明\n\n虚构样例。\n' >"$1/explanations/现场照片.md"
	jq --arg number "$2" '.number = $number' "$root/tests/integration/small-case.json" >"$1/case.json"
}

new_data() {
	check "init makes a data directory" "$strongroom" --json init --organ 样例市医疗保障局 \
		--organ-code 000000-YB --escrow-out "$work/escrow"
}

# peak COMMAND…: run it and print its peak memory in KiB, its own exit code kept
peak() {
	python3 -c '
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=open(os.environ["PEAK_OUT"], "wb"))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)' "$@"
}

finish() { [ "$failures" = 0 ]; }
