-- wrk's script for logins, each as a new device. Argument: how many users there are (u0, u1 and so on).
local users, at = 1, 0

function init(arguments)
	users = tonumber(arguments[1])
	wrk.method = "POST"
	wrk.headers["Content-Type"] = "application/json"
end

function request()
	at = at + 1
	return wrk.format(nil, nil, nil,
	    string.format('{"username":"u%d","password":"correct horse battery staple"}', at % users))
end
