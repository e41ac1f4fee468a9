-- wrk's script for access tokens that the worker has not seen: each line's token once, then again
-- from the beginning; with more tokens than verified_tokens, none is remembered when it comes
-- again. Argument: the file that fill.c writes.
local tokens, at = {}, 0

function init(arguments)
	for line in io.lines(arguments[1]) do
		tokens[#tokens + 1] = line:match("^%S+ %S+ (%S+)")
	end
end

function request()
	at = at % #tokens + 1
	return wrk.format(nil, nil, { ["Authorization"] = "Bearer " .. tokens[at] })
end
