# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# An appliance with people, a sealed case and grants, for scripts that hurt it.  Source lib.sh first.
#   room              $password[…], $case_id, $grant of 样例监督 (channel fs), decided by 样例负责人
#   as USER VERB…     the password is on standard input
#   serve_room        strongroom serve without front ends; $serve is the supervisor
#   keeper_pid        the keeper under it

secret='correct horse 马'
declare -A password

as() {
	local user=$1
	shift
	printf '%s\n' "${password[$user]:-$secret}" | "$strongroom" --as "$user" --password-stdin "$@"
}

add_user() {
	printf '%s\n' "$secret" | "$strongroom" user add "$1" --role "$2" --password-stdin "${@:3}" >"$work/out" 2>"$work/err" ||
		not_ok "user add $1"
	as security user confirm "$1" >"$work/out" 2>"$work/err" || not_ok "user confirm $1"
}

room() {
	local request
	new_data
	for user in security auditor; do
		password[$user]=$(json ".users[] | select(.user == \"$user\") | .password")
	done
	small_case "$work/case" 样医保罚〔2025〕1号
	check "seal the case" "$strongroom" --json seal "$work/case"
	case_id=$(json .case)
	# shellcheck disable=SC2034  # for the scripts
	archive=$(json .archive)
	add_user 样例负责人 official --clearance privacy
	add_user 样例监督 supervisor --clearance privacy
	request=$(as 样例监督 --json request new --case "$case_id" --purpose supervision --reason 年度监督 --channel fs 2>>"$work/err" | jq -r .request)
	grant=$(as 样例负责人 --json decide "$request" approve 2>>"$work/err" | jq -r .grant)
	same "there is a grant" "${grant:0:7}" G00001-
}

serve_room() {
	"$strongroom" serve --no-api --no-fs >"$work/serve.out" 2>"$work/serve.err" &
	serve=$!
	await_room
}

# await_room: until the keeper answers; false after a minute
await_room() {
	python3 - "$STRONGROOM_DATA" <<'PY'
import socket, sys, time
for _ in range(6000):
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[1] + "/run/keeper.sock")
        s.sendall(b'{"method":"org.strongroom.WhoAmI"}\0')
        if s.recv(10):
            sys.exit(0)
    except OSError:
        pass
    time.sleep(0.01)
sys.exit(1)
PY
}

keeper_pid() { pgrep -P "$serve" -f serve-keeper; }

stop_room() {
	kill "$serve" 2>/dev/null
	wait "$serve"
}
