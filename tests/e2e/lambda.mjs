// Runs a handler of AWS Lambda: node lambda.mjs FILE. Each line of standard input is a list of
// events, which arrive at once; the answer is a line with the result of each. { "cold": events }
// runs them in an instance that was never asked before.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const program = pathToFileURL(process.argv[2]).href;
const warm = await import(program);
let count = 0;
console.log = console.error;	// a handler's log is not its answer

async function run({ handler }, event) {
	try {
		return { returned: await handler(event) };
	} catch (error) {
		return { thrown: String(error) };
	}
}

for await (const line of createInterface({ input: process.stdin })) {
	const asked = JSON.parse(line);
	const instance = asked.cold ? await import(`${program}?${++count}`) : warm;
	const answers = await Promise.all((asked.cold ?? asked).map((event) => run(instance, event)));
	process.stdout.write(JSON.stringify(answers) + "\n");
}
