-- For HAProxy 2.6 and newer: asks pintle before a request goes on, and keeps pintle's own cookies from
-- what stands behind. What `pintle config haproxy` prints names this file.

-- Headers of one connection alone, and what only the gateway may say.
local hop = {
	["connection"] = true, ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
	["transfer-encoding"] = true, ["content-length"] = true, ["upgrade"] = true, ["http2-settings"] = true,
	["expect"] = true,
}
local function is_ours(name)
	return name:find("^x%-forwarded%-") or name:find("^x%-original%-") or name == "forwarded"
end

local function fail(txn)
	local reply = txn:reply({ status = 503 })
	reply:add_header("Cache-Control", "no-store")
	reply:set_body("Sign-in is out of order for the moment.\n")
	txn:done(reply)
end

-- What pintle is told: what the client sent but for the body, and beside it what was asked, by whom.
local function question(txn)
	local headers = {}
	local method = txn.f:method()

	for name, values in pairs(txn.http:req_get_headers()) do
		name = name:lower()
		if not hop[name] and not is_ours(name) then
			headers[name] = {}
			for i = 0, #values do
				headers[name][i + 1] = values[i]
			end
		end
	end
	-- A WebSocket opens a channel both ways: no safe request, whatever its method.
	if (txn.sf:req_hdr("upgrade") or ""):lower():find("websocket", 1, true) then
		method = "UPGRADE"
	end
	headers["x-forwarded-method"] = { method }
	headers["x-forwarded-uri"] = { txn.f:pathq() }
	headers["x-forwarded-for"] = { txn.f:src() }
	return headers
end

-- The first value of a header of the answer.
local function said(answer, name)
	local values = answer.headers and answer.headers[name]

	return values and (values[0] or values[1]) or ""
end

-- http-request lua.pintle-ask HOP: goes on with who it is, or answers in the place of what stands behind.
core.register_action("pintle-ask", { "http-req" }, function(txn, where)
	local asked, answer = pcall(function()
		return core.httpclient():get({ url = "http://127.0.0.1/", headers = question(txn), dst = where, timeout = 10000 })
	end)

	if not asked or not answer or not answer.status or answer.status == 0 or answer.status >= 500 then
		return fail(txn)
	end
	if answer.status == 200 and said(answer, "x-auth-reason") == "" then
		for _, name in ipairs({ "x-auth-user", "x-auth-groups", "x-auth-session" }) do
			if said(answer, name) ~= "" then
				txn.http:req_set_header(name, said(answer, name))
			end
		end
		txn:set_var("txn.pintle_by", said(answer, "x-auth-by"))
		return
	end

	local reply = txn:reply({ status = answer.status })

	for name, values in pairs(answer.headers or {}) do
		if not hop[name:lower()] and name:lower() ~= "date" then
			for _, value in pairs(values) do
				reply:add_header(name, value)
			end
		end
	end
	if answer.body then
		reply:set_body(answer.body)
	end
	txn:done(reply)
end, 1)

-- http-request lua.pintle-hide NAME,NAME: takes these cookies out, and leaves all others as they came.
core.register_action("pintle-hide", { "http-req" }, function(txn, names)
	local hidden, lines = {}, txn.http:req_get_headers()["cookie"]

	for name in names:gmatch("[^,]+") do
		hidden[name] = true
	end
	if not lines then
		return
	end
	txn.http:req_del_header("cookie")
	for i = 0, #lines do
		local kept, touched = {}, false

		-- Some fronts join two lines by a comma, with which one of ours may begin too.
		for pair in (lines[i] .. ";"):gmatch("([^;]*);") do
			local others = {}

			for part in (pair .. ","):gmatch("([^,]*),") do
				if hidden[part:match("^%s*([^=%s]*)%s*=") or ""] then
					touched = true
				else
					others[#others + 1] = part
				end
			end
			if #others > 0 then
				kept[#kept + 1] = table.concat(others, ",")
			end
		end

		local line = touched and table.concat(kept, ";"):gsub("^%s+", "") or lines[i]

		if line ~= "" then
			txn.http:req_add_header("cookie", line)
		end
	end
end, 1)
