// An application of Express behind the printed middleware: node express.mjs FILE. Says its port, and ends with its
// standard input.
import { pathToFileURL } from "node:url";
import express from "express";

const { authenticateToken } = await import(pathToFileURL(process.argv[2]));
const app = express();
app.get("/", authenticateToken, (req, res) => res.json(req.user));
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
