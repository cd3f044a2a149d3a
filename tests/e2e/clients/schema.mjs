// What an editor makes of the JSON Schema: it takes the shipped integrations and refuses damaged ones.
//
//   node schema.mjs ROOT
//
// Exit codes: 0 all as expected; 1 not; 77 the npm packages are not installed.
import assert from "node:assert";
import { readdirSync, readFileSync } from "node:fs";

let Ajv2020;
let parseYaml;
try {
  Ajv2020 = (await import("ajv/dist/2020.js")).default;
  ({ parse: parseYaml } = await import("yaml"));
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.log("skipped: `npm ci` has not been run in this folder");
  process.exit(77);
}

const root = process.argv[2];
const schema = JSON.parse(readFileSync(`${root}/configs/schema/integration.schema.json`));
// Editors' own words (errorMessage) are no part of the standard.
const parse = (text) => parseYaml(text, { stringKeys: true });  // `null: clear` has the key "null"
const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);
const told = () => JSON.stringify(validate.errors?.map((error) => [error.instancePath, error.message, error.params]));

const files = readdirSync(`${root}/configs`).filter((name) => name.endsWith(".yaml"));
assert(files.length >= 5);
for (const name of files) {
  assert(validate(parse(readFileSync(`${root}/configs/${name}`, "utf8"))), `${name}: ${told()}`);
}

const damages = {
  "a key that does not exist": (file) => (file.sync = {}),
  "an option that the source does not have": (file) => (file.source.sites = "acme"),
  "a required option that is missing": (file) => delete file.source.api_key,
  "an option of the wrong type": (file) => (file.source.requests_per_minute = "many"),
  "a value that the destination does not offer": (file) => (file.syncs.customers.write.resubscribe = "sometimes"),
  "an option that the object does not take": (file) => (file.syncs.customers.write.lists = "News"),
  "an option that the stream does not take": (file) => (file.syncs.customers.read.subscriptions = "all"),
  "a policy that does not exist": (file) => (file.syncs.customers.write.on_duplicate = "last"),
};
const text = readFileSync(`${root}/configs/chargebee_to_activecampaign.yaml`, "utf8");
for (const [what, damage] of Object.entries(damages)) {
  const file = parse(text);
  damage(file);
  assert(!validate(file), `${what} was taken`);
}
const referring = parse(text);
referring.source.requests_per_minute = "${LIMIT}";
assert(validate(referring), told());
console.log(`ok: ${files.length} files are taken, ${Object.keys(damages).length} damaged ones refused`);
