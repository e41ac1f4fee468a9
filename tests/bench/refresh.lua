-- wrk's script for refreshes: the token of each answer goes back to the end of the line, so that
-- each is used once. Argument: the file that fill.c writes. An answer without a new token means a
-- row of the rule that writes nothing: it counts as an error, because its session is left out until
-- none remains.
local tokens, devices, head, tail = {}, {}, 1, 0

function init(arguments)
	for line in io.lines(arguments[1]) do
		local refresh, device = line:match("^(%S+) (%S+) ")
		tail = tail + 1
		tokens[tail] = refresh
		devices[refresh:sub(1, 24)] = device
	end
	wrk.method = "POST"
end

function request()
	local token = tokens[head] or "none"
	tokens[head] = nil
	head = head + 1
	return wrk.format(nil, nil, {
		["Cookie"] = "pintle-refresh=" .. token .. "; pintle-device=" .. (devices[token:sub(1, 24)] or "none"),
		["Content-Length"] = "0",
	})
end

function response(status, headers)
	local token = (headers["Set-Cookie"] or ""):match("pintle%-refresh=([^;]+)")
	if token then
		tail = tail + 1
		tokens[tail] = token
	end
end
