// Runs a handler of AWS Lambda: node lambda.mjs FILE. Each line of standard input is a list of events, which arrive
// at once; it is answered by a line with what came of each.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL(process.argv[2]));
console.log = console.error;	// a handler's log is not its answer

async function run(event) {
	try {
		return { returned: await handler(event) };
	} catch (error) {
		return { thrown: String(error) };
	}
}

for await (const line of createInterface({ input: process.stdin }))
	process.stdout.write(JSON.stringify(await Promise.all(JSON.parse(line).map(run))) + "\n");
