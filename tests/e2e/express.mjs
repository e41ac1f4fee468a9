// An Express application behind the printed middleware: node express.mjs FILE. Prints its port, and
// ends with its standard input. Below /cold each request meets a middleware that was never asked
// before.
import { pathToFileURL } from "node:url";
import express from "express";

const program = pathToFileURL(process.argv[2]).href;
const { authenticateToken } = await import(program);
let count = 0;
const app = express();
app.get("/", authenticateToken, (req, res) => res.json(req.user));
app.get("/cold", async (req, res, next) => (await import(`${program}?${++count}`)).authenticateToken(req, res, next),
	(req, res) => res.json(req.user));
app.use("/all", authenticateToken, (req, res) => res.json({ method: req.method }));
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
