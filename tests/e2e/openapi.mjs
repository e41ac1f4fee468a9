// Holds doc/openapi.yaml to a linter, and answers to doc/openapi.yaml. node openapi.mjs PAGE lint;
// node openapi.mjs PAGE answers FILE, where each line of the file is one answer as JSON: method,
// path below the mount, status, headers, body. Prints what is wrong, a line each, and counts.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { createConfig, lint } from '@redocly/openapi-core';
import { parse } from 'yaml';

const [page, what, file] = process.argv.slice(2);
const api = parse(readFileSync(page, 'utf8'));
const wrong = new Set();

const resolve = (node) => node?.$ref ? resolve(node.$ref.slice(2).split('/').reduce((at, name) => at[name], api)) : node;

// One operation leads elsewhere, and only that one.
const linted = async () => {
  const config = await createConfig({ extends: ['recommended-strict'], rules: { 'operation-2xx-response': 'off' } });
  for (const { ruleId, message, location } of await lint({ ref: page, config }))
    wrong.add(`${ruleId}: ${message} at ${location?.[0]?.pointer}`);
};

// ---- the operations, by method and path

const patterns = Object.entries(api.paths).map(([path, item]) =>
  [new RegExp('^' + path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+') + '$'), path, item]);
const find = (path) => patterns.find(([pattern]) => pattern.test(path));

const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema({ $id: 'api', components: api.components });
const checks = new Map();
const check = (schema, key) => {
  if (!checks.has(key))
    checks.set(key, ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'))));
  return checks.get(key);
};

const judge = ({ method, path, status, headers, body }) => {
  const found = find(path);
  if (!found)
    return status === 404 ? [] : [`${path} is no path of the page, and answers ${status}`];
  const operation = found[2][method.toLowerCase() === 'head' ? 'get' : method.toLowerCase()];
  if (!operation)
    return method === 'OPTIONS' || [405, 403, 400].includes(status) ? [] : [`${method} ${found[1]} is not in the page, and answers ${status}`];
  const answer = resolve(operation.responses[status]);
  const name = `${method} ${found[1]} ${status}`;
  if (!answer)
    return [`${name}: the status is not in the page`];
  const faults = [];
  const type = headers['content-type']?.split(';')[0];
  if (!headers['cache-control'])
    faults.push(`${name}: no Cache-Control`);
  if (body === '' || method === 'HEAD' || !type)
    return faults;
  const content = answer.content?.[type];
  if (!content)
    return [...faults, `${name}: a body of ${type}`];
  if (type.endsWith('json')) {
    const valid = check(content.schema, JSON.stringify(content.schema));
    if (!valid(JSON.parse(body)))
      faults.push(...valid.errors.map((error) => `${name}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`));
  }
  return faults;
};

if (what === 'lint') {
  await linted();
} else {
  const seen = new Set();
  let count = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line)
      continue;
    const answer = JSON.parse(line);
    count++;
    judge(answer).forEach((fault) => wrong.add(fault));
    seen.add(`${answer.method} ${find(answer.path)?.[1]} ${answer.status}`);
  }
  console.log(`counts: openapi.yaml: ${count} answers held to it, of ${seen.size} kinds`);
}
for (const line of wrong)
  console.log(line);
process.exitCode = wrong.size ? 1 : 0;
