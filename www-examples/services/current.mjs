// A service that verifies access tokens itself and checks the status list, which it fetches every few seconds
// however many tokens come. It learns of a logout within the list's ttl.
//   pintle config express > pintle.mjs
//   PORT=3002 node current.mjs
import express from "express";
import { authenticateToken } from "./pintle.mjs";

const app = express();
app.get("/stock", authenticateToken, (req, res) => res.json({ service: "current", user: req.user.preferred_username }));
app.listen(process.env.PORT, "127.0.0.1");
