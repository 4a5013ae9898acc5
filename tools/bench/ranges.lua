-- SPDX-License-Identifier: Apache-2.0
-- For wrk: ranges of 1 MiB at random of a file of SR_RANGE_MIB MiB; SR_RANGE_HEADER is the Authorization header.
local threads = 0

function setup(thread)
	threads = threads + 1
	thread:set("seed", threads)
end

function init(args)
	math.randomseed(seed)
	mebibytes = tonumber(os.getenv("SR_RANGE_MIB"))
	authorization = os.getenv("SR_RANGE_HEADER")
end

function request()
	local at = math.random(0, mebibytes - 1) * 1048576
	return wrk.format("GET", nil, {
		["Range"] = string.format("bytes=%d-%d", at, at + 1048575),
		["Authorization"] = authorization,
	})
end
