# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# An appliance that serves a mount, with people of its own (Unix users, so as root): a handler, an archivist, an official
# and two supervisors.  Sourced after lib.sh.

chmod 755 "$work"
# The checkout may lie where they cannot go, in /root.
install -D -m 755 -t "$work/bin" "$SR_BUILD/strongroom" "$SR_BUILD/strongroom-probe"
strongroom=$work/bin/strongroom
# A process that the kernel asks for leaks cannot be traced in its sandbox.
export ASAN_OPTIONS=detect_leaks=0
mnt=$work/mnt
server=
lab_users=()

lab_clean() {
	[ "$BASHPID" = "$$" ] || return
	if [ -n "$server" ]; then
		kill -TERM "$server" 2>/dev/null
		for _ in $(seq 100); do
			kill -0 "$server" 2>/dev/null || break
			sleep 0.05
		done
		kill -9 "$server" 2>/dev/null
	fi
	umount -l "$mnt" 2>/dev/null
	for user in "${lab_users[@]}"; do userdel "$user" 2>/dev/null; done
	rm -rf "$work"
}
trap lab_clean EXIT

# as NAME COMMAND…: as the Unix user of that short name
as() {
	local user=srt-fs$$-$1
	shift
	setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}

# by USER VERB…: a verb as a user with a password
by() {
	local user=$1
	shift
	printf '%s\n' "${passwords[$user]}" | "$strongroom" --as "$user" --password-stdin "$@"
}

declare -A passwords
lab_make() {
	local name role
	"$strongroom" --json init --organ 样例市医疗保障局 --organ-code 000000-YB --escrow-out "$work/escrow" \
		>"$work/init.json" 2>"$work/err" || not_ok "init"
	passwords[security]=$(jq -r '.users[] | select(.user == "security").password' "$work/init.json")
	passwords[auditor]=$(jq -r '.users[] | select(.user == "auditor").password' "$work/init.json")
	for name in owner handler archivist official reader other nobody; do
		useradd --no-create-home --shell /bin/sh "srt-fs$$-$name" || exit 1
		lab_users+=("srt-fs$$-$name")
	done
	for name in handler archivist official reader other; do
		role=$name
		case $name in reader | other) role=supervisor ;; esac
		"$strongroom" user add "$name" --role "$role" --login "srt-fs$$-$name" --full-name "样例$name" --clearance privacy,commercial \
			>"$work/out" 2>"$work/err" || not_ok "user add $name"
		by security user confirm "$name" >"$work/out" 2>"$work/err" || not_ok "user confirm $name"
	done
	mkdir -p "$mnt"
}

# lab_case FOLDER NUMBER: a case that the archivist may seal
lab_case() {
	small_case "$1" "$2"
	chmod -R a+rX "$1"
}

lab_start() {
	chown -R srt-fs$$-owner: "$STRONGROOM_DATA"
	rm -f "$work/serve.err"
	"$strongroom" serve --no-api --mount "$mnt" >"$work/serve.out" 2>"$work/serve.err" &
	server=$!
	until_true 60 grep -q "serving " "$work/serve.err" || not_ok "serve begins: $(cat "$work/serve.err")"
}
lab_stop() {
	kill -TERM "$server"
	wait "$server"
	stopped=$?
	server=
}

# lab_grant READER CASE [DECIDE-OPTIONS…]: a live grant in $grant
lab_grant() {
	local reader=$1 case=$2 request
	shift 2
	request=$(as "$reader" "$strongroom" --json request new --case "$case" --purpose supervision --reason 样例调阅 \
		--channel fs,web 2>"$work/err" | jq -r .request)
	[ -n "$request" ] || {
		not_ok "a request of $case"
		return
	}
	as official "$strongroom" --json decide "$request" approve "$@" >"$work/out" 2>"$work/err" ||
		not_ok "decide $request"
	grant=$(jq -r .grant "$work/out")
}
