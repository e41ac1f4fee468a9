-- wrk's script for Express's refreshes. Arguments: the file of tokens; "keep" where a token stays
-- good for ever.
local tokens, head, tail, keeps = {}, 1, 0, false

function init(arguments)
	keeps = arguments[2] == "keep"
	for line in io.lines(arguments[1]) do
		tail = tail + 1
		tokens[tail] = line
	end
	wrk.method = "POST"
end

function request()
	local token = tokens[head] or "none"
	if not keeps then
		tokens[head] = nil
		head = head + 1
	end
	return wrk.format(nil, nil, { ["Cookie"] = "refreshToken=" .. token, ["Content-Length"] = "0" })
end

function response(status, headers)
	local token = (headers["Set-Cookie"] or headers["set-cookie"] or ""):match("refreshToken=([^;]+)")
	if token and not keeps then
		tail = tail + 1
		tokens[tail] = token
	end
end
